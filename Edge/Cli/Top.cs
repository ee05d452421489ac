using System.Runtime.InteropServices;
using Edge.Control;

namespace Edge.Cli;

/// <summary><c>edge top</c>: draws the status each second over the last one, until the user presses q.</summary>
/// <param name="output">A terminal.</param>
/// <param name="terminal">Its properties.</param>
/// <param name="read">Asks the balancer. Returns the status, or why there is none.</param>
internal sealed class Top(TextWriter output, Terminal terminal, Func<CancellationToken, Task<(StatusReport? Status, string Why)>> read)
{
    // The alternate screen without a cursor, and back (xterm's control sequences, which all terminals of today know).
    private const string Enter = "\e[?1049h\e[?25l";
    private const string Leave = "\e[?25h\e[?1049l";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

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
        do
        {
            TextTable sheet = StatusText.Of(status);
            sheet.Line();
            sheet.Line(
                trouble.Length == 0 ? new StyledText("q ends this", TextStyle.Faint) : new StyledText($"{trouble}; this was known before", TextStyle.Bad));
            (int columns, int rows) = terminal.Size();
            await output.WriteAsync(sheet.Frame(terminal.HasColours, columns, rows));
            await output.FlushAsync(cancellation);
            await timer.WaitForNextTickAsync(cancellation);
            (StatusReport? next, trouble) = await read(cancellation);
            status = next ?? status;
        }
        while (true);
    }

    // Reading a key cannot be cancelled, so a background thread waits for it; the process does not wait for that thread.
    private static void WatchKeys(CancellationTokenSource end)
    {
        if (Console.IsInputRedirected)
        {
            return;
        }

        var keys = new Thread(() =>
        {
            while (Console.ReadKey(intercept: true).KeyChar is not ('q' or 'Q'))
            {
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
