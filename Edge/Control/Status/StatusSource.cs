using Edge.Certificates;
using Edge.Fleet;
using Edge.Config;
using Edge.Routing;
using Edge.Services;
using Edge.Telemetry;

namespace Edge.Control;

/// <summary>Writes /edge/status. From any thread.</summary>
/// <param name="balancer">The balancer as it is now.</param>
/// <param name="loops">The loops' own counters now.</param>
/// <param name="options">The present options, in the form that may be shown.</param>
/// <param name="plane">The counts of the loops.</param>
/// <param name="minute">The figures of the last minute.</param>
/// <param name="time">The clock of the uptime.</param>
internal sealed class StatusSource(
    Func<BalancerReport> balancer,
    Func<LoopReport[]> loops,
    Func<IReadOnlyDictionary<string, string>> options,
    IPlaneFigures plane,
    LastMinute minute,
    TimeProvider time)
{
    private readonly LoopLoad _load = new(plane, time);

    /// <summary>The certificates that clients get to see; null without TLS.</summary>
    internal CertificateStore? Certificates { get; init; }

    /// <summary>The services beside the default one; null where there can be none.</summary>
    internal ServiceRegistry? Services { get; init; }

    /// <summary>Which replicas asked for routes that they did not get; null where none can ask.</summary>
    internal Func<IReadOnlyList<IgnoredReplica>>? RoutesRefused { get; init; }

    internal StatusReport Read(FleetSnapshot fleet, bool owned)
    {
        BalancerReport now = balancer();
        double[] busy = _load.BusyShares();
        return new(
            StatusReport.CurrentVersion,
            now,
            Process(now.Started),
            Report(now.Fleet, now.Driver, now.Minimum, now.Maximum, fleet, owned),
            Report(plane.Figures().Requests, minute.OfAll()),
            [.. loops().Select(loop => loop.Loop < busy.Length ? loop with { BusyShare = busy[loop.Loop] } : loop)],
            [.. fleet.Replicas.Select(Report)],
            IgnoredOf(fleet),
            options())
        {
            State = (Services?.ModeOf(null) ?? ServiceMode.Open).Word(),
            Unrouted = TrafficOf(Service.Default),
            Services = [.. (Services?.All ?? []).Select(Report)],
            RoutesRefused = [.. (RoutesRefused?.Invoke() ?? []).Select(refused => new IgnoredReport(refused.Name, refused.Why))],
            Certificates = Certificates is null ? [] : CertificateReport.Of(Certificates, time.GetUtcNow()),
            Tls = Certificates is null ? null : TlsReport.Of(Build.Current.Tls, plane.Figures()),
        };
    }

    /// <summary>What was.</summary>
    /// <param name="fleet">The replicas of the service.</param>
    /// <param name="name">The service's; null for the default one.</param>
    internal HistoryReport History(FleetSnapshot fleet, string? name)
    {
        Service? service = name is null ? Service.Default : Services?.Find(name)?.Service;
        return new(
            LastMinute.Interval.TotalSeconds,
            name is null ? SeriesReport.Of(minute.History()) : null,
            SeriesReport.Of(service is null ? [] : minute.History(service)),
            [
                .. fleet.Replicas.Select(replica =>
                    new ReplicaHistoryReport(replica.Name, SeriesReport.Of(replica.Counting is { } counting ? minute.History(counting) : []))),
            ]);
    }

    private ServiceReport Report(RunningService service)
    {
        FleetSnapshot fleet = service.Fleet.Snapshot;
        FleetOptions options = service.Options.Fleet;
        bool owned = service.Fleet.Capabilities.StartsReplicas;
        return new(
            service.Name,
            [.. service.Options.Routes().Select(route => $"{(route.Host.Length == 0 ? "*" : route.Host)}{route.Path}")],
            service.Options.Strip,
            TrafficOf(service.Service),
            Report(options.Name, service.Driver, options.Minimum, options.Maximum, fleet, owned),
            [.. fleet.Replicas.Select(Report)],
            IgnoredOf(fleet))
        {
            Redirects = [.. service.Options.Redirected().Select(route => route.Host + route.Path)],
            State = Services!.ModeOf(service.Name).Word(),
        };
    }

    private static IReadOnlyList<IgnoredReport> IgnoredOf(FleetSnapshot fleet) =>
        [.. fleet.Ignored.Select(ignored => new IgnoredReport(ignored.Name, ignored.Why))];

    private static FleetReport Report(string name, string driver, int minimum, int maximum, FleetSnapshot fleet, bool owned) => new(
        name,
        driver,
        fleet.Blindness is not null ? "lost" : fleet.IsKnown ? "watching" : "starting",
        fleet.Blindness,
        owned,
        fleet.Replicas.Count,
        fleet.Running.Count,
        fleet.Replicas.Count(r => r.EffectiveWeight > 0),
        minimum,
        maximum,
        fleet.InPanic)
    {
        Scale = ScaleReport.Of(fleet),
        Deploy = DeploySummary.Of(fleet.Deploy),
    };

    private ProcessReport Process(DateTimeOffset started) => new(
        Environment.ProcessId,
        Math.Round((time.GetUtcNow() - started).TotalSeconds, 3),
        GC.GetTotalMemory(forceFullCollection: false),
        [GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)]);

    private TrafficReport TrafficOf(Service service)
    {
        ServiceCounters now = plane.Figures(service);
        return Report(now, minute.Of(service, now));
    }

    private static TrafficReport Report(in ServiceCounters now, in RecentFigures recent) =>
        new(now.Ended, now.Errors, now.InFlight, now.Waiting, Report(recent));

    private static RecentReport Report(in RecentFigures recent) => new(
        Math.Round(recent.Seconds, 1),
        Math.Round(recent.RequestsPerSecond, 3),
        Math.Round(recent.FailuresPerSecond, 3),
        LatencyReport.Of(recent.Times));

    private ReplicaReport Report(ReplicaSnapshot replica)
    {
        ReplicaTotals totals = replica.Totals();
        return new ReplicaReport(
            replica.Name,
            replica.Address,
            replica.Origin.ToString().ToLowerInvariant(),
            replica.State.ToString().ToLowerInvariant(),
            replica.Why,
            replica.Since,
            replica.Weight,
            replica.EffectiveWeight,
            replica.Ejected,
            replica.OnTrial,
            replica.Image?.Name,
            replica.Image?.Id,
            replica.Generation,
            totals.InFlight,
            totals.Requests,
            totals.Failures,
            replica.Restarts,
            replica.CrashLoop,
            Report(replica.Counting is { } counting ? minute.Of(counting) : default));
    }
}
