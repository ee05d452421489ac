using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Edge.Fleet;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Tests.Fleet;

/// <summary>A driver in memory. Starts and stops succeed at once unless a test says otherwise.</summary>
internal sealed class FakeDriver(Journal journal) : IReplicaDriver
{
    private readonly ConcurrentDictionary<string, ObservedReplica> _running = new();
    private Channel<DriverEvent> _events = Channel.CreateUnbounded<DriverEvent>();
    private readonly ConcurrentDictionary<string, string> _names = new();
    private int _ports;

    public string Name => "fake";

    /// <summary>Whether it starts replicas. If not, it only lists servers, as the static driver does.</summary>
    internal bool Owned { get; init; } = true;

    public DriverCapabilities Capabilities => new() { StartsReplicas = Owned, SeesEnds = Owned, InflictsFaults = Owned, PausesReplicas = Pauses };

    /// <summary>Whether it can pause replicas.</summary>
    internal bool Pauses { get; set; }

    /// <summary>The address of every replica; null if no test connects to them.</summary>
    internal IPEndPoint? Address { get; init; }

    /// <summary>What new replicas are made of from now on.</summary>
    internal ReplicaImage Image { get; set; } = new("app:1", "sha256:1");

    /// <summary>What it was told to start, in order.</summary>
    internal ConcurrentQueue<ReplicaSpec> Specs { get; } = new();

    /// <summary>Called where it is asked what they are made of; may throw, or wait.</summary>
    internal Func<Task> OnImage { get; set; } = () => Task.CompletedTask;

