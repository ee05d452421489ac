using Edge.Fleet;
using Edge.Routing;

namespace Edge.Tests.Fleet;

public sealed class AutoscalerTests
{
    private static readonly ScaleRules s_rules = new(Minimum: 1, Maximum: 40)
    {
        InFlight = 20,
        Percent = 70,
        Window = TimeSpan.FromSeconds(60),
        Burst = TimeSpan.FromSeconds(6),
        Starting = 2,
        Down = TimeSpan.FromMinutes(5),
    };

    [Theory]
    [InlineData(10, 0.1, 1, "needs 1: 1 in flight over 60 s, 14 a replica")]
    [InlineData(140, 0.1, 1, "needs 1: 14 in flight over 60 s, 14 a replica")]
    [InlineData(620, 0.1, 5, "needs 5: 62 in flight over 60 s, 14 a replica")]
    [InlineData(31, 2, 5, "needs 5: 62 in flight over 60 s, 14 a replica")]
    [InlineData(4, 0.2, 1, "needs 1: 0.8 in flight over 60 s, 14 a replica")]
    internal void A_steady_load_needs_what_it_has_in_flight_shared_among_replicas(double perSecond, double seconds, int target, string why)
    {
        var world = new World(s_rules) { Ready = target };
        world.Run(120, perSecond, seconds);
        Assert.Equal((target, why), (world.Last.Target, world.Last.Why));
        Assert.Equal(0, world.Started);
        Assert.Equal(0, world.Ended);
    }

    [Theory]
    [InlineData(3, 40, 3, "needs 1, and has at least 3: 1 in flight over 60 s, 14 a replica")]
    [InlineData(0, 40, 1, "needs 1: 1 in flight over 60 s, 14 a replica")]
    internal void There_are_never_fewer_than_the_minimum_and_never_none(int minimum, int maximum, int target, string why)
    {
        var world = new World(s_rules with { Minimum = minimum, Maximum = maximum }) { Ready = 1 };
        world.Run(90, 10, 0.1);
        Assert.Equal((target, why), (world.Last.Target, world.Last.Why));
        Assert.Equal(target, world.Ready);
    }

    [Fact]
    public void There_are_never_more_than_the_maximum()
    {
        var world = new World(s_rules with { Maximum = 4 }) { Ready = 4 };
        world.Run(90, 700, 0.1);
        Assert.Equal("needs 5, and may have 4: 70 in flight over 60 s, 14 a replica", world.Last.Why);
        Assert.Equal((4, 0), (world.Last.Target, world.Started));
    }

    [Fact]
    public void A_service_that_nobody_asks_still_has_one()
    {
        var world = new World(s_rules with { Minimum = 0 }) { Ready = 1 };
        world.Run(90, 0, 0.1);
        Assert.Equal((1, "needs 0, and has at least 1: 0 in flight over 60 s, 14 a replica"), (world.Last.Target, world.Last.Why));
    }

    [Fact]
    public void What_a_call_removed_is_made_again_after_that_if_it_is_needed()
    {
        var world = new World(s_rules) { Ready = 5 };
        world.Run(120, 590, 0.1);
        world.Call(-2);
        world.Run(298, 590, 0.1);
        Assert.Equal(0, world.Started);
        world.Run(5, 590, 0.1);
        Assert.Equal(5, world.Ready);
    }

    [Fact]
    public void A_sudden_load_is_seen_in_seconds_and_two_are_started_at_a_time()
    {
        var world = new World(s_rules) { Ready = 1, StartTakes = int.MaxValue };
        world.Run(120, 100, 0.1);
        Assert.Equal(0, world.Started);
        world.Run(2, 1000, 0.1);
        Assert.Equal(2, world.Started);
        Assert.Matches("^starts [0-9]+ more when one of the 2 that are starting is up$", world.Last.Next);
        world.Run(5, 1000, 0.1);
        Assert.InRange(world.Last.Target, 8, 16);
        Assert.Equal(2, world.Started);
    }

    [Fact]
    public void What_a_sudden_load_needed_stays_for_the_window()
    {
        var world = new World(s_rules) { Ready = 1 };
        world.Run(120, 100, 0.1);
        world.Run(10, 1000, 0.1);
        world.Run(40, 100, 0.1);
        Assert.Equal(8, world.Last.Target);
        Assert.StartsWith("needs 8: so many were needed within the last 60 s; ", world.Last.Why);
        world.Run(60, 100, 0.1);
        Assert.Equal(1, world.Last.Target);
        Assert.Equal(0, world.Ended);
    }

