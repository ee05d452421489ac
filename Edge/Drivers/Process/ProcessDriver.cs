using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>
/// Replicas as child processes, on loopback ports that the kernel chooses: the replicas of a balancer where nothing else is installed. They end with
/// the balancer.
/// </summary>
/// <param name="program">What to run.</param>
/// <param name="grace">How long a replica may take to end before it is killed.</param>
/// <param name="time">The clock of the grace.</param>
/// <param name="onLine">Gets a replica's name and a line that it printed; from any thread.</param>
/// <param name="prefix">With what the names of replicas begin.</param>
internal sealed class ProcessDriver(
    ReplicaProgram program,
    Func<TimeSpan> grace,
    TimeProvider time,
    Action<string, string> onLine,
    string prefix = ReplicaNames.DefaultPrefix) : IReplicaDriver
{
    /// <summary>The capabilities of every process driver.</summary>
    internal static readonly DriverCapabilities Abilities = new() { StartsReplicas = true, SeesEnds = true, InflictsFaults = true, IsBuiltInReplica = true };

    private const string ImageName = "replica";
    private const int TagChars = 128;
    private const int EndedKept = 16;

    private static readonly ReplicaImage s_image = new(ImageName);

    private readonly ConcurrentDictionary<string, Running> _running = new(StringComparer.Ordinal);

    // Without a bound: one entry for each child that has ended, and its reader only passes it on to the fleet manager, without waiting.
    private readonly Channel<DriverEvent> _events = Channel.CreateUnbounded<DriverEvent>();
    private readonly ConcurrentDictionary<string, string[]> _ended = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _endedOrder = new();
    private int _started;
    private volatile bool _closed;

    /// <summary>A child with its name; without an observed replica while it starts.</summary>
    private sealed class Running
    {
        internal ChildProcess? Child { get; set; }

        internal ObservedReplica? Observed { get; set; }
    }

    public string Name => "process";

    public DriverCapabilities Capabilities => Abilities;

    public Task<ReplicaListing> ListAsync(CancellationToken cancellation) =>
        Task.FromResult(new ReplicaListing([.. _running.Values.Select(r => r.Observed).OfType<ObservedReplica>()], []));

    public Task<ReplicaImage> ImageAsync(CancellationToken cancellation) => Task.FromResult(s_image);

    /// <summary>The built-in replica has images that differ by their tags alone.</summary>
    public Task<ReplicaImage> FindImageAsync(string name, bool pulls, CancellationToken cancellation) =>
        name == ImageName || (name.StartsWith(ImageName + ":", StringComparison.Ordinal) && IsTag(name[(ImageName.Length + 1)..]))
            ? Task.FromResult(new ReplicaImage(name))
            : throw new DriverException(
                DriverFailure.Failed,
                $"'{name}' is no image of the built-in replica, which this fleet has: those are {ImageName} and {ImageName}:TAG; "
                + "with tags that begin with failing, hanging or crashing, it does so");

    public Task<IReadOnlyList<string>> LastLinesAsync(string unitId, int count, CancellationToken cancellation)
    {
        string[] lines = Find(unitId)?.Child?.LastLines() ?? _ended.GetValueOrDefault(unitId, []);
        return Task.FromResult<IReadOnlyList<string>>([.. lines.TakeLast(count)]);
    }

    public async Task<ObservedReplica> StartAsync(ReplicaSpec spec, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var running = new Running();
        if (_closed || !_running.TryAdd(spec.Name, running))
        {
            throw _closed
                ? new DriverException(DriverFailure.Unavailable, "the balancer is shutting down")
                : new DriverException(DriverFailure.NameTaken, $"a process already runs as {spec.Name}");
        }

        try
        {
            ChildProcess child = ChildProcess.Start(Command(spec.Name, spec.Image?.Name), spec.Name, onLine);
            running.Child = child;
            IPEndPoint address = await ReadyAsync(child, cancellation);
            string id = string.Create(CultureInfo.InvariantCulture, $"{child.Id}-{Interlocked.Increment(ref _started)}");
            running.Observed = new ObservedReplica(id, spec.Name, address, spec.Weight)
            {
                Image = spec.Image ?? s_image,
                Generation = spec.Generation,
                Mark = spec.Mark,
            };
        }
        catch
        {
            _running.TryRemove(spec.Name, out _);
            throw;
        }

        _ = ReportEndAsync(running);
        return running.Observed;
    }

    public async Task<ReplicaEnd> StopAsync(string unitId, StopKind kind, string why, CancellationToken cancellation)
    {
        if (Find(unitId) is not { } running)
        {
            return default;
        }

        await running.Child!.StopAsync(grace(), time).WaitAsync(cancellation);
        _running.TryRemove(new(running.Observed!.Name, running));
        return new ReplicaEnd(running.Child.ExitCode, OutOfMemory: false);
    }

    public Task InflictAsync(string unitId, ReplicaFault fault, CancellationToken cancellation)
    {
        if (Find(unitId) is not { } running)
        {
            throw new DriverException(DriverFailure.Failed, $"the process {unitId} does not run any more");
        }

        if (fault == ReplicaFault.Freeze)
        {
            running.Child!.Freeze();
            return Task.CompletedTask;
        }

        return running.Child!.KillAsync();
    }

    /// <summary>A process that has ended leaves nothing to remove.</summary>
    public Task ForgetAsync(string unitId, string why, CancellationToken cancellation) => Task.CompletedTask;

    public async IAsyncEnumerable<DriverEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return new DriverEvent.Watching();
        await foreach (DriverEvent happened in _events.Reader.ReadAllAsync(cancellation))
        {
            yield return happened;
        }
    }

    /// <summary>Ends all children. Returns when they have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        _closed = true;
        await Task.WhenAll(_running.Values.Select(r => r.Child?.StopAsync(grace(), time) ?? Task.CompletedTask));
    }

    // Another child may have this name now; an id is never used again.
    private Running? Find(string unitId) => _running.Values.FirstOrDefault(running => running.Observed?.UnitId == unitId);

    private static async Task<IPEndPoint> ReadyAsync(ChildProcess child, CancellationToken cancellation)
    {
        try
        {
            return await child.WaitReadyAsync(cancellation);
        }
        catch
        {
            await child.KillAsync();
            child.Dispose();
            throw;
        }
    }

    private async Task ReportEndAsync(Running running)
    {
        ObservedReplica replica = running.Observed!;
        string how = await running.Child!.Exited;
        KeepLines(replica.UnitId, running.Child.LastLines());
        _running.TryRemove(new(replica.Name, running));
        running.Child.Dispose();
        _events.Writer.TryWrite(new DriverEvent.Died(replica.Id, replica.Name, how));
    }

    private ProcessStartInfo Command(string name, string? image)
    {
        string id = ReplicaNames.ServerId(name, prefix);
        var start = new ProcessStartInfo(program.File);
        string[] tagged = image is null or ImageName ? [] : ["--image", image];
        string[] arguments = ["replica", "--listen", "127.0.0.1:0", "--id", id, "--end-with-stdin", .. tagged];
        foreach (string argument in program.PrefixArguments.Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        // A replica answers requests of clients, so it must not know the balancer's options, above all the token.
        foreach (string own in start.Environment.Keys.Where(IsOwn).ToArray())
        {
            start.Environment.Remove(own);
        }

        start.Environment["SERVER_ID"] = id;
        return start;
    }

    // Of the last few that have ended: a deploy reads the lines of the one that failed.
    private void KeepLines(string unitId, string[] lines)
    {
        _ended[unitId] = lines;
        _endedOrder.Enqueue(unitId);
        if (_endedOrder.Count > EndedKept && _endedOrder.TryDequeue(out string? oldest))
        {
            _ended.TryRemove(oldest, out _);
        }
    }

    private static bool IsTag(string tag) => tag.Length is > 0 and <= TagChars && tag.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    private static bool IsOwn(string variable) =>
        variable.StartsWith("EDGE__", StringComparison.OrdinalIgnoreCase) || variable.Equals("EDGE_TOKEN", StringComparison.OrdinalIgnoreCase);
}
