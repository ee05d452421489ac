using System.Globalization;
using Edge.Control;

namespace Edge.Cli;

/// <summary>A service as <c>edge top</c> shows it: one beside the default one, or that.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Traffic">What its clients see.</param>
/// <param name="Fleet">Its replicas together.</param>
/// <param name="Replicas">Each of them.</param>
/// <param name="Ignored">What looks like one and is none.</param>
/// <param name="Mode">open, paused or stopped; null from a balancer of an older version.</param>
internal sealed record TopService(
    string Name, TrafficReport Traffic, FleetReport Fleet, IReadOnlyList<ReplicaReport> Replicas, IReadOnlyList<IgnoredReport> Ignored, string? Mode)
{
    private const string DefaultName = "default";

    /// <summary>paused or stopped by a call; asleep or waking; up if all of its replicas are in rotation, degraded if some are, else down.</summary>
    internal string State => Mode is "paused" or "stopped" ? Mode
        : Fleet.Scale?.State is "asleep" or "waking" ? Fleet.Scale.State
        : Fleet.InRotation == 0 ? "down" : Fleet.InRotation < Fleet.Members - Replicas.Count(replica => replica.State == "kept") ? "degraded" : "up";

    /// <summary>What is amiss with all of them.</summary>
    internal IEnumerable<string> Notices
    {
        get
        {
            if (Fleet.DriverWhy is { } why)
            {
                yield return StatusText.Lost(why);
            }

            if (Fleet.Panic)
            {
                yield return StatusText.Panic;
            }

            if (Fleet.Deploy is { State: not "done" } deploy)
            {
                yield return StatusText.Deploy(deploy);
            }

            if (StatusText.Scale(Fleet.Scale) is { Length: > 0 } scale)
            {
                yield return scale;
            }
        }
    }

    /// <summary>All of a status; without the default one if it is nothing and there are others.</summary>
    internal static IEnumerable<TopService> AllOf(StatusReport status)
    {
        IReadOnlyList<ServiceReport> named = status.Services ?? [];
        IReadOnlyList<IgnoredReport> ignored = status.Ignored ?? []; // A balancer of an older version has none.
        if (named.Count == 0 || status.Fleet.Owned || status.Replicas.Count + ignored.Count > 0)
        {
            yield return new(DefaultName, status.Unrouted ?? status.Traffic, status.Fleet, status.Replicas, ignored, status.State);
        }

        foreach (ServiceReport one in named)
        {
            yield return new(one.Name, one.Traffic, one.Fleet, one.Replicas, one.Ignored, one.State);
        }
    }

    /// <summary>A status as if there were but one of its services; null if it has none of this name.</summary>
    internal static StatusReport? Only(StatusReport status, string name)
    {
        IEnumerable<TopService> all = AllOf(status with { Services = status.Services ?? [] });
        TopService? one = all.FirstOrDefault(service => service.Name == name);
        return one is null ? null
            : status with
            {
                Traffic = one.Traffic,
                Unrouted = null,
                Fleet = one.Fleet,
                Replicas = one.Replicas,
                Ignored = one.Ignored,
                State = one.Mode,
                Services = [],
            };
    }

    /// <summary>Its line.</summary>
    internal StyledText[] Cells()
    {
        LatencyReport? times = Traffic.Recent.LatencyMilliseconds;
        return
        [
            new(Name, TextStyle.Strong),
            new(State, State switch { "up" => TextStyle.Good, "asleep" => TextStyle.Plain, "down" => TextStyle.Bad, _ => TextStyle.Warn }),
            $"{Fleet.InRotation}/{Fleet.Members}",
            TopView.Short(Traffic.Recent.RequestsPerSecond),
            Time(times?.P50),
            Time(times?.P99),
            TopView.Short(Traffic.InFlight),
            new(TopView.Short(Traffic.Errors), Traffic.Errors > 0 ? TextStyle.Warn : TextStyle.Plain),
            TopView.Short(Traffic.Waiting),
        ];
    }

    /// <summary>The line of a replica.</summary>
    internal static StyledText[] Cells(ReplicaReport replica, string indent)
    {
        LatencyReport? times = replica.Recent.LatencyMilliseconds;
        string state = replica.CrashLoop ? "crash loop" : replica.Ejected ? "ejected" : replica.OnTrial ? "on trial" : replica.State;
        return
        [
            indent + replica.Name,
            StatusText.State(replica) with { Text = state },
            replica.EffectiveWeight == replica.Weight || replica.EffectiveWeight == 0
                ? replica.Weight.ToString(CultureInfo.InvariantCulture)
                : $"{TopView.Short(replica.EffectiveWeight)}/{replica.Weight}",
            TopView.Short(replica.Recent.RequestsPerSecond),
            Time(times?.P50),
            Time(times?.P99),
            TopView.Short(replica.InFlight),
            new(TopView.Short(replica.Failures), replica.Failures > 0 ? TextStyle.Warn : TextStyle.Plain),
            TopView.Short(replica.Restarts),
        ];
    }

    private static string Time(double? milliseconds) =>
        milliseconds >= 10_000 ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.0} s") : StatusText.Time(milliseconds);
}
