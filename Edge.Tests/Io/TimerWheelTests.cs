using Edge.Io;

namespace Edge.Tests.Io;

public class TimerWheelTests
{
    private const int Tick = TimerWheel.TickMilliseconds;

    /// <summary>An owner of one timer, that notes what becomes of it.</summary>
    private sealed class Entry : ITimerOwner
    {
        private readonly Action<Entry>? _due;

        internal Entry(Action<Entry>? due = null)
        {
            _due = due;
            Timer = new LoopTimer(this);
        }

        internal LoopTimer Timer { get; }

        internal int Fired { get; private set; }

        internal long Wanted { get; set; } = LoopTimer.Never;

        public void OnDeadline(LoopTimer timer)
        {
            Assert.Same(Timer, timer);
            Assert.False(timer.IsArmed);
            Fired++;
            _due?.Invoke(this);
        }
    }

    private static long RoundedUp(long milliseconds) => (milliseconds + Tick - 1) / Tick * Tick;

    [Fact]
    public void A_deadline_is_met_at_its_tick_and_once()
    {
        var wheel = new TimerWheel(1000);
        var entry = new Entry();
        wheel.Arm(entry.Timer, 1100);
        wheel.Advance(1099);
        Assert.Equal(0, entry.Fired);
        wheel.Advance(RoundedUp(1100));
        Assert.Equal(1, entry.Fired);
        wheel.Advance(100_000);
        Assert.Equal(1, entry.Fired);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-500)]
    public void A_deadline_that_has_passed_is_met_in_the_next_tick(int ahead)
    {
        var wheel = new TimerWheel(1600);
        var entry = new Entry();
        wheel.Arm(entry.Timer, 1600 + ahead);
        Assert.InRange(wheel.MillisecondsToNext(1600), 0, Tick);
        wheel.Advance(1600 + Tick);
        Assert.Equal(1, entry.Fired);
    }

    [Fact]
    public void An_empty_wheel_waits_for_ever()
    {
        var wheel = new TimerWheel(0);
        Assert.Equal(-1, wheel.MillisecondsToNext(0));
        var entry = new Entry();
        wheel.Arm(entry.Timer, LoopTimer.Never);
        Assert.Equal(-1, wheel.MillisecondsToNext(0));
        wheel.Arm(entry.Timer, 500);
        Assert.InRange(wheel.MillisecondsToNext(0), 1, 512);
        wheel.Remove(entry.Timer);
        Assert.Equal(-1, wheel.MillisecondsToNext(0));
        wheel.Remove(entry.Timer);
        wheel.Arm(entry.Timer, 500);
        wheel.Advance(512);
        Assert.Equal(1, entry.Fired);
        Assert.Equal(-1, wheel.MillisecondsToNext(512));
    }

    [Fact]
    public void A_disarmed_entry_is_not_called_and_is_forgotten()
    {
        var wheel = new TimerWheel(0);
        var entry = new Entry();
        wheel.Arm(entry.Timer, 100);
        wheel.Arm(entry.Timer, LoopTimer.Never);
        wheel.Advance(200);
        Assert.Equal(0, entry.Fired);
        Assert.Equal(-1, wheel.MillisecondsToNext(200));
    }

    [Fact]
    public void One_owner_may_have_several_timers_and_is_told_which_is_due()
    {
        var wheel = new TimerWheel(0);
        var owner = new Pair();
        wheel.Arm(owner.First, 100);
        wheel.Arm(owner.Second, 100);
        owner.First.Disarm();
        wheel.Advance(RoundedUp(100));
        Assert.Equal([owner.Second], owner.Due);
        wheel.Arm(owner.First, 200);
        wheel.Advance(RoundedUp(200));
        Assert.Equal([owner.Second, owner.First], owner.Due);
    }

    private sealed class Pair : ITimerOwner
    {
        internal Pair() => (First, Second) = (new LoopTimer(this), new LoopTimer(this));

        internal LoopTimer First { get; }

        internal LoopTimer Second { get; }

        internal List<LoopTimer> Due { get; } = [];

        public void OnDeadline(LoopTimer timer) => Due.Add(timer);
    }

    [Fact]
    public void A_deadline_many_turns_of_the_wheel_away_is_met()
    {
        const long Day = 24 * 3600 * 1000;
        foreach (long start in new[] { 0L, 12345, 40L * Day })
        {
            // By the waits that the wheel itself asks for.
            var wheel = new TimerWheel(start);
            var entry = new Entry();
            wheel.Arm(entry.Timer, start + Day);
            long now = start;
            while (entry.Fired == 0)
            {
                int wait = wheel.MillisecondsToNext(now);
                Assert.InRange(wait, 1, 1024 * Tick);
                now += wait;
                wheel.Advance(now);
            }

            Assert.InRange(now, start + Day, start + Day + Tick);

            // And in one leap, as after a suspension.
            wheel.Arm(entry.Timer, now + Day);
            wheel.Advance(now + 2 * Day);
            Assert.Equal(2, entry.Fired);
        }
    }

    [Fact]
    public void A_callback_may_arm_itself_again_and_close_its_neighbours()
    {
        var wheel = new TimerWheel(0);
        var all = new List<Entry>();
        int fired = 0;
        for (int i = 0; i < 10; i++)
        {
            // All in one list of the wheel. The first that is due takes all others out but one, and starts over.
            all.Add(new Entry(self =>
            {
                if (++fired == 1)
                {
                    foreach (Entry other in all.Where(e => e != self).Skip(1))
                    {
                        wheel.Remove(other.Timer);
                    }

                    wheel.Arm(self.Timer, 0);
                }
            }));
            wheel.Arm(all[i].Timer, 100);
        }

        wheel.Advance(RoundedUp(100));
        Assert.Equal(2, fired);
        wheel.Advance(RoundedUp(100) + Tick);
        Assert.Equal(3, fired);
        Assert.Equal(-1, wheel.MillisecondsToNext(RoundedUp(100) + Tick));
    }

    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 40)]
    [InlineData(3, 2000)]
    [InlineData(4, 30_000)]
    [InlineData(5, 200_000)]
    [InlineData(6, 3)]
    public void It_does_what_a_plain_list_does(int seed, int leap)
    {
        var timers = new RandomTimers(seed, leap);
        for (int turn = 0; turn < 3000; turn++)
        {
            timers.Turn();
        }

        Assert.True(timers.Met > 500, $"only {timers.Met} deadlines were met: the test is too tame");
        timers.RemoveAll();
    }

    /// <summary>A wheel with entries that change at random, and what each of them waits for: the plain list.</summary>
    private sealed class RandomTimers
    {
        private readonly int _leap;
        private readonly Random _random;
        private readonly TimerWheel _wheel;
        private readonly Entry[] _entries = new Entry[50];
        private long _now;

        /// <param name="seed">Of the random numbers.</param>
        /// <param name="leap">About how many milliseconds pass between two turns.</param>
        internal RandomTimers(int seed, int leap)
        {
            _leap = leap;
            _random = new Random(seed);
            _now = _random.NextInt64(1_000_000);
            _wheel = new TimerWheel(_now);
            for (int i = 0; i < _entries.Length; i++)
            {
                _entries[i] = new Entry(Due);
            }
        }

        /// <summary>How many deadlines were met.</summary>
        internal int Met { get; private set; }

        /// <summary>Changes some entries, waits, and compares the wheel with the list.</summary>
        internal void Turn()
        {
            for (int i = _random.Next(6); i > 0; i--)
            {
                Change(Any());
            }

            // A wait as the wheel asks for never sleeps through an entry's tick.
            long first = _entries.Min(e => e.Wanted);
            int wait = _wheel.MillisecondsToNext(_now);
            Assert.True(first == LoopTimer.Never || (wait >= 0 && _now + wait <= Math.Max(_now + Tick, RoundedUp(first))),
                $"a wait of {wait} at {_now}, though one is due at {first}");
            _now += wait >= 0 && _random.Next(2) == 0 ? wait : _random.Next(_random.Next(20) == 0 ? 20 * _leap : _leap);
            _wheel.Advance(_now);

            // Nothing is lost: what was due by the last full tick has been met.
            Assert.All(_entries, e => Assert.True(e.Wanted > _now / Tick * Tick || e.Wanted == LoopTimer.Never,
                $"due at {e.Wanted}, not met at {_now}"));
            Assert.All(_entries, e => Assert.Equal(e.Wanted, e.Timer.Deadline));
        }

        /// <summary>Takes all entries out; the wheel has nothing to wait for then.</summary>
        internal void RemoveAll()
        {
            foreach (Entry entry in _entries)
            {
                Set(entry, LoopTimer.Never, remove: true);
            }

            Assert.Equal(-1, _wheel.MillisecondsToNext(_now));
        }

        private Entry Any() => _entries[_random.Next(_entries.Length)];

        private void Due(Entry entry)
        {
            Assert.True(entry.Wanted <= _now, $"due at {entry.Wanted}, met at {_now}");
            entry.Wanted = LoopTimer.Never;
            Met++;
            switch (_random.Next(4))
            {
                case 0:
                    // In the future, or the next Advance would be the first to see it.
                    Set(entry, _now + 1 + _random.Next(3 * _leap));
                    break;
                case 1:
                    Set(Any(), LoopTimer.Never, remove: _random.Next(2) == 0);
                    break;
                case 2:
                    Set(Any(), _now + 1 + _random.Next(3 * _leap));
                    break;
                default:
                    break;
            }
        }

        private void Change(Entry entry)
        {
            switch (_random.Next(8))
            {
                case 0:
                    Set(entry, LoopTimer.Never);
                    break;
                case 1:
                    Set(entry, LoopTimer.Never, remove: true);
                    break;
                case 2 when entry.Wanted != LoopTimer.Never:
                    // Later, the common case.
                    Set(entry, entry.Wanted + _random.Next(2 * _leap));
                    break;
                case 3 when entry.Wanted != LoopTimer.Never:
                    Set(entry, Math.Max(_now + 1, entry.Wanted - _random.Next(2 * _leap)));
                    break;
                default:
                    Set(entry, _now + 1 + _random.Next(_random.Next(10) == 0 ? 40_000 : 3 * _leap));
                    break;
            }
        }

        private void Set(Entry entry, long deadline, bool remove = false)
        {
            entry.Wanted = deadline;
            if (remove)
            {
                _wheel.Remove(entry.Timer);
            }
            else
            {
                _wheel.Arm(entry.Timer, deadline);
            }
        }
    }
}