    [Fact]
    public void One_is_ended_when_fewer_were_enough_for_five_minutes_and_then_one_each_half_minute()
    {
        var world = new World(s_rules) { Ready = 5 };
        world.Run(60, 620, 0.1);
        world.Run(290, 100, 0.1);
        Assert.Equal(0, world.Ended);
        Assert.Equal("ends one when fewer than 5 have been enough for 5 min", world.Last.Next);
        List<int> ends = [];
        for (int second = 0; second < 300; second++)
        {
            int before = world.Ended;
            world.Run(1, 100, 0.1);
            if (world.Ended > before)
            {
                ends.Add(second);
            }
        }

        Assert.Equal(4, ends.Count);
        Assert.All(ends.Zip(ends.Skip(1)), pair => Assert.Equal(30, pair.Second - pair.First));
        Assert.Equal(1, world.Ready);
    }

    [Fact]
    public void Nothing_is_ended_in_the_first_five_minutes_because_nobody_knows_what_was_before()
    {
        var world = new World(s_rules) { Ready = 5 };
        world.Run(299, 10, 0.1);
        Assert.Equal(0, world.Ended);
        world.Run(10, 10, 0.1);
        Assert.Equal(1, world.Ended);
    }

    [Fact]
    public void Requests_that_wait_need_more_until_they_are_worked_off()
    {
        var world = new World(s_rules) { Ready = 1 };
        world.Run(90, 100, 0.1);
        world.Waiting = 3000;
        world.Run(1, 100, 0.1);

        // Each works off 140 a second; 100 a second come, and 3,000 are to be gone in 5 s.
        Assert.Equal((5, "needs 5: 3000 wait, to be worked off within 5 s beside 100 more a second"), (world.Last.Target, world.Last.Why));
    }

    [Fact]
    public void Requests_that_wait_need_no_more_where_they_are_gone_before_another_one_is_up()
    {
        var world = new World(s_rules) { Ready = 1, StartTime = 40 };
        world.Run(90, 100, 0.1);
        world.Waiting = 1500;
        world.Run(1, 100, 0.1);
        Assert.Equal(1, world.Last.Target);
        world.Waiting = 1700;
        world.Run(1, 100, 0.1);
        Assert.Equal(2, world.Last.Target);
    }

    [Fact]
    public void A_queue_inside_of_a_replica_is_no_load_but_a_queue()
    {
        // A replica that works at 20 at a time, each for 100 ms, and gets 300 a second: 100 a second more queue up inside of it.
        var world = new World(s_rules with { Maximum = 100 }) { Ready = 1, StartTakes = int.MaxValue };
        world.Run(60, 100, 0.1);
        world.Run(20, 300, 0.1);

        // Not 2,000 divided by 14: three for the load of 30, and more only because 2,000 wait.
        Assert.Equal("needs 5: 1950 wait, to be worked off within 5 s beside 300 more a second", world.Last.Why);
    }

    [Fact]
    public void What_a_call_added_is_not_ended_for_five_minutes()
    {
        var world = new World(s_rules) { Ready = 1 };
        world.Run(400, 10, 0.1);
        world.Call(+2);
        world.Run(295, 10, 0.1);
        Assert.Equal((0, 3), (world.Ended, world.Ready));
        Assert.Equal("ends none of those that a call added for 5 min", world.Last.Next);
        world.Run(60, 10, 0.1);
        Assert.Equal(1, world.Ready);
    }

    [Fact]
    public void What_a_call_removed_is_not_made_again_for_five_minutes_but_a_larger_load_gets_more()
    {
        var world = new World(s_rules) { Ready = 5 };
        world.Run(120, 590, 0.1);
        world.Call(-2);
        world.Run(60, 590, 0.1);
        Assert.Equal((5, 0, 3), (world.Last.Target, world.Started, world.Ready));
        world.Run(60, 720, 0.1);
        Assert.True(world.Ready > 3);
        world.Call(-1);
        int left = world.Ready;
        world.Run(299, 10, 0.1);
        Assert.Equal(left, world.Ready);
    }

    [Fact]
    public void In_a_rest_nothing_is_started_or_ended_and_the_reason_is_told()
    {
        var world = new World(s_rules) { Ready = 1, Rest = "waits until the deploy is over" };
        world.Run(60, 200, 0.1);
        Assert.Equal((2, 0, "waits until the deploy is over"), (world.Last.Target, world.Started, world.Last.Next));
    }

    [Fact]
    public void Nothing_is_started_for_which_there_is_no_memory()
    {
        var world = new World(s_rules) { Ready = 1, NoStart = "a new one may need 512 MiB, and 100 MiB are free" };
        world.Run(60, 200, 0.1);
        Assert.Equal((2, 0, "a new one may need 512 MiB, and 100 MiB are free"), (world.Last.Target, world.Started, world.Last.Next));
    }

