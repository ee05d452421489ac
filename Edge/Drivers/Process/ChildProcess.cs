using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>
/// One child process and its three streams. The child prints <c>listening address:port</c> when it is ready, and ends when its standard input ends,
/// so it ends with its parent, however the parent ends. A signal at the parent's death would not do: the kernel sends it when the thread that forked
/// ends.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private const string Ready = "listening ";
    private const int KeptLines = 50;
    private const int ShownLines = 5;

    private readonly Process _process;
    private readonly StreamWriter _input;
    private readonly string _name;
    private readonly Action<string, string> _onLine;
    private readonly TaskCompletionSource<IPEndPoint> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<string> _lastLines = new();
    private readonly Lock _linesLock = new();
    private int _inputClosed;

    private ChildProcess(Process process, string name, Action<string, string> onLine)
    {
        _process = process;
        _input = process.StandardInput;
        _name = name;
        _onLine = onLine;
        Exited = RunAsync();
    }

    /// <summary>Completes when the process has ended, and says how it ended.</summary>
    internal Task<string> Exited { get; }

    internal int Id => _process.Id;

    /// <param name="start">The program to run; its streams are taken over.</param>
    /// <param name="name">The replica's name.</param>
    /// <param name="onLine">Gets the name and each line that the child prints; from any thread.</param>
    /// <exception cref="DriverException">The program cannot be run.</exception>
    internal static ChildProcess Start(ProcessStartInfo start, string name, Action<string, string> onLine)
    {
        start.UseShellExecute = false;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        try
        {
            Process process = Process.Start(start)!;
            return new ChildProcess(process, name, onLine);
        }
        catch (Exception failed) when (failed is Win32Exception or IOException)
        {
            throw new DriverException(DriverFailure.Failed, $"{start.FileName} cannot be run: {failed.Message}", failed);
        }
    }

    /// <summary>The exit code; null while it runs.</summary>
    internal int? ExitCode { get; private set; }

    /// <summary>Waits for the line that says its address.</summary>
    /// <exception cref="DriverException">It ended before.</exception>
    internal async Task<IPEndPoint> WaitReadyAsync(CancellationToken cancellation)
    {
        await Task.WhenAny(_ready.Task, Exited).WaitAsync(cancellation);
        if (_ready.Task.IsCompletedSuccessfully)
        {
            return await _ready.Task;
        }

        string how = await Exited;
        lock (_linesLock)
        {
            string said = _lastLines.Count == 0 ? "" : ": " + string.Join(" | ", _lastLines.TakeLast(ShownLines));
            throw new DriverException(DriverFailure.Failed, $"it ended before it listened, with {how}{said}") { LastLines = [.. _lastLines] };
        }
    }

    /// <summary>Asks it to end by closing its standard input, and kills it after the grace. Returns when it has ended.</summary>
    internal async Task StopAsync(TimeSpan grace, TimeProvider time)
    {
        CloseInput();
        try
        {
            await Exited.WaitAsync(grace, time);
        }
        catch (TimeoutException)
        {
            await KillAsync();
        }
    }

    /// <summary>Kills it. Returns when it has ended.</summary>
    internal Task KillAsync()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException) when (Exited.IsCompleted || _process.HasExited)
        {
            // It ended first: there is nothing to kill, and its end is awaited.
            return Exited;
        }

        return Exited;
    }

    /// <summary>The last lines that it printed.</summary>
    internal string[] LastLines()
    {
        lock (_linesLock)
        {
            return [.. _lastLines];
        }
    }

    /// <summary>Stops it: it does nothing more until it is killed.</summary>
    /// <exception cref="DriverException">It cannot be stopped, or has ended.</exception>
    internal void Freeze()
    {
        if (_process.HasExited || ChildSignals.kill(_process.Id, ChildSignals.SIGSTOP) != 0)
        {
            throw new DriverException(DriverFailure.Failed, $"the process of {_name} cannot be stopped: it has ended, or is not this one's to stop");
        }
    }

    public void Dispose() => _process.Dispose();

    // Only the first caller closes. Otherwise one thread could close the input, the child end, and another thread, which sees the end, close the
    // input in the middle of the first close.
    private void CloseInput()
    {
        if (Interlocked.Exchange(ref _inputClosed, 1) != 0)
        {
            return;
        }

        try
        {
            _input.Close();
        }
        catch (IOException)
        {
            // The other end is closed: the process has ended, or is about to end.
            return;
        }
    }

    private async Task<string> RunAsync()
    {
        // A grandchild may keep the pipes open, so the end of the process is not always the end of its output.
        Task output = PumpAsync(_process.StandardOutput, isOutput: true);
        Task errors = PumpAsync(_process.StandardError, isOutput: false);
        await _process.WaitForExitAsync();
        await Task.WhenAny(Task.WhenAll(output, errors), Task.Delay(TimeSpan.FromSeconds(1)));
        CloseInput();
        int code = _process.ExitCode;
        ExitCode = code;
        return code > 128
            ? string.Create(CultureInfo.InvariantCulture, $"exit code {code} (signal {code - 128})")
            : string.Create(CultureInfo.InvariantCulture, $"exit code {code}");
    }

    private async Task PumpAsync(StreamReader reader, bool isOutput)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            if (isOutput && !_ready.Task.IsCompleted && line.StartsWith(Ready, StringComparison.Ordinal)
                && IPEndPoint.TryParse(line.AsSpan(Ready.Length).Trim(), out IPEndPoint? address))
            {
                _ready.TrySetResult(address);
                continue;
            }

            lock (_linesLock)
            {
                _lastLines.Enqueue(line);
                if (_lastLines.Count > KeptLines)
                {
                    _lastLines.Dequeue();
                }
            }

            _onLine(_name, line);
        }
    }
}