    /// <summary>Called for each start, with the name; may throw, or wait.</summary>
    internal Func<string, CancellationToken, Task> OnStart { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Called for each stop, with the name; may throw, or wait.</summary>
    internal Func<string, Task> OnStop { get; set; } = _ => Task.CompletedTask;

    /// <summary>Called for each list; may throw, or wait.</summary>
    internal Func<Task> OnList { get; set; } = () => Task.CompletedTask;

    /// <summary>What it has against replicas that are put or started from now on.</summary>
    internal string? Objection { get; set; }

    /// <summary>Replicas of the fleet that do not run.</summary>
    internal List<ReplicaSpec> Ended { get; } = [];

    /// <summary>How long replicas that are put or started from now on say that they may take to become well.</summary>
    internal TimeSpan StartPeriod { get; set; }

    /// <summary>What it passes over.</summary>
    internal List<IgnoredReplica> Ignored { get; } = [];

    /// <summary>Whether it has an image for replicas that no call asked for.</summary>
    internal bool MayFill { get; set; } = true;

    /// <summary>Called for each fault, with the name.</summary>
    internal Func<string, ReplicaFault, Task> OnFault { get; set; } = (_, _) => Task.CompletedTask;

    internal IEnumerable<string> Running => _running.Keys.Order(StringComparer.Ordinal);

    internal ObservedReplica this[string name] => _running[name];

    /// <summary>The replica at an address; null where it has been stopped since.</summary>
    internal string? NameAt(IPEndPoint address) => _running.Values.FirstOrDefault(r => r.Address.Equals(address))?.Name;

    /// <summary>Has a replica run that the balancer has not started.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="weight">Its share.</param>
    /// <param name="origin">Who made it.</param>
    /// <param name="unit">The driver's id of what can be started again; null for an id of its own.</param>
    internal ObservedReplica Put(
        string name, int weight = 1, ReplicaOrigin origin = ReplicaOrigin.Made, string? unit = null, ReplicaImage? image = null, int? generation = null,
        DeployMark? mark = null)
    {
        int port = Interlocked.Increment(ref _ports);
        var replica = new ObservedReplica($"id{port}", name, Address ?? new IPEndPoint(IPAddress.Loopback, port), weight, Objection)
        {
            Image = image ?? Image,
            Generation = generation,
            Mark = mark,
            Origin = origin,
            UnitId = unit,
            StartPeriod = StartPeriod,
        };
        _running[name] = replica;
        _names[replica.UnitId ?? replica.Id] = name;
        return replica;
    }

    /// <summary>Gives a replica another name, and does not say so.</summary>
    internal void Rename(string name, string other)
    {
        _running.TryRemove(name, out ObservedReplica? replica);
        _running[other] = replica! with { Name = other };
        _names[replica.UnitId] = other;
    }

    // What went by the id last, whether it runs or not.
    private string NameOf(string unitId) => _names[unitId];

    /// <summary>Ends a replica as if it had crashed.</summary>
    internal void Kill(string name, string reason = "exit code 1", bool silently = false, bool mayBeStopped = false)
    {
        _running.TryRemove(name, out ObservedReplica? replica);
        if (!silently)
        {
            _events.Writer.TryWrite(new DriverEvent.Died(replica!.Id, name, reason, mayBeStopped));
        }
    }

    internal void Say(DriverEvent happened) => _events.Writer.TryWrite(happened);

    /// <summary>Ends the stream of events, as a lost connection does.</summary>
    internal void LoseSight()
    {
        Channel<DriverEvent> old = _events;
        _events = Channel.CreateUnbounded<DriverEvent>();
        old.Writer.Complete(new DriverException(DriverFailure.Unavailable, "connection lost"));
    }

    public async Task<ReplicaListing> ListAsync(CancellationToken cancellation)
    {
        ObservedReplica[] listed = [.. _running.Values];
        await OnList();
        return new ReplicaListing(listed, [.. Ended]) { Ignored = [.. Ignored], MayFill = MayFill };
    }

    public async Task<ReplicaImage> ImageAsync(CancellationToken cancellation)
    {
        await OnImage();
        return Image;
    }

    /// <summary>Called when it is asked for an image by name; may throw, or wait.</summary>
    internal Func<string, Task> OnFindImage { get; set; } = _ => Task.CompletedTask;

    public async Task<ReplicaImage> FindImageAsync(string name, bool pulls, CancellationToken cancellation)
    {
        journal.Write($"find {name}{(pulls ? " anew" : "")}");
        await OnFindImage(name);
        return new ReplicaImage(name, "sha256:" + name);
    }

    public Task<IReadOnlyList<string>> LastLinesAsync(string unitId, int count, CancellationToken cancellation)
    {
        journal.Write($"lines {NameOf(unitId)}");
        return Task.FromResult<IReadOnlyList<string>>([$"{NameOf(unitId)} said this"]);
    }

    public async Task<ObservedReplica> StartAsync(ReplicaSpec spec, CancellationToken cancellation)
    {
        journal.Write($"start {spec.Name}");
        Specs.Enqueue(spec);
        await OnStart(spec.Name, cancellation);
        return Put(spec.Name, spec.Weight, spec.Origin, spec.UnitId, spec.Image, spec.Generation, spec.Mark);
    }

    public async Task<ReplicaEnd> StopAsync(string unitId, StopKind kind, string why, CancellationToken cancellation)
    {
        string name = NameOf(unitId);
        journal.Write($"stop {name}");
        journal.Write($"{kind} {name}");
        await OnStop(name);
        if (_running.TryGetValue(name, out ObservedReplica? running) && running.UnitId == unitId)
        {
            _running.TryRemove(new(name, running));
        }

        return new ReplicaEnd(0, OutOfMemory: false);
    }

    public async Task InflictAsync(string unitId, ReplicaFault fault, CancellationToken cancellation)
    {
        string name = NameOf(unitId);
        journal.Write($"{fault} {name}");
        await OnFault(name, fault);
    }

    public Task ForgetAsync(string unitId, string why, CancellationToken cancellation)
    {
        journal.Write($"forget {unitId}");
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<DriverEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        ChannelReader<DriverEvent> events = _events.Reader;
        journal.Write("watch");
        yield return new DriverEvent.Watching();
        await foreach (DriverEvent happened in events.ReadAllAsync(cancellation))
        {
            yield return happened;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>A data plane that forwards nothing and remembers what it was told.</summary>
internal sealed class FakePlane(Journal journal) : IDataPlane, IPlaneFigures
{
    private ReplicaTable _table = ReplicaTable.Empty;

    public int Loops => 1;

    public SlotAllocator Slots { get; } = new();

    /// <summary>Called for each release, with the name.</summary>
    internal Func<string, Task> OnRelease { get; set; } = _ => Task.CompletedTask;

    /// <summary>What is told of each release.</summary>
    internal DrainReport Drained { get; set; }

    /// <summary>Slots that are given out and not released, and whether one was ever given twice.</summary>
    internal ConcurrentDictionary<int, string> Held { get; } = new();

    internal ReplicaTable Table => Volatile.Read(ref _table);

    /// <summary>How many of a round's picks are a replica's.</summary>
    internal int ShareOf(string name)
    {
        uint cursor = 0;
        ReplicaTable table = Table;
        return Enumerable.Range(0, table.Period).Count(_ => table.Pick(ref cursor)!.Name == name);
    }

    /// <summary>What its one loop has counted.</summary>
    internal LoopCounters Counted { get; set; }

    public LoopCounters Figures(int loop) => Counted;

    public IReadOnlyList<string> Methods => Edge.Http.Methods.Names;

    /// <summary>What it has counted for services beside the default one, by their names.</summary>
    internal ConcurrentDictionary<string, ServiceCounters> CountedOf { get; } = new();

    public ServiceCounters Figures(Service service) => service == Service.Default ? Counted.Requests : CountedOf.GetValueOrDefault(service.Name);

    public AnswerTable Answers() => new();

    public AnswerTable Answers(Service service) => new();

    public AnswerTable ControlAnswers() => new();

    internal string[] Names => [.. Table.Replicas.ToArray().Select(r => r.Name)];

    public void Publish(ReplicaTable table)
    {
        Volatile.Write(ref _table, table);
        foreach (Replica replica in table.Replicas)
        {
            string holder = Held.GetOrAdd(replica.Slot, $"{replica.Name}@{replica.Address}");
            Assert.Equal($"{replica.Name}@{replica.Address}", holder);
        }

        journal.Write($"publish {string.Join(',', Names)}");
    }

    public void Relieve(Replica replica)
    {
        Assert.DoesNotContain(replica, Table.Replicas.ToArray());
        journal.Write($"relieve {replica.Name}");
    }

    /// <summary>What is asked of the service, by what the loops have counted.</summary>
    internal LoadFigures Load { get; set; }

    public Task<LoadFigures?> LoadAsync()
    {
        journal.Write("load");
        return Task.FromResult<LoadFigures?>(Load);
    }

    /// <summary>What is told of each observation.</summary>
    internal ClientView Seen { get; set; }

    public async Task<ClientView> ObserveAsync(Func<Task> happening)
    {
        await happening();
        return Seen;
    }

    public async Task<DrainReport> ReleaseAsync(Replica replica, TimeSpan timeout, bool isLost = false)
    {
        Assert.DoesNotContain(replica.Name, Names.Where(n => Table.Replicas.ToArray().Contains(replica)));
        journal.Write($"release {replica.Name}");
        await OnRelease(replica.Name);
        Held.TryRemove(replica.Slot, out _);
        return Drained;
    }
}

/// <summary>Health checks that pass at once, unless a test takes them over.</summary>
internal sealed class FakeHealth(Journal journal, FakeDriver driver)
{
    private readonly ConcurrentDictionary<string, Action<HealthVerdict, string>> _reports = new();

    /// <summary>The names whose checks only report what the test says.</summary>
    internal HashSet<string> Held { get; } = [];

    internal Task WatchAsync(ObservedReplica replica, Action<HealthVerdict, string> report, CancellationToken cancellation)
    {
        if (driver.NameAt(replica.Address) is not { } name)
        {
            return Task.CompletedTask;
        }

        _reports[name] = report;
        if (!Held.Contains(name) && driver.Owned)
        {
            report(HealthVerdict.Passed, "it passed");
        }

        journal.Write($"watch {name}");
        return Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
    }

    /// <summary>Whether the checks of a replica of this name have begun: it may run a moment before.</summary>
    internal bool Watches(string name) => _reports.ContainsKey(name);

    internal void Report(string name, HealthVerdict verdict, string why = "it answered 500") => _reports[name](verdict, why);
}
