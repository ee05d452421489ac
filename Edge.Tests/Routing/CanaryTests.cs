using System.Net;
using Edge.Config;
using Edge.Routing;

namespace Edge.Tests.Routing;

public class CanaryTests
{
    private static Replica Make(int slot) => new(slot, $"server_{slot}", new IPEndPoint(IPAddress.Loopback, 8000 + slot), weight: 1, loops: 2);

    [Fact]
    public void A_table_has_its_own_replicas_and_those_of_its_canary_but_picks_only_its_own()
    {
        Replica old = Make(0), next = Make(1), other = Make(2);
        var table = new ReplicaTable([old])
        {
            Canary = new Canary(new ReplicaTable([next]), 1000, CanaryBy.Client, new CanaryFigures(loops: 2)),
        };
        Assert.True(table.Has(old));
        Assert.True(table.Has(next));
        Assert.False(table.Has(other));
        Assert.Equal(1, table.Count);
        uint cursor = 0;
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Same(old, table.Pick(ref cursor)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(Canary.Whole + 1)]
    public void A_share_is_one_to_ten_thousand_of_ten_thousand(int share) => Assert.Throws<ArgumentOutOfRangeException>(
        () => new Canary(ReplicaTable.Empty, share, CanaryBy.Request, new CanaryFigures(1)));

    [Fact]
    public void Figures_are_summed_over_the_loops_and_each_side_is_apart()
    {
        var figures = new CanaryFigures(loops: 2);
        for (int loop = 0; loop < 2; loop++)
        {
            figures.Of(loop, CanarySide.Old).Attempts += 100;
            figures.Of(loop, CanarySide.New).Attempts += 10;
            figures.Of(loop, CanarySide.New).Errors += 3;
            figures.Of(loop, CanarySide.New).ClientErrors += 2;
            figures.Of(loop, CanarySide.New).Response.Add(5_000_000);
        }

        CanaryTally old = figures.Read(CanarySide.Old), next = figures.Read(CanarySide.New);
        Assert.Equal((200, 0, 0, 0), (old.Attempts, old.Errors, old.ClientErrors, old.Response.Count));
        Assert.Equal((20, 6, 4, 2), (next.Attempts, next.Errors, next.ClientErrors, next.Response.Count));
        figures.Of(1, CanarySide.New).Attempts++;
        figures.Of(1, CanarySide.New).Response.Add(1);
        CanaryTally since = figures.Read(CanarySide.New).Since(next);
        Assert.Equal((1, 0, 0, 1), (since.Attempts, since.Errors, since.ClientErrors, since.Response.Count));
    }

    [Fact]
    public void Each_deploy_has_its_own_chance_which_clients_go_to_its_canary() =>
        Assert.NotEqual(new CanaryFigures(1).Seed, new CanaryFigures(1).Seed);
}
