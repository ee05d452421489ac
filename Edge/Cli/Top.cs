using System.Runtime.InteropServices;
using System.Threading.Channels;
using Edge.Control;

namespace Edge.Cli;

/// <summary><c>edge top</c>: draws the status each second over the last one, and at once when a key is pressed, until that is q.</summary>
/// <param name="output">A terminal.</param>
/// <param name="terminal">Its properties.</param>
/// <param name="read">Asks the balancer. Returns the status, or why there is none.</param>
internal sealed class Top(TextWriter output, Terminal terminal, Func<CancellationToken, Task<(StatusReport? Status, string Why)>> read)
{
    // The alternate screen without a cursor, and back (xterm's control sequences, which all terminals of today know).
    private const string Enter = "\e[?1049h\e[?25l";
    private const string Leave = "\e[?25h\e[?1049l";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly TopView _view = new();

    // A person presses few keys, and of more than these the oldest are dropped.
    private readonly Channel<ConsoleKeyInfo> _keys = Channel.CreateBounded<ConsoleKeyInfo>(
        new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>A key was pressed; from any thread.</summary>
    internal void Press(ConsoleKeyInfo key) => _keys.Writer.TryWrite(key);

    /// <summary>Draws until q is pressed, or the process is told to end.</summary>
    /// <param name="first">The status that was read already.</param>
    /// <param name="cancellation">Ends the drawing.</param>
    internal async Task RunAsync(StatusReport first, CancellationToken cancellation)
    {
        // Not disposed: a key may still be pressed when this method has ended.
        var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        WatchKeys(end);
        await output.WriteAsync(Enter);
        try
        {
            await DrawAsync(first, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The user has pressed q: this is the usual end.
            return;
        }
        finally
        {
            await output.WriteAsync(Leave);
            await output.FlushAsync(CancellationToken.None);
        }

        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            end.Cancel();
        }
    }

    private async Task DrawAsync(StatusReport status, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Interval);
        string trouble = "";
        Task<bool> tick = timer.WaitForNextTickAsync(cancellation).AsTask(), key = PressedAsync();
        while (true)
        {
            (int columns, int rows) = terminal.Size();
            await output.WriteAsync(_view.Frame(status, trouble, terminal.HasColours, columns, rows));
            await output.FlushAsync(cancellation);
            if (await Task.WhenAny(tick, key) == key)
            {
                await key;
                while (_keys.Reader.TryRead(out ConsoleKeyInfo pressed))
                {
                    _view.Press(pressed);
                }

                key = PressedAsync();
            }
            else
            {
                await tick;
                (StatusReport? next, trouble) = await read(cancellation);
                status = next ?? status;
                tick = timer.WaitForNextTickAsync(cancellation).AsTask();
            }
        }

        Task<bool> PressedAsync() => _keys.Reader.WaitToReadAsync(cancellation).AsTask();
    }

    // Reading a key cannot be cancelled, so a background thread waits for it; the process does not wait for that thread.
    private void WatchKeys(CancellationTokenSource end)
    {
        if (Console.IsInputRedirected)
        {
            return;
        }

        var keys = new Thread(() =>
        {
            for (ConsoleKeyInfo key; (key = Console.ReadKey(intercept: true)).KeyChar is not ('q' or 'Q');)
            {
                Press(key);
            }

            end.Cancel();
        })
        {
            IsBackground = true,
            Name = "edge-keys",
        };
        keys.Start();
    }
}
