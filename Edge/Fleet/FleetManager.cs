using System.Threading.Channels;
using Edge.Config;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>
/// The single writer of the fleet. Calls, driver events, health verdicts and the results of starts and stops arrive in one channel, and <see
/// cref="FleetActor"/> applies them one at a time. Readers get an immutable snapshot.
/// </summary>
internal sealed class FleetManager : IAsyncDisposable
{
    // Without a bound: a message is applied at once and waits for nothing, and each sender is bounded. A call waits for its answer, a loop reports a
    // replica once a second at most, a health check and a start report once each, and the driver bounds its own events.
    private readonly Channel<FleetMessage> _inbox =
        Channel.CreateUnbounded<FleetMessage>(new UnboundedChannelOptions { SingleReader = true });

    private readonly CancellationTokenSource _shutdown = new();
    private readonly ServiceOptionsCell _options;
    private readonly Roster _roster;
    private readonly PendingCalls _calls;
    private readonly IDataPlane _plane;
    private readonly FleetTasks _tasks;
    private readonly DriverSync _sync;
    private readonly TablePublisher _publisher;
    private readonly FleetSizing _sizing;
    private readonly Deploys _deploys;
    private readonly FleetActor _actor;
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _steady = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private FleetSnapshot _snapshot = FleetSnapshot.Empty;

    /// <param name="driver">Runs the replicas. The caller disposes it, after this.</param>
    /// <param name="plane">Gets each new table.</param>
    /// <param name="watchHealth">Checks one replica.</param>
    /// <param name="options">Counts and timeouts.</param>
    /// <param name="time">The clock of waits and of what is shown.</param>
    /// <param name="random">Chooses which replicas to remove and how long to wait; used by one thread at a time.</param>
    /// <param name="log">Gets one line for each change.</param>
    internal FleetManager(
        IReplicaDriver driver,
        IDataPlane plane,
        HealthWatch watchHealth,
        ServiceOptions options,
        TimeProvider time,
        Random random,
        Log log)
    {
        _plane = plane;
        _roster = new Roster(plane.Slots);
        Capabilities = driver.Capabilities;
        driver = new CountedDriver(driver, Counters, log);
        _options = new ServiceOptionsCell(options);
        _roster.Target = ScaleBounds.TargetOf(options, driver.Capabilities, new FleetTarget(0) { Prefix = options.ReplicaPrefix });
        var sleep = new SleepCell();
        _tasks = new FleetTasks(driver, plane, watchHealth, _options, time, log, Post, _shutdown.Token);
        _calls = new PendingCalls(_roster);
        _publisher = new TablePublisher(_roster, driver.Capabilities, plane, _tasks, _options, sleep, time, log);
        var lifecycle = new ReplicaLifecycle(_roster, _publisher, driver.Capabilities, plane, _tasks, _options, time, random, log, _shutdown.Token);
        var healing = new Healing(_roster, lifecycle, _tasks, time, random, log);
        var membership = new Membership(_roster, _publisher, lifecycle, healing, _calls, _tasks, _options, log);
        var deployTasks = new DeployTasks(_tasks, driver, (replica, path, cancellation) => SmokeTest(replica, path, cancellation), Post, _shutdown.Token);
        var deployActions = new DeployActions(_roster, _publisher, lifecycle, membership, deployTasks, plane, _options);
        _deploys = new Deploys(
            _roster, deployActions, deployTasks, new FollowedReplicas(_roster, deployTasks, _options, time), _options, time, log);
        _sync = new DriverSync(_roster, _publisher, lifecycle, membership, _deploys, driver, _tasks, log);
        var ejections = new Ejections(_roster, _publisher, membership, _tasks, _options, Counters, time, log);
        var changes = new SizeChanges(_roster, lifecycle, membership, _tasks);
        _sizing = new FleetSizing(_roster, changes, membership, _calls, _sync, driver, _tasks, sleep, _options, time, log)
        {
            Rest = () => _deploys.Refusal?.Message,
        };
        _actor = new FleetActor(
            _roster, _publisher, lifecycle, healing, membership, _sync, ejections, _calls, _deploys, _sizing, driver, _tasks, _options, Counters,
            random, log);

        // Before the first connection is accepted: after a restart of the balancer there are replicas, but it does not know them yet.
        _publisher.TellWhetherToWait();
    }

