using Edge.Fleet;
using Edge.Routing;
using Edge.Telemetry;
using Edge.Tests.Backends;

namespace Edge.Tests.Fleet;

public sealed class DrillTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_drill_measures_until_the_replica_is_back(bool freeze)
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync();
        fleet.Plane.Seen = new ClientView(10, 2, 0, 30);
        fleet.Driver.OnFault = (name, _) =>
        {
            fleet.Time.Advance(TimeSpan.FromMilliseconds(20));
            fleet.Driver.Kill(name);
            return Task.CompletedTask;
        };
        Task<(DrillOutcome? Outcome, CallRefusal? Refusal)> drill = New(fleet).RunAsync("server_2", freeze ? ReplicaFault.Freeze : ReplicaFault.Kill);
        await fleet.Journal.WaitAsync($"{(freeze ? ReplicaFault.Freeze : ReplicaFault.Kill)} server_2");
        await Quiet.UntilAsync(() => fleet.Manager.Snapshot.Replicas.Single(r => r.Name == "server_2").State == ReplicaState.Gone, "it is gone");
        await fleet.RespawnPlannedAsync();
        fleet.Time.Advance(TimeSpan.FromSeconds(2));
        (DrillOutcome? outcome, CallRefusal? refusal) = await drill.WaitAsync(Patience);
        Assert.Null(refusal);
        Assert.Equal((20, 2020), ((int)outcome!.Noticed!.Value.TotalMilliseconds, (int)outcome.Healed!.Value.TotalMilliseconds));
        Assert.Equal(new ClientView(10, 2, 0, 30), outcome.Clients);
    }

    [Fact]
    public async Task A_drill_ends_after_its_patience_if_the_replica_does_not_come_back()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync();
        Task<(DrillOutcome? Outcome, CallRefusal? Refusal)> drill = New(fleet).RunAsync("server_2", ReplicaFault.Freeze);
        await fleet.Journal.WaitAsync($"timer {Drill.Patience.TotalSeconds}");
        fleet.Time.Advance(Drill.Patience);
        (DrillOutcome? outcome, _) = await drill.WaitAsync(Patience);
        Assert.Equal((null, null), (outcome!.Noticed, outcome.Healed));
    }

    [Fact]
    public async Task A_drill_ends_when_its_replica_is_removed()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync();
        Task<(DrillOutcome? Outcome, CallRefusal? Refusal)> drill = New(fleet).RunAsync("server_2", ReplicaFault.Freeze);
        await fleet.Journal.WaitAsync("Freeze server_2");
        await fleet.RemoveAsync(1, "server_2");
        (DrillOutcome? outcome, _) = await drill.WaitAsync(Patience);
        Assert.NotNull(outcome!.Noticed);
        Assert.Null(outcome.Healed);
    }

    [Theory]
    [InlineData("nobody", 3, true, "Unknown")]
    [InlineData("server_1", 1, true, "Conflict")]
    [InlineData("server_1", 3, false, "Conflict")]
    public async Task A_drill_is_refused_if_it_would_show_nothing(string name, int replicas, bool owned, string kind)
    {
        await using FleetFixture fleet = owned ? await FleetFixture.StartAsync(replicas) : new FleetFixture(replicas, owned: false);
        (_, CallRefusal? refusal) = await New(fleet).RunAsync(name, ReplicaFault.Kill);
        Assert.Equal(kind, refusal!.Kind.ToString());
    }

    [Fact]
    public async Task Only_one_drill_runs_at_a_time()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync();
        Drill drill = New(fleet);
        Task<(DrillOutcome?, CallRefusal?)> first = drill.RunAsync("server_1", ReplicaFault.Freeze);
        await fleet.Journal.WaitAsync("Freeze server_1");
        (_, CallRefusal? refusal) = await drill.RunAsync("server_2", ReplicaFault.Kill);
        Assert.Equal("another drill is under way", refusal!.Message);
        await fleet.RemoveAsync(1, "server_1");
        await first.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_drill_is_refused_if_the_driver_cannot_make_the_replica_fail()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync();
        fleet.Driver.OnFault = (_, _) => throw new DriverException(DriverFailure.Failed, "it is not there");
        Drill drill = New(fleet);
        (_, CallRefusal? refusal) = await drill.RunAsync("server_1", ReplicaFault.Kill);
        Assert.Equal("'server_1' could not be made to fail: it is not there", refusal!.Message);

        // And it is over with that.
        (_, refusal) = await drill.RunAsync("server_1", ReplicaFault.Kill);
        Assert.Equal(CallRefusalKind.Failed, refusal!.Kind);
    }

    private static Drill New(FleetFixture fleet) => new(fleet.Manager, fleet.Driver, fleet.Plane, fleet.Time, new Log(fleet.LogText, fleet.Time));
}
