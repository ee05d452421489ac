using Edge.Fleet;

namespace Edge.Tests.Fleet;

public sealed class ReplicaLifeTests
{
    // One row a state, one column an event, in the order of the enums; a dash is a refusal.
    private static readonly string[] Rows =
    [
        //           Passed  Failed    Died Remove   Stopped StoppedFromOutside Kept
        "Starting:   Healthy -         Gone Draining -       Stopped            Kept",
        "Healthy:    -       Unhealthy Gone Draining -       Stopped            -",
        "Unhealthy:  Healthy -         Gone Draining -       Stopped            -",
        "Draining:   -       -         Gone -        Gone    -                  Kept",
        "Gone:       -       -         -    -        -       Stopped            Kept",
        "Stopped:    -       -         -    -        -       -                  -",
        "Kept:       -       -         -    -        -       -                  -",
    ];

    public static TheoryData<string, string, string> Pairs()
    {
        var pairs = new TheoryData<string, string, string>();
        foreach (string row in Rows)
        {
            string[] cells = row.Replace(":", "", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            foreach ((ReplicaEvent happened, string next) in Enum.GetValues<ReplicaEvent>().Zip(cells.Skip(1)))
            {
                pairs.Add(cells[0], happened.ToString(), next);
            }
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Each_event_leads_from_each_state_where_the_table_says(string state, string happened, string next)
    {
        ReplicaState? expected = next == "-" ? null : Enum.Parse<ReplicaState>(next);
        Assert.Equal(expected, ReplicaLife.Next(Enum.Parse<ReplicaState>(state), Enum.Parse<ReplicaEvent>(happened)));
    }

    [Fact]
    public void The_table_has_every_pair() =>
        Assert.Equal(Enum.GetValues<ReplicaState>().Length * Enum.GetValues<ReplicaEvent>().Length, Pairs().Count);

    [Fact]
    public void A_refused_event_changes_nothing()
    {
        var life = new Incarnation(DateTimeOffset.UnixEpoch, "new", TestContext.Current.CancellationToken);
        Assert.False(life.Move(ReplicaEvent.Failed, "no", DateTimeOffset.UnixEpoch.AddDays(1)));
        Assert.Equal(ReplicaState.Starting, life.State);
        Assert.Equal("new", life.Why);
        Assert.Equal(DateTimeOffset.UnixEpoch, life.Since);
    }
}
