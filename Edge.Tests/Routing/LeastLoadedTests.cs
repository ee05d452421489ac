using System.Net;
using Edge.Config;
using Edge.Routing;

namespace Edge.Tests.Routing;

public class LeastLoadedTests
{
    private const int Loop = 1;

    [Theory]
    [InlineData("abcabcabc", 1, 1, 1)]
    [InlineData("aabacaaaabacaa", 5, 1, 1)]
    [InlineData("abacaabaca", 3, 1, 1)]
    public void Without_load_each_has_its_turn_by_weight(string expected, params int[] weights)
    {
        var fleet = new Fleet(weights);
        Assert.Equal(expected, string.Concat(Enumerable.Range(0, expected.Length).Select(_ => fleet.Pick().Name)));
    }

    // Of equal weights the one with the fewest; else the one that is furthest below its share of all, rounded up. Of those that are
    // equal, the next in the weighted order from the cursor on.
    [Theory]
    [InlineData("a", "1 1 1", "0 0 0", 0)]
    [InlineData("b", "1 1 1", "0 0 0", 1)]
    [InlineData("a", "1 1 1", "0 1 1", 2)]
    [InlineData("c", "1 1 1", "2 1 1", 2)]
    [InlineData("b", "1 1 1", "2 1 1", 0)]
    [InlineData("b", "7 7 7", "9 3 8", 0)]
    [InlineData("a", "5 1 1", "1 0 0", 0)]
    [InlineData("a", "5 1 1", "2 0 0", 0)]
    [InlineData("b", "5 1 1", "4 0 0", 0)]
    [InlineData("b", "5 1 1", "9 0 0", 0)]
    [InlineData("c", "5 1 1", "5 1 0", 0)]
    [InlineData("a", "5 1 1", "0 1 1", 2)]
    [InlineData("b", "10 10 1", "1 0 0", 0)]
    [InlineData("a", "10 10 1", "1 1 0", 0)]
    [InlineData("a", "100 1", "50 0", 0)]
    [InlineData("b", "100 1", "101 0", 0)]
    public void The_one_with_the_least_to_do_for_its_weight_is_picked(string expected, string weights, string loads, uint cursor)
    {
        var fleet = new Fleet(Numbers(weights)) { Cursor = cursor };
        int[] has = Numbers(loads);
        for (int i = 0; i < has.Length; i++)
        {
            fleet.Replicas[i].CountersOf(Loop).InFlight = has[i];

            // What other loops have is not looked at.
            fleet.Replicas[i].CountersOf(0).InFlight = 1_000_000 - (1_000 * has[i]);
        }

        Assert.Equal(expected, fleet.Pick().Name);
    }

    [Fact]
    public void A_penalty_counts_as_a_request_in_flight()
    {
        var fleet = new Fleet(1, 1);
        fleet.Replicas[0].CountersOf(Loop).Held = 2;
        fleet.Replicas[1].CountersOf(Loop).InFlight = 1;
        Assert.Equal("b", fleet.Pick().Name);
        fleet.Replicas[0].CountersOf(Loop).Held = 0;
        Assert.Equal("a", fleet.Pick().Name);
    }

    [Theory]
    [InlineData("1 1")]
    [InlineData("1 1 1")]
    [InlineData("5 1 1")]
    [InlineData("1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1")]
    [InlineData("1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1")]
    [InlineData("90 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1")]
    public void The_one_that_failed_is_passed_over_however_little_it_has_to_do(string weights)
    {
        var fleet = new Fleet(Numbers(weights));
        Array.ForEach(fleet.Replicas[1..], r => r.CountersOf(Loop).InFlight = 50);
        for (int i = 0; i < 200; i++)
        {
            Assert.NotSame(fleet.Replicas[0], fleet.Pick(failed: fleet.Replicas[0]));
        }
    }

    [Fact]
    public void The_one_that_failed_is_picked_again_where_it_is_alone()
    {
        var fleet = new Fleet(3);
        Assert.Same(fleet.Replicas[0], fleet.Pick(failed: fleet.Replicas[0]));
        Assert.Null(new Fleet().Table.PickLessLoaded(ref fleet.Cursor, ref fleet.Random, Loop, null));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(200)]
    public void The_two_that_are_drawn_of_many_are_never_the_same(int weight)
    {
        int[] weights = [weight, .. Enumerable.Repeat(1, Limits.ComparedReplicas)];
        var fleet = new Fleet(weights);
        fleet.Replicas[0].CountersOf(Loop).InFlight = 1_000_000;
        for (int i = 0; i < 5_000; i++)
        {
            Assert.NotSame(fleet.Replicas[0], fleet.Pick());
        }
    }

