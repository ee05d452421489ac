using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Edge.Tests.Backends;

namespace Edge.Tests.Native;

/// <summary>
/// The published binary, run as its user runs it. EDGE_NATIVE names it, as ./test.sh sets it; without that, these tests
/// are skipped, but fail where CI is set.
/// </summary>
internal sealed partial class NativeEdge : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly TaskCompletionSource<IPEndPoint> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _mayEnd;
    private volatile string? _end;

    private NativeEdge(string[] command, IReadOnlyDictionary<string, string> options, string[] arguments, string? folder = null)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        foreach ((string key, string value) in options)
        {
            // Those that are not the balancer's own.
            string variable = key is "DOCKER_HOST" or "NOTIFY_SOCKET" ? key : "EDGE__" + key.Replace(":", "__").ToUpperInvariant();
            start.Environment[variable] = value;
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.Exited += (_, _) => NoteEnd();
        _process.OutputDataReceived += (_, e) => Note(e.Data);
        _process.ErrorDataReceived += (_, e) => Note(e.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal static string Binary => Published("EDGE_NATIVE");

    /// <summary>The published binary that the variable names; without it the test is skipped, but fails where CI is set.</summary>
    internal static string Published(string variable)
    {
        string? binary = Environment.GetEnvironmentVariable(variable);
        if (binary is null)
        {
            Assert.True(Environment.GetEnvironmentVariable("CI") is null, $"CI has to set {variable} to the published binary.");
            Assert.Skip($"{variable} does not name a published binary; ./test.sh publishes one and sets it.");
        }

        return binary;
    }

    internal int Pid => _process.Id;

    /// <summary>Where it listens without TLS.</summary>
    internal IPEndPoint Endpoint { get; private set; } = new(IPAddress.None, 0);

    /// <summary>Every address at which clients can come in, in the order of the options.</summary>
    internal IPEndPoint[] Endpoints => [.. Output.Split('\n').First(line => line.Contains(" listens at ", StringComparison.Ordinal))
        .Split(" listens at ")[1].Split(", its own paths")[0].Split(", ").Select(url => IPEndPoint.Parse(url.Split("//")[1]))];

    /// <summary>What it has printed; and how its process ended, if it ended by itself.</summary>
    internal string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _mayEnd || _end is not { } end ? _output : _output.Append(end));
            }
        }
    }

    /// <summary>Starts it on a free port, and returns when it listens.</summary>
    internal static Task<NativeEdge> StartAsync(params (string Key, string Value)[] options) => StartAsync(null, [], options);

    /// <summary>Starts a balancer that takes over from a running one.</summary>
    internal static Task<NativeEdge> TakeOverAsync(NativeEdge old, params (string Key, string Value)[] options)
    {
        old._mayEnd = true;
        return StartAsync(null, ["--takeover"], [("Listen", old.Endpoint.ToString()), .. options]);
    }

    /// <summary>The same with the appsettings.json of a folder.</summary>
    internal static Task<NativeEdge> TakeOverAsync(NativeEdge old, string folder, params (string Key, string Value)[] options)
    {
        old._mayEnd = true;
        return StartAsync(folder, ["--takeover"], [("Listen", old.Endpoint.ToString()), .. options]);
    }

    /// <summary>Starts a balancer with arguments.</summary>
    /// <param name="folder">Where it looks for appsettings.json; null for one without.</param>
    /// <param name="arguments">As a user gives them.</param>
    /// <param name="options">By environment.</param>
    internal static Task<NativeEdge> StartAsync(string? folder, string[] arguments, params (string Key, string Value)[] options) =>
        StartAsync([Binary], folder, arguments, options);

    /// <summary>Starts a balancer with another command than the binary's path.</summary>
    internal static async Task<NativeEdge> StartAsync(string[] command, string? folder, string[] arguments, params (string Key, string Value)[] options)
    {
        var all = new Dictionary<string, string> { ["Listen"] = "127.0.0.1:0", ["Loops"] = "2" };
        foreach ((string key, string value) in options)
        {
            all[key] = value;
        }

        var edge = new NativeEdge(command, all, arguments, folder);
        Task first = await Task.WhenAny(edge._listening.Task, edge._exited.Task, Task.Delay(TimeSpan.FromSeconds(30)));
        if (first == edge._exited.Task)
        {
            // Its end may be seen before its last words.
            await edge._process.WaitForExitAsync();
        }

        Assert.True(first == edge._listening.Task, $"it did not come up:\n{edge.Output}");
        edge.Endpoint = await edge._listening.Task;
        return edge;
    }

    /// <summary>As <see cref="StartAsync"/>, with its own replicas all in rotation.</summary>
    internal static async Task<NativeEdge> StartWithReplicasAsync(int replicas, params (string Key, string Value)[] options)
    {
        NativeEdge edge = await StartAsync([.. options, ("Fleet:Driver", "process"), ("Fleet:Replicas", replicas.ToString(CultureInfo.InvariantCulture))]);
        await edge.HealthyAsync(replicas);
        return edge;
    }

    /// <summary>Runs it to its end; returns the exit code and what it printed.</summary>
    internal static async Task<(int ExitCode, string Output)> RunAsync(
        IReadOnlyDictionary<string, string> options, params string[] arguments)
    {
        var edge = new NativeEdge([Binary], options, arguments) { _mayEnd = true };
        await edge._exited.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await edge._process.WaitForExitAsync();
        return (edge._process.ExitCode, edge.Output);
    }

    internal Task<Wire> ConnectAsync() => Wire.ConnectAsync(Endpoint);

    internal async Task<Message> AskAsync(string method, string path, string? body = null)
    {
        using Wire client = await ConnectAsync();
        string content = body is null ? "" : $"Content-Length: {body.Length}\r\n";
        await client.SendAsync($"{method} {path} HTTP/1.1\r\nHost: {Endpoint}\r\n{content}\r\n{body}");
        return await client.ReadMessageAsync();
    }

    internal async Task<JsonElement> StatusAsync() =>
        JsonDocument.Parse((await AskAsync("GET", "/edge/status")).Text).RootElement.GetProperty("message");

    /// <summary>Returns when this many replicas are healthy.</summary>
    internal async Task HealthyAsync(int count)
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            JsonElement status = await StatusAsync();
            int healthy = status.GetProperty("replicas").EnumerateArray().Count(
                r => r.GetProperty("state").GetString()!.Equals("healthy", StringComparison.OrdinalIgnoreCase));
            if (healthy == count)
            {
                return;
            }

            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(30), $"{healthy} of {count} replicas became healthy:\n{status}\n{Output}");
            await Task.Delay(20);
        }
    }

    /// <summary>A figure of /proc/PID/status in KiB: VmRSS, VmHWM.</summary>
    internal long MemoryKib(string figure) => long.Parse(
        File.ReadLines($"/proc/{Pid}/status").First(l => l.StartsWith(figure + ":", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    internal int Descriptors() => Directory.GetFiles($"/proc/{Pid}/fd").Length;

    internal int[] Children() =>
        [.. Directory.GetDirectories("/proc").Select(d => Path.Combine(d, "stat")).Where(File.Exists).Select(ReadStat)
            .Where(s => s is not null && s.Value.Parent == Pid).Select(s => s!.Value.Pid)];

    internal async Task SignalAsync(string signal)
    {
        _mayEnd |= signal is not ("HUP" or "STOP" or "CONT");
        using Process kill = Process.Start("kill", [$"-{signal}", Pid.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    internal async Task<int> EndAsync(string signal)
    {
        await SignalAsync(signal);
        return await ExitAsync();
    }

    /// <summary>Waits until it ends; returns what it ended with.</summary>
    internal async Task<int> ExitAsync()
    {
        _mayEnd = true;
        await _exited.Task.WaitAsync(TimeSpan.FromSeconds(40));
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>
    /// Ends the process, where a test has not. Fails if the process has ended by itself, and says how, with its last words: everything else that
    /// failed follows from that.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            int exitCode = await EndAsync("TERM");
            Assert.True(exitCode == 0, $"it ended with {exitCode}:\n{Output}");
        }
        else if (!_mayEnd)
        {
            // What it has started may hold its output open for longer.
            await Task.WhenAny(_process.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(5)));
            await _exited.Task;
            Assert.Fail($"the balancer ended, and nobody had asked it to:\n{Output}");
        }

        _process.Dispose();
    }

    private static (int Pid, int Parent)? ReadStat(string path)
    {
        try
        {
            string stat = File.ReadAllText(path);
            string[] behindName = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (int.Parse(stat[..stat.IndexOf(' ')], CultureInfo.InvariantCulture), int.Parse(behindName[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            // The process has ended between the listing and the read.
            return null;
        }
    }

    // A process that a signal ended has 128 and the signal's number for an exit code; 6 is that of an exception that nobody caught.
    private void NoteEnd()
    {
        int code = _process.ExitCode;
        string how = code is > 128 and <= 128 + 64 ? $"was ended by signal {code - 128}{(code == 128 + 6 ? ", SIGABRT" : "")}" : $"ended with exit code {code}";
        _end = $"[its process {how} at {_process.ExitTime.ToUniversalTime():HH:mm:ss.fff}]";
        _exited.TrySetResult();
    }

    private void Note(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.Add(line);
        }

        if (ListeningLine().Match(line) is { Success: true } match)
        {
            _listening.TrySetResult(IPEndPoint.Parse(match.Groups[1].Value));
        }
    }

    [GeneratedRegex(@"http://(127\.0\.0\.1:\d+)")]
    private static partial Regex ListeningLine();
}