    [Fact]
    public void None_is_ended_that_the_balancer_did_not_make()
    {
        var world = new World(s_rules) { Ready = 3, Endable = 0 };
        world.Run(400, 10, 0.1);
        Assert.Equal((0, "ends none: the balancer made none of them"), (world.Ended, world.Last.Next));
    }

    [Fact]
    public void One_that_is_out_of_rotation_is_healed_and_not_replaced()
    {
        var world = new World(s_rules) { Ready = 4, Unwell = 1 };
        world.Run(100, 620, 0.1);
        Assert.Equal((5, 0), (world.Last.Target, world.Started));
    }

    [Fact]
    public void Requests_that_take_longer_than_the_window_count_although_none_has_ended()
    {
        var world = new World(s_rules) { Ready = 1, StartTakes = int.MaxValue };
        world.Hold(30, 50);
        Assert.Equal((4, "needs 4: 50 in flight over 60 s, 14 a replica"), (world.Last.Target, world.Last.Why));
    }

    [Fact]
    public void After_a_sleep_the_load_is_that_from_then_on()
    {
        var world = new World(s_rules) { Ready = 8 };
        world.Run(90, 1000, 0.1);
        world.Scaler.Reset();
        world.Ready = 1;
        world.Run(10, 10, 0.1);
        Assert.Equal("needs 1: 1 in flight over 60 s, 14 a replica", world.Last.Why);
    }

    [Fact]
    public void The_largest_of_the_last_time_is_the_same_as_by_looking_at_all()
    {
        var random = new Random(7);
        var most = new RecentMost();
        var all = new List<(int At, int Number)>();
        for (int at = 0; at < 5000; at += random.Next(1, 4))
        {
            all.Add((at, random.Next(40)));
            int expected = all.Where(one => one.At >= at - 60).Max(one => one.Number);
            Assert.Equal(expected, most.Add(all[^1].Number, TimeSpan.FromSeconds(at), TimeSpan.FromSeconds(60)));
        }
    }

    /// <summary>A fleet that the scaler is asked about once a second.</summary>
    private sealed class World(ScaleRules rules)
    {
        private readonly List<(int Up, int Count)> _starting = [];
        private double _busy;
        private double _begun;
        private double _ended;
        private double _inside;
        private int _now;

        internal Autoscaler Scaler { get; } = new();

        internal int Ready { get; set; }

        internal int Unwell { get; init; }

        internal int? Endable { get; init; }

        internal string? Rest { get; init; }

        internal string? NoStart { get; init; }

        internal int StartTakes { get; init; } = 3;

        internal double StartTime { get; init; }

        internal long Waiting { get; set; }

        internal int Started { get; private set; }

        internal int Ended { get; private set; }

        internal ScaleDecision Last { get; private set; } = new(0, 0, 0, "", "");

        /// <summary>Each replica works at 20 requests at a time; what comes beyond that queues up inside of it.</summary>
        internal void Run(int seconds, double perSecond, double each)
        {
            for (int second = 0; second < seconds; second++)
            {
                double before = _inside, ended = Math.Min(perSecond + _inside, Ready * 20 / each);
                _inside += perSecond - ended;
                Ask(perSecond, ended, ended * each + (before + _inside) / 2);
            }
        }

        /// <summary>Requests that do not end.</summary>
        internal void Hold(int seconds, int inFlight)
        {
            Ask(inFlight, 0, 0);
            for (int second = 0; second < seconds; second++)
            {
                Ask(0, 0, inFlight);
            }
        }

        internal void Call(int by)
        {
            Ready += by;
            Scaler.NoteCall(by, TimeSpan.FromSeconds(_now), rules);
        }

        private void Ask(double begun, double ended, double inFlight)
        {
            _now++;
            (_begun, _ended, _busy) = (_begun + begun, _ended + ended, _busy + inFlight);
            Ready += _starting.Where(one => one.Up <= _now).Sum(one => one.Count);
            _starting.RemoveAll(one => one.Up <= _now);
            var load = new LoadFigures((long)Math.Round(_busy * 1e9), (long)Math.Round(_begun), (long)Math.Round(_ended), Waiting);
            var size = new FleetSize(Ready, _starting.Sum(one => one.Count))
            {
                Unwell = Unwell,
                Endable = Endable ?? Ready,
                Rest = Rest,
                NoStart = NoStart,
                Queued = _inside,
                StartTime = TimeSpan.FromSeconds(StartTime),
            };
            Last = Scaler.Decide(load, size, TimeSpan.FromSeconds(_now), rules);
            Started += Last.Start;
            Ended += Last.End;
            Ready -= Last.End;
            if (Last.Start > 0)
            {
                _starting.Add((StartTakes == int.MaxValue ? int.MaxValue : _now + StartTakes, Last.Start));
            }
        }
    }
}
