using System.Diagnostics;
using Edge.Config;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>
/// What one loop has of one service: the requests that wait and what is in flight, the budget for retries, and its replicas with the table of this
/// turn. Nothing in it is another service's, so that none can delay another's requests. Touched by the loop's thread alone.
/// </summary>
internal sealed class ServiceState
{
    // Requests that want no replica.
    private static readonly Reason[] s_answeredHere =
    [
        Reason.Refused, Reason.NoService, Reason.NotAllowed, Reason.RateLimited, Reason.Unauthorized, Reason.AttemptsLimited, Reason.RequestHeadTimeout,
        Reason.ServiceStopped, Reason.ServiceAsleep,
    ];

    // Requests that want one and got none: they say how many come, and not how long one takes.
    private static readonly Reason[] s_notServed = [Reason.QueueTimeout, Reason.QueueFull, Reason.NoReplica, Reason.ServicePaused, Reason.WakeTimeout];

    private readonly int _loops;
    private readonly ReplicaPicker _replicas;
    private readonly UpstreamPools _pools;
    private readonly LoopContext _loop;
    private readonly ClientRates _rates;
    private ServiceOptions _options;

    /// <param name="loop">Whose it is.</param>
    /// <param name="entry">Which service, and its options.</param>
    /// <param name="loops">How many loops share the limits.</param>
    /// <param name="failures">Those of the loop's replicas.</param>
    /// <param name="pools">The loop's connections to replicas.</param>
    /// <param name="rates">Those of all clients.</param>
    /// <param name="wake">Called when a request has come for a service that is asleep.</param>
    internal ServiceState(
        LoopContext loop, ServiceEntry entry, int loops, FailureReports failures, UpstreamPools pools, ClientRates rates, Action<Service> wake)
    {
        (_loop, _rates) = (loop, rates);
        (_loops, Service, Failures, _pools) = (loops, entry.Service, failures, pools);
        Cookie = new StickyCookie(entry.Service);
        _options = entry.Options;
        Settings = new ServiceSettings(_options, loops);
        Access = AccessGate.Of(loop, Settings.Access, rates, entry.Service.Number);
        Protocol = pools.Protocol;
        _replicas = new ReplicaPicker(loop, entry.Service.Number, loops, failures.Places) { PicksLessLoaded = Settings.PicksLessLoaded };
        Permits = new RetryPermits(loop, failures, _replicas, new RetryBudget(Settings.RetryPercent, Settings.RetriesPerSecond));
        Counts = Service == Service.Default ? null : new ServiceBlock(Service.Name);
        Queue = new RequestQueue(loop, _replicas, Permits, Settings, Counts, () => wake(Service));
        NoteWhatIsAsked();
    }

    internal Service Service { get; }

    /// <summary>Where the loop counts for it; null for the default service, which is counted with the loop.</summary>
    internal ServiceBlock? Counts { get; }

    internal ServiceSettings Settings { get; private set; }

    /// <summary>Whose requests it takes; null for everybody's.</summary>
    internal AccessGate? Access { get; private set; }

    /// <summary>Whether a request may be answered without a replica being asked, so that it has to be looked at: few services ask for that.</summary>
    internal bool MayAnswer { get; private set; }

    /// <summary>Whether it is asleep, or monitors are told from others for the time when it may be.</summary>
    internal bool MaySleep { get; private set; }

    /// <summary>Paths of it that have moved; null for none.</summary>
    internal RedirectMap? Redirects { get; private set; }

    internal RequestQueue Queue { get; }

    internal RetryPermits Permits { get; }

    internal FailureReports Failures { get; }

    /// <summary>By which its clients stay with a replica, where that is wanted.</summary>
    internal StickyCookie Cookie { get; }

    /// <summary>How its replicas are spoken to.</summary>
    internal UpstreamProtocol Protocol { get; }

    /// <summary>Whether there never is a replica: nothing makes one, and no server is named.</summary>
    internal bool IsEmpty => _replicas.Table is { Period: 0, IsHealing: false } and ({ IsOwned: false } or { IsBare: true }) && !Settings.HasAddresses;

