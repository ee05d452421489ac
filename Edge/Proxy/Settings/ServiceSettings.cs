using Edge.Config;
using Edge.Http;

namespace Edge.Proxy;

/// <summary>
/// The options of one service in the form that a loop uses: milliseconds, and the loop's share of limits for all loops. Immutable; it has no defaults of
/// its own.
/// </summary>
/// <param name="options">The options of the service; they do not change any more.</param>
/// <param name="loops">How many loops there are.</param>
internal sealed class ServiceSettings(ServiceOptions options, int loops)
{
    internal Timeouts Timeouts { get; } = new(options);

    internal Retries Retries { get; } = new(options.Retries);

    /// <summary>How long a canary has for its answer at most, in milliseconds.</summary>
    internal long CanaryPatience { get; } = Math.Min(Limits.CanaryMilliseconds, Math.Min(Half(options.Timeouts.ResponseHead), Half(options.Timeouts.Request)));

    internal int RetryPercent { get; } = options.Retries.BudgetPercent;

    /// <summary>This loop's share.</summary>
    internal double RetriesPerSecond { get; } = (double)options.Retries.BudgetPerSecond / loops;

    /// <summary>Requests in flight; this loop's share.</summary>
    internal int InFlightAtMost { get; } = Share(options.Overload.InFlight, loops);

    /// <summary>Requests in flight on one replica; this loop's share.</summary>
    internal int PerReplicaAtMost { get; } = Share(options.Overload.PerReplica, loops);

    /// <summary>Requests that wait for a replica; this loop's share. 0 for none.</summary>
    internal int WaitingAtMost { get; } = options.Overload.Queue == 0 ? 0 : Share(options.Overload.Queue, loops);

    /// <summary>How long a request waits for a replica, in milliseconds.</summary>
    internal long QueueWait { get; } = (long)options.Overload.QueueWait.TotalMilliseconds;

    /// <summary>The same while the service is paused.</summary>
    internal long PauseWait { get; } = (long)options.Overload.PauseWait.TotalMilliseconds;

    /// <summary>The same while the service wakes.</summary>
    internal long WakeWait { get; } = (long)options.Scale.Wake.TotalMilliseconds;

    /// <summary>Requests that a replica gets at first when the service has woken; this loop's share.</summary>
    internal int AdmittedAtFirst { get; } = Math.Max(1, ((options.Scale.InFlight * options.Scale.Percent / 100) + loops - 1) / loops);

    /// <summary>Whether browsers get a page while the service wakes.</summary>
    internal bool ShowsWaitingPage { get; } = options.Scale.Page;

    /// <summary>Whose requests neither wake the service nor keep it awake; null for none.</summary>
    internal MonitorList? Monitors { get; } = MonitorList.Of(options.Scale.Ignore);

    internal bool PicksLessLoaded { get; } = options.Fleet.Pick == FleetPick.LessLoaded;

    /// <summary>Whether a status of 500 or more counts towards an ejection.</summary>
    internal bool EjectsOnStatus { get; } = options.Ejection.Status5xx;

    /// <summary>Whether responses carry the name of their replica.</summary>
    internal bool NameReplica { get; } = options.Forwarding.NameReplica;

    /// <summary>Whether the requests of a client go to the replica that has answered it before.</summary>
    internal bool IsSticky { get; } = options.Sticky;

    /// <summary>Responses carry the name of their replica, and no cookie: mostly it is so.</summary>
    internal bool OnlyNamesReplica { get; } = options is { Forwarding.NameReplica: true, Sticky: false };

    /// <summary>Whether a replica gets to finish an unsafe request whose client has left.</summary>
    internal bool FinishesAbandoned { get; } = options.Forwarding.FinishAbandoned;

    /// <summary>Whether the options name the servers that requests go to.</summary>
    internal bool HasAddresses { get; } = options.Fleet.Addresses.Length > 0;

    /// <summary>What it asks of its clients; null for nothing.</summary>
    internal AccessSettings? Access { get; } = AccessSettings.Of(options.Access);

    /// <summary>What all its answers carry, and none; null where no option says anything.</summary>
    internal FixedFields? FixedFields { get; } =
        options.Answers is { Set: [], Remove: [] } ? null : new FixedFields(options.Answers.Fields(), options.Answers.Remove);

    /// <summary>Its paths that have moved, and where to.</summary>
    internal (string From, string To)[] Redirects { get; } = [.. options.Answers.Redirects.Select(one => (one.Path(), one.To))];

    /// <summary>What browsers get in the place of an error of the balancer's own; null for nothing.</summary>
    internal byte[]? ErrorPage { get; } = options.Answers.Page;

    /// <summary>The same while the service is paused or stopped.</summary>
    internal byte[]? MaintenancePage { get; } = options.Answers.WhileStopped ?? options.Answers.Page;

    /// <summary>Whether there is any of these.</summary>
    internal bool HasPage { get; } = (options.Answers.Page ?? options.Answers.WhileStopped) is not null;

    /// <summary>Those of request bodies.</summary>
    internal ClientLimits ClientLimits { get; } = new(options.Limits, options.Timeouts);

    // No time in the options is no bound.
    private static long Half(TimeSpan time) => time > TimeSpan.Zero ? (long)time.TotalMilliseconds / 2 : long.MaxValue;

    // At least 1 in each loop; 0 in the options is no limit.
    private static int Share(int limit, int loops) => limit == 0 ? int.MaxValue : (limit + loops - 1) / loops;
}