    /// <summary>What the driver can do.</summary>
    internal DriverCapabilities Capabilities { get; }

    /// <summary>Asks the first replica of a new version for paths before any client does; without it, nothing is asked but the health check.</summary>
    internal SmokeTest SmokeTest { get; init; } = (_, _, _) => Task.FromResult<string?>(null);

    /// <summary>The present settings.</summary>
    internal ServiceOptions Options => _options.Current;

    /// <summary>The counts since the start.</summary>
    internal FleetCounters Counters { get; } = new();

    /// <summary>The fleet after the last change.</summary>
    internal FleetSnapshot Snapshot => Volatile.Read(ref _snapshot);

    /// <summary>Called with the fleet after each possible change, one after the other. The handler must return at once, and must not throw.</summary>
    internal event Action<FleetSnapshot>? Changed;

    /// <summary>Completes when the driver has listed the replicas. Until then, calls that change the fleet are refused.</summary>
    internal Task Known => _known.Task;

    /// <summary>Completes when the fleet of the start is in rotation for the first time.</summary>
    internal Task Steady => _steady.Task;

    /// <summary>Completes when the manager ends; fails if a mistake in the manager ended it.</summary>
    internal Task Completion => _running;

    /// <summary>Adopts the replicas that the driver has running, and starts missing ones. Returns at once.</summary>
    internal void Start()
    {
        _running = Task.Run(RunAsync);
        _tasks.WatchDriver();
    }

    /// <summary>Adds replicas. Answers when all of them are in rotation, or when none of them is left.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="names">Names for the first of them, at most as many, each once.</param>
    /// <param name="weight">Of each of them, 1 to 256.</param>
    internal Task<FleetAnswer> AddAsync(int count, IReadOnlyList<string> names, int weight)
    {
        var operation = new AddOperation(count, names, weight);
        return SendAsync(operation, new FleetMessage.Add(operation));
    }

    /// <summary>Removes replicas. Answers when they are gone.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="names">Some of them, at most as many, each once; the others are chosen at random.</param>
    internal Task<FleetAnswer> RemoveAsync(int count, IReadOnlyList<string> names)
    {
        var operation = new RemoveOperation(count, names);
        return SendAsync(operation, new FleetMessage.Remove(operation));
    }

    /// <summary>Gives replicas another weight. It holds as long as this process runs, and the names are in the fleet.</summary>
    /// <param name="names">At least one, each once.</param>
    /// <param name="weight">1 to 256.</param>
    internal Task<FleetAnswer> WeighAsync(IReadOnlyList<string> names, int weight)
    {
        var operation = new WeighOperation(names, weight);
        return SendAsync(operation, new FleetMessage.Weigh(operation));
    }

    /// <summary>Has the size of the fleet follow the load between other bounds, as long as this process runs.</summary>
    /// <param name="minimum">0 lets it sleep; null for what it is now.</param>
    /// <param name="maximum">0 for a size that does not follow the load; null for what it is now.</param>
    internal Task<FleetAnswer> ScaleAsync(int? minimum, int? maximum)
    {
        var operation = new ScaleOperation(minimum, maximum);
        return SendAsync(operation, new FleetMessage.Scale(operation));
    }

    /// <summary>Stops the replicas until a request comes. Answers when they have ended.</summary>
    internal Task<FleetAnswer> SleepAsync() => SendSleepAsync(new SleepOperation(wakes: false));

    /// <summary>Starts a fleet that sleeps. Answers when a replica is in rotation.</summary>
    internal Task<FleetAnswer> WakeAsync() => SendSleepAsync(new SleepOperation(wakes: true));

    private Task<FleetAnswer> SendSleepAsync(SleepOperation operation) => SendAsync(operation, new FleetMessage.Sleep(operation));

    /// <summary>A request has come while the fleet was asleep. From any thread; returns at once.</summary>
    internal void OnWakeWanted() => Post(new FleetMessage.WakeWanted());