    /// <summary>The table of this turn.</summary>
    internal ReplicaTable Table => _replicas.Table;

    /// <summary>Which requests may go to the new replicas that are compared with those of the table; null if there are none.</summary>
    internal CanaryPicker? Canary { get; private set; }

    /// <summary>Takes up its options and its table, where they are other ones: those that wait look whether there is room now.</summary>
    /// <param name="entry">Of this service.</param>
    /// <param name="isFresh">Whether the loop has answered nothing yet: then it may begin anywhere in the round.</param>
    internal void Take(ServiceEntry entry, bool isFresh)
    {
        if (!ReferenceEquals(entry.Options, _options))
        {
            Reconfigure(entry.Options);
        }

        if (entry.Mode != Queue.Mode)
        {
            Queue.Enter(entry.Mode);
            NoteWhatIsAsked();
        }

        if (_replicas.Take(entry.Table, isFresh))
        {
            NoteSleep();
            TakeCanary(entry.Table);
            Queue.Reopen();
        }
    }

    /// <summary>The service is no more: its requests that wait are answered with that. Those in flight go on, as long as its fleet lets them.</summary>
    internal void End()
    {
        _replicas.Take(ReplicaTable.Empty, isFresh: false);
        NoteSleep();
        TakeCanary(ReplicaTable.Empty);
        Queue.Enter(ServiceMode.Open);
        Queue.Reopen();
    }

    private void TakeCanary(ReplicaTable table)
    {
        if (table.Canary is not { } canary)
        {
            Canary = null;
            return;
        }

        Canary ??= new CanaryPicker(_loop.Number, Service.Number);
        Canary.Take(table, canary);
    }

    private void NoteWhatIsAsked()
    {
        Redirects = Settings.Redirects.Length > 0 ? new RedirectMap(Settings.Redirects) : null;
        NoteSleep();
    }

    private void NoteSleep()
    {
        MaySleep = Table.IsAsleep || (Table.IsMeasured && Settings.Monitors is not null);
        MayAnswer = Access is not null || Queue.Mode == ServiceMode.Stopped || Redirects is not null || MaySleep;
    }

    /// <summary>What is asked of it, as this loop has counted. On the loop's thread.</summary>
    internal LoadFigures Load()
    {
        ref ServiceCounters counters = ref Queue.Counters;
        long answered = 0, notServed = 0;
        foreach (Reason reason in s_answeredHere)
        {
            answered += counters.Failures[(int)reason];
        }

        foreach (Reason reason in s_notServed)
        {
            notServed += counters.Failures[(int)reason];
        }

        long begun = counters.Begun - answered;
        long monitorsNow = counters.MonitorsBegun - counters.MonitorsEnded;
        return new LoadFigures(Queue.Busy * 1000, begun, counters.Ended - answered - notServed, Queue.Count)
        {
            Wakeful = begun - counters.MonitorsBegun,
            WakefulNow = Math.Max(0, Queue.InFlight + Queue.Count - monitorsNow),
        };
    }

    private void Reconfigure(ServiceOptions options)
    {
        _options = options;
        Settings = new ServiceSettings(options, _loops);
        Access = AccessGate.Of(_loop, Settings.Access, _rates, Service.Number);
        _replicas.PicksLessLoaded = Settings.PicksLessLoaded;
        Permits.Budget.Reconfigure(Settings.RetryPercent, Settings.RetriesPerSecond);
        Queue.Reconfigure(Settings);
        NoteWhatIsAsked();
    }

    /// <summary>The loop's connections to one of the service's replicas.</summary>
    internal UpstreamPool PoolOf(Replica replica)
    {
        UpstreamPool pool = _pools.Of(replica, Queue);
        Debug.Assert(pool.Queue == Queue, "a replica serves one service");
        return pool;
    }

    /// <summary>
    /// Has an idle connection closed, for its descriptor, whichever service has it; then the requests that wait here look again. False where there is none.
    /// </summary>
    internal bool TryCloseIdle() => _pools.TryCloseIdle(Queue);
}