    [Fact]
    public void Of_many_one_that_has_much_to_do_is_left_alone_and_one_that_has_nothing_is_found()
    {
        var fleet = new Fleet([.. Enumerable.Repeat(1, 64)]);
        Array.ForEach(fleet.Replicas, r => r.CountersOf(Loop).InFlight = 3);
        fleet.Replicas[9].CountersOf(Loop).InFlight = 100;
        fleet.Replicas[20].CountersOf(Loop).InFlight = 0;
        Replica[] picks = [.. Enumerable.Range(0, 6_400).Select(_ => fleet.Pick())];
        Assert.DoesNotContain(fleet.Replicas[9], picks);

        // Its own turn, and whenever it is the second of the two: twice what it had in turn.
        Assert.InRange(picks.Count(p => p == fleet.Replicas[20]), 150, 250);
    }

    // Requests under way one after the other from so many clients, each for a time that chance decides, of replicas that are equally fast.
    [Theory]
    [InlineData("1 1 1", 1)]
    [InlineData("1 1 1", 20)]
    [InlineData("5 1 1", 1)]
    [InlineData("5 1 1", 2)]
    [InlineData("5 1 1", 5)]
    [InlineData("5 1 1", 10)]
    [InlineData("5 1 1", 20)]
    [InlineData("5 1 1", 64)]
    [InlineData("100 1", 3)]
    [InlineData("10 10 1", 7)]
    [InlineData("256 255 7 1", 12)]
    [InlineData("5 3 2 2 1 1 1 1", 2)]
    [InlineData("5 3 2 2 1 1 1 1", 30)]
    [InlineData("9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 1", 40)]
    [InlineData("5 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", 1)]
    [InlineData("5 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", 40)]
    public void Weights_hold_under_any_load(string weights, int clients)
    {
        var fleet = new Fleet(Numbers(weights));
        var random = new Random(clients);
        var ends = new PriorityQueue<Replica, double>();
        const int Requests = 60_000;
        int[] served = new int[fleet.Replicas.Length];
        double now = 0;
        for (int i = 0; i < Requests; i++)
        {
            if (ends.Count == clients && ends.TryDequeue(out Replica? done, out now))
            {
                done.CountersOf(Loop).InFlight--;
            }

            Replica picked = fleet.Pick();
            picked.CountersOf(Loop).InFlight++;
            served[picked.Slot]++;
            ends.Enqueue(picked, now - Math.Log(1 - random.NextDouble()));
        }

        // Of two requests none gets both for a weight of 5 in 16, while others have nothing to do.
        double off = clients == 2 ? 0.04 : 0.02;
        int[] shares = Numbers(weights);
        for (int i = 0; i < shares.Length; i++)
        {
            double expected = (double)shares[i] / shares.Sum(), was = (double)served[i] / Requests;
            TestContext.Current.TestOutputHelper!.WriteLine(FormattableString.Invariant($"{i}: {was:0.0000} of {expected:0.0000}"));
            Assert.InRange(was, expected - off, expected + off);
        }
    }

    [Fact]
    public void One_that_is_slow_has_as_many_in_flight_as_the_others_and_so_fewer_requests()
    {
        var fleet = new Fleet(1, 1, 1, 1);
        var ends = new PriorityQueue<Replica, double>();
        int[] served = new int[4];
        double now = 0;
        for (int i = 0; i < 20_000; i++)
        {
            if (ends.Count == 12 && ends.TryDequeue(out Replica? done, out now))
            {
                done.CountersOf(Loop).InFlight--;
            }

            Replica picked = fleet.Pick();
            Assert.InRange(++picked.CountersOf(Loop).InFlight, 1, 3);
            served[picked.Slot]++;
            ends.Enqueue(picked, now + (picked.Slot == 0 ? 3 : 1) + (i % 7 * 0.01));
        }

        Assert.InRange(served[0], 1_900, 2_100);
    }

    private static int[] Numbers(string text) => [.. text.Split(' ').Select(int.Parse)];

    private sealed class Fleet
    {
        internal uint Cursor;
        internal uint Random = 12345;

        internal Fleet(params int[] weights)
        {
            Replicas = [.. weights.Select(
                (w, i) => new Replica(i, $"{(char)('a' + i)}", new IPEndPoint(IPAddress.Loopback, 8000 + i), Math.Min(w, Limits.WeightAtMost), 2))];
            Table = new ReplicaTable(Replicas, weights);
        }

        internal Replica[] Replicas { get; }

        internal ReplicaTable Table { get; }

        internal Replica Pick(Replica? failed = null) => Table.PickLessLoaded(ref Cursor, ref Random, Loop, failed)!;
    }
}
