using System.Collections.Concurrent;
using Edge.Io;

namespace Edge.Tests.Io;

public class EventLoopTests
{
    private const int DuplicateDescriptor = 0; // F_DUPFD, fcntl(2)

    private static Signal Watched(EventLoop loop, Action<Signal>? ready = null)
    {
        var signal = new Signal();
        signal.Ready = () => ready?.Invoke(signal);
        loop.Register(signal, Libc.EPOLLIN | Libc.EPOLLET);
        return signal;
    }

    [Fact]
    public async Task Every_message_runs_once_on_the_loops_thread_and_in_its_senders_order()
    {
        const int Senders = 6, Messages = 4000;
        await using var loop = new TestLoop();
        int thread = await loop.RunAsync(() => Environment.CurrentManagedThreadId);
        List<int>[] got = [.. Enumerable.Range(0, Senders).Select(_ => new List<int>())];
        var threads = new ConcurrentDictionary<int, bool>();
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
        {
            for (int i = 0; i < Messages; i++)
            {
                int message = i;
                loop.Post(() =>
                {
                    threads[Environment.CurrentManagedThreadId] = true;
                    got[sender].Add(message);
                });
                if (i % 500 == 0)
                {
                    // Lets the loop fall asleep now and then: to wake it is where a message could get lost.
                    await loop.RunAsync(() => { });
                }
            }
        })));
        await loop.RunAsync(() => { });
        Assert.All(got, list => Assert.Equal(Enumerable.Range(0, Messages), list));
        Assert.Equal([thread], threads.Keys);
    }

    [Fact]
    public async Task A_message_to_a_loop_that_has_ended_is_dropped()
    {
        TestLoop[] loops = [.. Enumerable.Range(0, 20).Select(_ => new TestLoop())];
        foreach (TestLoop loop in loops)
        {
            await loop.DisposeAsync();
        }

        // These have the numbers that the loops' own descriptors had, but for one or another that the runtime took in between.
        Signal[] others = [.. Enumerable.Range(0, 1000).Select(_ => new Signal())];
        Assert.All(loops, loop => loop.Post(() => Assert.Fail("It has no thread any more.")));
        Assert.All(others, other => Assert.False(other.IsRaised()));
        Assert.All(others, other => Assert.Equal(0, Libc.close(other.Fd)));
    }

    [Fact]
    public async Task One_that_is_closed_by_another_of_the_same_batch_is_not_called()
    {
        await using var loop = new TestLoop();
        Signal? first = null, second = null, successor = null;
        await loop.RunAsync(() =>
        {
            // The first of the two closes the other one and opens a new descriptor, which gets the number of the other one.
            first = Watched(loop, _ => Replace(second!));
            second = Watched(loop, _ => Replace(first!));
            first.Raise();
            second.Raise();
        });
        await loop.SettleAsync();
        Assert.Equal(1, first!.Events + second!.Events);
        Assert.Equal(0, successor!.Events);
        Assert.Equal(1, first.Releases + second.Releases);
        await loop.RunAsync(successor.Raise);
        await loop.SettleAsync();
        Assert.Equal(1, successor.Events);

        void Replace(Signal other)
        {
            loop.Close(other);
            successor = Watched(loop);
        }
    }

    [Fact]
    public async Task An_event_of_a_former_descriptor_does_not_reach_the_successor_in_its_slot()
    {
        await using var loop = new TestLoop();
        Signal former = await loop.RunAsync(() => Watched(loop));
        int slot = former.Slot;

        // A duplicate keeps the kernel's registration alive after the close, as a child process would.
        int duplicate = Libc.fcntl(former.Fd, DuplicateDescriptor, 0);
        await loop.RunAsync(() => loop.Close(former));
        await loop.SettleAsync();
        Signal successor = await loop.RunAsync(() => Watched(loop));
        Assert.Equal(slot, successor.Slot);
        Assert.NotEqual(former.Generation, successor.Generation);

        Signal.Raise(duplicate);
        await loop.SettleAsync();
        Assert.Equal((0, 0), (former.Events, successor.Events));
        await loop.RunAsync(successor.Raise);
        await loop.SettleAsync();
        Assert.Equal((0, 1), (former.Events, successor.Events));
        Assert.Equal(0, Libc.close(duplicate));
    }

    [Fact]
    public async Task Closing_in_ones_own_callback_and_twice_is_harmless()
    {
        await using var loop = new TestLoop();
        int registered = await loop.RunAsync(() => loop.Registered);
        Signal signal = await loop.RunAsync(() => Watched(loop, self =>
        {
            loop.Close(self);
            loop.Close(self);
            if (self.Releases != 0)
            {
                loop.Faults.Enqueue("released while the batch still runs");
            }
        }));
        await loop.RunAsync(signal.Raise);
        await loop.SettleAsync();
        Assert.Equal((1, 1, true, -1, -1), (signal.Events, signal.Releases, signal.Closed, signal.Fd, signal.Slot));
        Assert.Equal(registered, await loop.RunAsync(() => loop.Registered));
    }

    [Fact]
    public async Task Slots_are_used_again()
    {
        await using var loop = new TestLoop();
        int highest = 0;
        for (int round = 0; round < 4; round++)
        {
            // More than the tables hold at first.
            Signal[] signals = await loop.RunAsync(() => Enumerable.Range(0, 700).Select(_ => Watched(loop)).ToArray());
            Assert.Equal(700, signals.Select(s => s.Slot).Distinct().Count());
            highest = Math.Max(highest, signals.Max(s => s.Slot));
            await loop.RunAsync(() => Array.ForEach(signals, s => s.Raise()));
            await loop.RunAsync(() => { });
            await loop.RunAsync(() =>
            {
                foreach (Signal signal in signals)
                {
                    loop.Close(signal);
                }
            });
            await loop.SettleAsync();
            Assert.All(signals, s => Assert.Equal(1, s.Releases));
        }

        Assert.InRange(highest, 700, 720);
    }

    [Fact]
    public async Task What_is_put_off_runs_once_in_order_and_again_only_behind_new_events()
    {
        await using var loop = new TestLoop();
        var log = new List<string>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await loop.RunAsync(() =>
        {
            Signal a = Watched(loop), b = Watched(loop), c = Watched(loop);
            Signal ready = Watched(loop, _ => log.Add("event"));
            b.GoOn = () => log.Add("b");
            c.GoOn = () => log.Add("c");
            a.GoOn = () =>
            {
                log.Add("a");
                ready.Raise();
                loop.Defer(a);
                a.GoOn = () =>
                {
                    log.Add("a again");
                    done.SetResult();
                };
            };
            loop.Defer(a);
            loop.Defer(b);
            loop.Defer(a);
            loop.Defer(c);
            loop.Defer(b);
        });
        await done.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await loop.SettleAsync();
        Assert.Equal(["a", "b", "c", "event", "a again"], log);
    }

    [Fact]
    public async Task What_is_closed_does_not_go_on()
    {
        await using var loop = new TestLoop();
        int wentOn = 0;
        Signal[] signals = await loop.RunAsync(() =>
        {
            Signal a = Watched(loop), b = Watched(loop), c = Watched(loop);
            a.GoOn = () =>
            {
                wentOn++;
                loop.Close(b);
                loop.Defer(a);
                loop.Close(a);
            };
            b.GoOn = c.GoOn = () => wentOn += 100;
            loop.Defer(a);
            loop.Defer(b);
            loop.Defer(c);
            loop.Close(c);
            return new[] { a, b, c };
        });
        await loop.SettleAsync();
        Assert.Equal(1, wentOn);
        Assert.All(signals, s => Assert.Equal((1, false, -1), (s.Releases, s.Deferred, s.Slot)));
    }

    [Fact]
    public async Task A_deadline_ends_a_wait_and_a_closed_one_has_none()
    {
        await using var loop = new TestLoop();
        var met = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool closedOneMet = false;
        long deadline = await loop.RunAsync(() =>
        {
            Signal first = Watched(loop), second = Watched(loop), third = Watched(loop);
            first.Due = () => loop.Close(second);
            second.Due = third.Due = () => closedOneMet = true;
            loop.Timers.Arm(first, loop.Now + 10);
            loop.Timers.Arm(second, loop.Now + 60);
            loop.Timers.Arm(third, loop.Now + 60);
            loop.Close(third);
            Signal last = Watched(loop);
            last.Due = () => met.SetResult(loop.Now);
            loop.Timers.Arm(last, loop.Now + 120);
            return loop.Now + 120;
        });
        Assert.True(await met.Task.WaitAsync(TimeSpan.FromSeconds(20)) >= deadline);
        Assert.False(closedOneMet);
    }

    [Fact]
    public async Task A_descriptor_can_be_paused_and_resumed()
    {
        await using var loop = new TestLoop();
        Signal signal = await loop.RunAsync(() =>
        {
            Signal watched = Watched(loop);
            loop.Watch(watched, 0);
            watched.Raise();
            return watched;
        });
        await loop.SettleAsync();
        Assert.Equal(0, signal.Events);
        await loop.RunAsync(() => loop.Watch(signal, Libc.EPOLLIN));
        await loop.SettleAsync();
        Assert.Equal(1, signal.Events);
    }
}
