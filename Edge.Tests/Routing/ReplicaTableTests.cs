using System.Net;
using System.Runtime.CompilerServices;
using Edge.Config;
using Edge.Routing;

namespace Edge.Tests.Routing;

public class ReplicaTableTests
{
    private static Replica Make(int slot, int weight = 1, int loops = 1) =>
        new(slot, ((char)('a' + slot)).ToString(), new IPEndPoint(IPAddress.Loopback, 8000 + slot), weight, loops);

    private static ReplicaTable Table(params int[] weights) => new([.. weights.Select((w, i) => Make(i, w))]);

    private static string Picks(ReplicaTable table, int count, ref uint cursor)
    {
        string picks = "";
        for (int i = 0; i < count; i++)
        {
            picks += table.Pick(ref cursor)!.Name;
        }

        return picks;
    }

    [Fact]
    public void Replicas_are_picked_by_weight_round_after_round()
    {
        uint cursor = 0;
        Assert.Equal("aabacaa" + "aabacaa" + "aab", Picks(Table(5, 1, 1), 17, ref cursor));
    }

    [Fact]
    public void An_empty_table_picks_nothing()
    {
        uint cursor = 5;
        Assert.Equal(0, ReplicaTable.Empty.Count);
        Assert.True(ReplicaTable.Empty.Replicas.IsEmpty);
        Assert.Null(ReplicaTable.Empty.Pick(ref cursor));
        Assert.Null(ReplicaTable.Empty.PickOther(ref cursor, Make(0)));
        Assert.Equal(5u, cursor);
        Assert.Equal(0u, ReplicaTable.Empty.StaggeredStart(3, 4));
    }

    [Fact]
    public void The_table_does_not_change_with_the_list_it_was_made_from()
    {
        var list = new List<Replica> { Make(0), Make(1) };
        var table = new ReplicaTable(list);
        list.Clear();
        uint cursor = 0;
        Assert.Equal("abab", Picks(table, 4, ref cursor));
        Assert.Equal(2, table.Count);
        Assert.Equal("b", table.Replicas[1].Name);
    }

    [Fact]
    public void The_one_that_failed_is_passed_over()
    {
        ReplicaTable table = Table(5, 1, 1);
        Replica failed = table.Replicas[0];
        for (uint start = 0; start < 7; start++)
        {
            uint cursor = start;
            Replica other = table.PickOther(ref cursor, failed)!;
            Assert.NotSame(failed, other);
        }

        uint first = 0;
        Assert.Equal("b", table.PickOther(ref first, failed)!.Name);
        Assert.Equal("c", table.PickOther(ref first, failed)!.Name);
        Assert.Equal("b", table.PickOther(ref first, failed)!.Name);
        Assert.Equal("a", table.PickOther(ref first, table.Replicas[1])!.Name);
    }

    [Fact]
    public void The_one_that_failed_is_picked_again_where_it_is_alone()
    {
        ReplicaTable table = Table(7);
        uint cursor = 0;
        Assert.Same(table.Replicas[0], table.PickOther(ref cursor, table.Replicas[0]));
    }

    [Fact]
    public void A_failed_replica_that_is_not_in_the_table_any_more_costs_no_other_its_turn()
    {
        ReplicaTable table = Table(1, 1, 1);
        uint cursor = 1;
        Assert.Equal("b", table.PickOther(ref cursor, Make(1))!.Name);
        Assert.Equal(2u, cursor);
    }

    [Fact]
    public void The_round_goes_on_over_a_swap()
    {
        uint cursor = 0;
        Assert.Equal("abcd", Picks(Table(1, 1, 1, 1), 4, ref cursor));
        cursor = 2;
        Assert.Equal("cdea", Picks(Table(1, 1, 1, 1, 1), 4, ref cursor));
    }

