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
        var random = new Random(seed);
        long now = random.NextInt64(1_000_000);
        int met = 0;
        var wheel = new TimerWheel(now);
        Entry[] entries = new Entry[50];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = new Entry(Due);
        }

        for (int turn = 0; turn < 3000; turn++)
        {
            for (int i = random.Next(6); i > 0; i--)
            {
                Change(entries[random.Next(entries.Length)]);
            }

            // A wait as the wheel asks for never sleeps through an entry's tick.
            long first = entries.Min(e => e.Wanted);
            int wait = wheel.MillisecondsToNext(now);
            Assert.True(first == LoopTimer.Never || (wait >= 0 && now + wait <= Math.Max(now + Tick, RoundedUp(first))),
                $"a wait of {wait} at {now}, though one is due at {first}");
            now += wait >= 0 && random.Next(2) == 0 ? wait : random.Next(random.Next(20) == 0 ? 20 * leap : leap);
            wheel.Advance(now);

            // Nothing is lost: what was due by the last full tick has been met.
            Assert.All(entries, e => Assert.True(e.Wanted > now / Tick * Tick || e.Wanted == LoopTimer.Never,
                $"due at {e.Wanted}, not met at {now}"));
            Assert.All(entries, e => Assert.Equal(e.Wanted, e.Timer.Deadline));
        }

        Assert.True(met > 500, $"only {met} deadlines were met: the test is too tame");
        foreach (Entry entry in entries)
        {
            Set(entry, LoopTimer.Never, remove: true);
        }

        Assert.Equal(-1, wheel.MillisecondsToNext(now));

        void Due(Entry entry)
        {
            Assert.True(entry.Wanted <= now, $"due at {entry.Wanted}, met at {now}");
            entry.Wanted = LoopTimer.Never;
            met++;
            switch (random.Next(4))
            {
                case 0:
                    // In the future, or the next Advance would be the first to see it.
                    Set(entry, now + 1 + random.Next(3 * leap));
                    break;
                case 1:
                    Set(entries[random.Next(entries.Length)], LoopTimer.Never, remove: random.Next(2) == 0);
                    break;
                case 2:
                    Set(entries[random.Next(entries.Length)], now + 1 + random.Next(3 * leap));
                    break;
                default:
                    break;
            }
        }

        void Change(Entry entry)
        {
            switch (random.Next(8))
            {
                case 0:
                    Set(entry, LoopTimer.Never);
                    break;
                case 1:
                    Set(entry, LoopTimer.Never, remove: true);
                    break;
                case 2 when entry.Wanted != LoopTimer.Never:
                    // Later, the common case.
                    Set(entry, entry.Wanted + random.Next(2 * leap));
                    break;
                case 3 when entry.Wanted != LoopTimer.Never:
                    Set(entry, Math.Max(now + 1, entry.Wanted - random.Next(2 * leap)));
                    break;
                default:
                    Set(entry, now + 1 + random.Next(random.Next(10) == 0 ? 40_000 : 3 * leap));
                    break;
            }
        }

        void Set(Entry entry, long deadline, bool remove = false)
        {
            entry.Wanted = deadline;
            if (remove)
            {
                wheel.Remove(entry.Timer);
            }
            else
            {
                wheel.Arm(entry.Timer, deadline);
            }
        }
    }
}
