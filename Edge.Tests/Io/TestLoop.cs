using System.Collections.Concurrent;
using System.Net;
using Edge.Io;

namespace Edge.Tests.Io;

/// <summary>An event loop on a thread of its own, that runs what a test hands in and closes everything at its end.</summary>
internal sealed class TestLoop : EventLoop, IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    internal TestLoop(bool batchesSends = false) : base("test", batchesSends) => Start();

    /// <summary>What went wrong on the loop's thread, where an exception would end the process.</summary>
    internal ConcurrentQueue<string> Faults { get; } = new();

    /// <summary>Buffers on loan when all connections were closed.</summary>
    internal int BuffersLeft { get; private set; } = -1;

    /// <summary>Runs on the loop's thread; what it throws arrives here.</summary>
    internal Task<T> RunAsync<T>(Func<T> function)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                done.SetResult(function());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task.WaitAsync(s_patience);
    }

    internal Task RunAsync(Action action) => RunAsync(() =>
    {
        action();
        return true;
    });

    /// <summary>Ends when the loop has handled all that was ready until now: a message is an event behind those.</summary>
    internal async Task SettleAsync()
    {
        await RunAsync(() => { });
        await RunAsync(() => { });
    }

    /// <summary>Listens on a free port of the loopback address.</summary>
    internal Task<Listener> ListenAsync(Action<int> accepted) => RunAsync(() =>
    {
        var listener = new Listener(this, new IPEndPoint(IPAddress.Loopback, 0), (fd, _) => accepted(fd));
        listener.Open();
        return listener;
    });

    public async ValueTask DisposeAsync()
    {
        Post(Stop);
        await Ended.WaitAsync(s_patience);
        Dispose();
        Assert.Empty(Faults);
        Assert.Equal(0, BuffersLeft);
    }

    protected override void OnStopped()
    {
        foreach (Pollable pollable in RegisteredOf<Pollable>())
        {
            switch (pollable)
            {
                case Connection connection:
                    connection.Close();
                    break;
                case Listener or Signal:
                    Close(pollable);
                    break;
                default:
                    break;
            }
        }

        BuffersLeft = Buffers.Outstanding;
    }
}

/// <summary>An eventfd(2): a descriptor that is readable from the moment it is raised, without a network in between.</summary>
internal sealed unsafe class Signal : Pollable
{
    internal Signal() => Fd = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);

    internal int Events { get; private set; }

    internal int Releases { get; private set; }

    internal Action Ready { get; set; } = () => { };

    internal Action Due { get; set; } = () => { };

    internal Action GoOn { get; set; } = () => { };

    internal void Raise() => Raise(Fd);

    /// <summary>Whether it was raised, and by whom ever, since this was last asked.</summary>
    internal bool IsRaised()
    {
        ulong count;
        return Libc.read(Fd, &count, sizeof(ulong)) > 0;
    }

    internal static void Raise(int fd)
    {
        ulong one = 1;
        Libc.write(fd, &one, sizeof(ulong));
    }

    internal override void OnReady(uint events)
    {
        Events++;
        ulong count;
        Libc.read(Fd, &count, sizeof(ulong));
        Ready();
    }

    internal override void OnDeadline() => Due();

    internal override void OnDeferred() => GoOn();

    internal override void OnReleased() => Releases++;
}

/// <summary>Sends back what it reads, as a protocol over <see cref="Connection"/> would: reads nothing while anything is unsent.</summary>
internal sealed class Echo : Connection
{
    private const int RoundsPerTurn = 3;

    private readonly byte[] _area = new byte[3000];

    internal Echo(EventLoop loop, int fd) : base(loop) => Attach(fd);

    internal override void OnReady(uint events)
    {
        Note(events);
        GoOn();
    }

    internal override void OnDeferred() => GoOn();

    private void GoOn()
    {
        for (int round = 0; round < RoundsPerTurn; round++)
        {
            if (!Flush())
            {
                Close();
                return;
            }

            if (UnsentBytes > 0)
            {
                return;
            }

            int got = Receive(_area);
            if (got == WouldBlock)
            {
                return;
            }

            if (got <= 0 || !Send(_area.AsSpan(0, got)))
            {
                Close();
                return;
            }
        }

        Loop.Defer(this);
    }
}