    [Fact]
    public void Any_cursor_fits_any_table()
    {
        var random = new Random(3);
        var cell = new RoutingTableCell(new ServiceOptions());
        Assert.Same(ReplicaTable.Empty, cell.Current.Entries[0]!.Table);
        uint cursor = uint.MaxValue;
        for (int round = 0; round < 500; round++)
        {
            int[] weights = [.. Enumerable.Range(0, random.Next(0, 6)).Select(_ => random.Next(1, 9))];
            cell.Publish(Service.Default, Table(weights));
            ReplicaTable table = cell.Current.Entries[0]!.Table;
            for (int i = random.Next(40); i > 0; i--)
            {
                Replica? picked = random.Next(3) == 0 && table.Count > 0
                    ? table.PickOther(ref cursor, table.Replicas[random.Next(table.Count)])
                    : table.Pick(ref cursor);
                Assert.Equal(table.Count == 0, picked is null);
            }

            if (random.Next(20) == 0)
            {
                cursor = (uint)random.NextInt64(uint.MaxValue + 1L);
            }
        }
    }

    [Fact]
    public void From_any_cursor_one_period_has_exact_shares()
    {
        ReplicaTable table = Table(5, 2, 3);
        for (uint start = 0; start < 12; start++)
        {
            uint cursor = start;
            string picks = Picks(table, 10, ref cursor);
            Assert.Equal((5, 2, 3), (picks.Count(c => c == 'a'), picks.Count(c => c == 'b'), picks.Count(c => c == 'c')));
        }
    }

    [Fact]
    public void Loops_start_at_different_places()
    {
        ReplicaTable four = Table(1, 1, 1, 1);
        Assert.Equal([0u, 1u, 2u, 3u], Enumerable.Range(0, 4).Select(l => four.StaggeredStart(l, 4)));
        Assert.Equal([0u, 2u], Enumerable.Range(0, 2).Select(l => four.StaggeredStart(l, 2)));
        Assert.Equal([0u, 0u, 1u, 1u, 2u, 2u, 3u, 3u], Enumerable.Range(0, 8).Select(l => four.StaggeredStart(l, 8)));
        Assert.Equal(0u, four.StaggeredStart(0, 0));
        Assert.All(Enumerable.Range(0, Limits.Loops), l => Assert.True(four.StaggeredStart(l, Limits.Loops) < 4));
    }

    [Fact]
    public void Counters_are_summed_over_the_loops()
    {
        Replica replica = Make(3, loops: 4);
        for (int loop = 0; loop < 4; loop++)
        {
            ref ReplicaCounters counters = ref replica.CountersOf(loop);
            counters.InFlight += loop;
            counters.Requests += 10 * loop;
            counters.Failures += 100 * loop;
        }

        // One loop may end what it never began only together with another: the sum counts.
        replica.CountersOf(0).InFlight--;
        Assert.Equal(new ReplicaTotals(5, 60, 600), replica.Totals());
        Assert.Equal(new ReplicaTotals(0, 0, 0), Make(3, loops: 2).Totals());
    }

    [Fact]
    public void Counters_of_two_loops_do_not_share_a_cache_line()
    {
        // Side by side in an array: what the first one ends with and the second one begins with are a line apart at least.
        var counters = new ReplicaCounters();
        nint padding = Unsafe.ByteOffset(ref Unsafe.As<ReplicaCounters, long>(ref counters), ref counters.InFlight);
        Assert.InRange(padding, 64, Unsafe.SizeOf<ReplicaCounters>());
    }

    [Fact]
    public void A_replica_has_what_it_was_made_from()
    {
        Replica replica = Make(2, weight: 9);
        Assert.Equal((2, "c", 9), (replica.Slot, replica.Name, replica.Weight));
        Assert.Equal("X-Edge-Replica: c\r\n"u8, replica.HeaderLine);
        Assert.Equal("c at 127.0.0.1:8002", replica.ToString());
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(Limits.Replicas, 1)]
    [InlineData(0, 0)]
    [InlineData(0, -1)]
    [InlineData(0, Limits.WeightAtMost + 1)]
    public void A_slot_or_weight_out_of_bounds_is_refused(int slot, int weight) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(slot, weight));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(Limits.Replicas - 1, Limits.WeightAtMost)]
    public void The_bounds_themselves_are_fine(int slot, int weight) => Assert.Equal(slot, Make(slot, weight).Slot);
}
