using System.Net;
using Edge.Balancing;
using Edge.Options;

namespace Edge.Tests.Balancing;

public class ReplicaTableTests
{
    [Fact]
    public void A_round_goes_on_over_a_swap()
    {
        Replica a = New(0, "a"), b = New(1, "b"), c = New(2, "c");
        var three = new ReplicaTable([a, b, c]);
        var two = new ReplicaTable([a, b]);
        uint cursor = 0;
        Assert.Equal([a, b, c, a], Enumerable.Range(0, 4).Select(_ => three.Pick(ref cursor)!));
        Assert.Equal([b, a, b], Enumerable.Range(0, 3).Select(_ => two.Pick(ref cursor)!));
        cursor = uint.MaxValue;
        Assert.Equal([a, b, c], Enumerable.Range(0, 3).Select(_ => three.Pick(ref cursor)!));
    }

    [Fact]
    public void An_empty_table_has_nobody_to_pick()
    {
        uint cursor = 5;
        Assert.Null(ReplicaTable.Empty.Pick(ref cursor));
        Assert.Null(ReplicaTable.Empty.PickOther(ref cursor, New(0, "a")));
        Assert.Equal(0u, ReplicaTable.Empty.StaggeredStart(1, 2));
    }

    [Fact]
    public void Another_is_picked_than_the_one_that_failed_unless_it_is_the_only_one()
    {
        Replica heavy = New(0, "heavy", 100), light = New(1, "light");
        var table = new ReplicaTable([heavy, light]);
        for (uint start = 0; start < 101; start++)
        {
            uint cursor = start;
            Assert.Same(light, table.PickOther(ref cursor, heavy));
        }

        uint alone = 0;
        Assert.Same(heavy, new ReplicaTable([heavy]).PickOther(ref alone, heavy));
    }

    [Fact]
    public void Loops_begin_at_different_replicas()
    {
        var table = new ReplicaTable([New(0, "a"), New(1, "b"), New(2, "c"), New(3, "d")]);
        Assert.Equal([0u, 1u, 2u, 3u], Enumerable.Range(0, 4).Select(i => table.StaggeredStart(i, 4)));
    }

    [Fact]
    public void The_cell_shows_the_last_table_that_was_put_in()
    {
        var cell = new ReplicaTableCell();
        Assert.Same(ReplicaTable.Empty, cell.Current);
        var table = new ReplicaTable([New(0, "a")]);
        cell.Swap(table);
        Assert.Same(table, cell.Current);
    }

    [Fact]
    public void A_replicas_counters_are_summed_over_the_loops()
    {
        Replica replica = New(0, "a", loops: 3);
        for (int loop = 0; loop < 3; loop++)
        {
            replica.CountersOf(loop).InFlight = loop;
            replica.CountersOf(loop).Requests = 10 * loop;
            replica.CountersOf(loop).Failures = 100 * loop;
        }

        Assert.Equal(new ReplicaTotals(3, 30, 300), replica.Totals());
        Assert.Equal("X-Edge-Replica: a\r\n"u8.ToArray(), replica.HeaderLine);
    }

    [Fact]
    public void A_replica_outside_of_the_limits_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => New(Limits.Replicas, "a"));
        Assert.Throws<ArgumentOutOfRangeException>(() => New(-1, "a"));
        Assert.Throws<ArgumentOutOfRangeException>(() => New(0, "a", 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => New(0, "a", Limits.WeightAtMost + 1));
    }

    private static Replica New(int slot, string name, int weight = 1, int loops = 1) =>
        new(slot, name, new IPEndPoint(IPAddress.Loopback, 1), weight, loops);
}
