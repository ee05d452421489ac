using Edge.Io;

namespace Edge.Tests.Io;

public class TimerWheelTests
{
    private sealed class Timer(List<Timer> fired) : Pollable
    {
        internal long Due { get; set; } = Never;

        internal Action? Also { get; set; }

        internal override void OnReady(uint events)
        {
        }

        internal override void OnDeadline()
        {
            fired.Add(this);
            Also?.Invoke();
        }
    }

    [Fact]
    public void Nothing_fires_early_and_nothing_is_lost()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        long now = 1_000_003;
        var wheel = new TimerWheel(now);
        List<Timer> fired = [];
        Timer[] timers = [.. Enumerable.Range(0, 300).Select(_ => new Timer(fired))];
        for (int step = 0; step < 20_000; step++)
        {
            Timer timer = timers[random.Next(timers.Length)];
            switch (random.Next(8))
            {
                case 0:
                    wheel.Remove(timer);
                    timer.Due = Pollable.Never;
                    break;
                case 1:
                    wheel.Arm(timer, Pollable.Never);
                    timer.Due = Pollable.Never;
                    break;
                case < 6:
                    timer.Due = now + random.Next(random.Next(2) == 0 ? 100 : 60_000);
                    wheel.Arm(timer, timer.Due);
                    break;
                default:
                    int wait = wheel.MillisecondsToNext(now);
                    long next = timers.Min(t => t.Due);
                    Assert.True(next == Pollable.Never || (wait >= 0 && now + wait <= Math.Max(now, next) + TimerWheel.TickMilliseconds), $"seed {seed}, step {step}");
                    now += random.Next(50) == 0 ? random.Next(100_000) : random.Next(200);
                    Advance(wheel, now, fired, timers, $"seed {seed}, step {step}");
                    break;
            }
        }
    }

    private static void Advance(TimerWheel wheel, long now, List<Timer> fired, Timer[] timers, string where)
    {
        fired.Clear();
        wheel.Advance(now);
        foreach (Timer timer in fired)
        {
            Assert.True(timer.Due <= now, $"{where}: early by {timer.Due - now}");
            timer.Due = Pollable.Never;
        }

        Assert.True(timers.All(t => t.Due > now - TimerWheel.TickMilliseconds), $"{where}: overdue");
        Assert.Equal(fired.Count, fired.Distinct().Count());
    }

    [Fact]
    public void An_empty_wheel_waits_for_ever_and_an_entry_moved_later_is_looked_at_once_for_nothing()
    {
        var wheel = new TimerWheel(0);
        List<Timer> fired = [];
        var timer = new Timer(fired);
        Assert.Equal(-1, wheel.MillisecondsToNext(0));
        wheel.Arm(timer, 100);
        wheel.Arm(timer, 10_000);
        Assert.InRange(wheel.MillisecondsToNext(0), 100, 100 + TimerWheel.TickMilliseconds);
        wheel.Advance(200);
        Assert.Empty(fired);
        Assert.InRange(wheel.MillisecondsToNext(200), 9_800, 9_800 + TimerWheel.TickMilliseconds);
        wheel.Advance(10_016);
        Assert.Equal([timer], fired);
        Assert.Equal(-1, wheel.MillisecondsToNext(10_016));
    }

    [Fact]
    public void A_callback_may_remove_and_arm_others_of_the_same_moment()
    {
        var wheel = new TimerWheel(0);
        List<Timer> fired = [];
        Timer first = new(fired), second = new(fired), third = new(fired);
        foreach (Timer timer in new[] { first, second, third })
        {
            wheel.Arm(timer, 50);
            timer.Also = () =>
            {
                foreach (Timer other in new[] { first, second, third })
                {
                    wheel.Remove(other);
                }

                wheel.Arm(timer, 500);
                timer.Also = null;
            };
        }

        wheel.Advance(100);
        Timer only = Assert.Single(fired);
        wheel.Advance(600);
        Assert.Equal([only, only], fired);
    }
}