    /// <summary>Has another image take the place of the one that serves.</summary>
    internal void Deploy(DeployOperation operation)
    {
        if (!_inbox.Writer.TryWrite(new FleetMessage.DeployBegun(operation)))
        {
            operation.Settle(new DeployAnswer(Snapshot.Deploy, PendingCalls.ShuttingDown));
        }
    }

    /// <summary>Has the deploy pause, go on, or go back.</summary>
    internal Task<DeployAnswer> DeployAsync(DeployCommand command)
    {
        var call = new DeployCall(command);
        if (!_inbox.Writer.TryWrite(new FleetMessage.DeployAsked(call)))
        {
            call.Complete(new DeployAnswer(Snapshot.Deploy, PendingCalls.ShuttingDown));
        }

        return call.Answer;
    }

    /// <summary>Has deploys take no step from now on, or lets them go on. Completes when that holds.</summary>
    internal Task HoldDeploysAsync(bool areHeld)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _inbox.Writer.TryWrite(new FleetMessage.DeploysHeld(areHeld, done)) ? done.Task : Task.CompletedTask;
    }

    /// <summary>So many requests to a replica failed in a row that an ejection is due. From any thread; returns at once.</summary>
    internal void Eject(Replica replica) => Post(new FleetMessage.EjectionDue(replica));

    /// <summary>Has other options hold, after what has been asked for before. From any thread; returns at once.</summary>
    internal void Reconfigure(ServiceOptions options) => Post(new FleetMessage.Reconfigured(options));

    /// <summary>Cancels the work that is under way. Replicas stay as they are; the driver decides whether they end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _shutdown.CancelAsync();
        _inbox.Writer.TryComplete();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>
    /// Ends the manager while the loops go on: requests go to none of the replicas any more. Those under way end, or are cut after the drain; then the
    /// replicas' slots are free. The replicas stay as they are.
    /// </summary>
    internal async Task LeaveAsync(TimeSpan drain)
    {
        await DisposeAsync();
        await _tasks.EndedAsync();
        IEnumerable<Replica> left = _roster.Members.Select(member => member.Incarnation.Replica).OfType<Replica>();
        await Task.WhenAll(left.Select(replica => _plane.ReleaseAsync(replica, drain)));
        _roster.FreeAllSlots();
    }

    private Task<FleetAnswer> SendAsync(FleetOperation operation, FleetMessage message)
    {
        if (!_inbox.Writer.TryWrite(message))
        {
            operation.Complete(new FleetAnswer(Snapshot.Running, PendingCalls.ShuttingDown, []));
        }

        return operation.Answer;
    }

    /// <summary>Shows readers the fleet as it is now.</summary>
    private void Show()
    {
        FleetSnapshot now = _roster.Snapshot(_sync.Blindness) with
        {
            IsKnown = _sync.IsKnown,
            InPanic = _publisher.InPanic,
            Ignored = _sync.Ignored,
            Scale = _sizing.Snapshot,
            Deploy = _deploys.Status,
        };
        Volatile.Write(ref _snapshot, now);
        Changed?.Invoke(now);
    }

    // After the end nothing reads the channel, and such a message has nothing left to change.
    private void Post(FleetMessage message) => _inbox.Writer.TryWrite(message);

    private async Task RunAsync()
    {
        try
        {
            await foreach (FleetMessage message in _inbox.Reader.ReadAllAsync(CancellationToken.None))
            {
                if (_shutdown.IsCancellationRequested)
                {
                    _deploys.Refuse(message);
                    _calls.Refuse(message);
                    continue;
                }

                _actor.Apply(message);
                Show();

                // Answers go out after the snapshot, so that a caller who looks next sees what the answer says.
                _calls.SendAnswers();
                if (_sync.IsKnown)
                {
                    _known.TrySetResult();
                }

                if (_actor.IsSteady)
                {
                    _steady.TrySetResult();
                }
            }
        }
        finally
        {
            // Without this, a mistake in the actor would leave its callers waiting for ever.
            _inbox.Writer.TryComplete();
            _deploys.RefuseAll();
            _calls.RefuseAll();
        }
    }
}
