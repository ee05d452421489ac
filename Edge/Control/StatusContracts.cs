using System.Text.Json.Serialization;
using Edge.Observability;

namespace Edge.Control;

/// <summary>Everything about the balancer at one instant: the answer of /edge/status, described in docs/api.md.</summary>
/// <param name="Version">Of this description: it grows by fields, and gets another number where one goes or means something else.</param>
/// <param name="Balancer">The program and how it is set up.</param>
/// <param name="Process">The process that it is.</param>
/// <param name="Fleet">The replicas together.</param>
/// <param name="Traffic">What clients see.</param>
/// <param name="Loops">Each event loop.</param>
/// <param name="Replicas">Each replica, in natural order of the names.</param>
/// <param name="Ignored">What looks like a replica and is not taken for one.</param>
/// <param name="Options">Each key with the value that holds; of a secret only whether it is set.</param>
internal sealed record StatusReport(
    int Version,
    BalancerReport Balancer,
    ProcessReport Process,
    FleetReport Fleet,
    TrafficReport Traffic,
    IReadOnlyList<LoopReport> Loops,
    IReadOnlyList<ReplicaReport> Replicas,
    IReadOnlyList<IgnoredReport> Ignored,
    IReadOnlyDictionary<string, string> Options)
{
    internal const int CurrentVersion = 1;
}

/// <summary>Something that looks like a replica and is not taken for one.</summary>
/// <param name="Name">Of the container.</param>
/// <param name="Why">The reason, and what to change.</param>
internal sealed record IgnoredReport(string Name, string Why);

/// <summary>The balancer itself.</summary>
/// <param name="Version">Of the program.</param>
/// <param name="Started">When it began to serve.</param>
/// <param name="Fleet">The name of its fleet.</param>
/// <param name="Driver">Who runs the replicas.</param>
/// <param name="Why">How it came to this driver.</param>
/// <param name="Minimum">How many replicas a removal must leave.</param>
/// <param name="Maximum">How many replicas there may be.</param>
internal sealed record BalancerReport(string Version, DateTimeOffset Started, string Fleet, string Driver, string Why, int Minimum, int Maximum);

/// <summary>The process that the balancer is.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="UptimeSeconds">Since it began to serve.</param>
/// <param name="ManagedBytes">Managed memory in use.</param>
/// <param name="Collections">Garbage collections so far, by generation.</param>
internal sealed record ProcessReport(int Pid, double UptimeSeconds, long ManagedBytes, IReadOnlyList<int> Collections);

/// <summary>The fleet as a whole.</summary>
/// <param name="Name">Tells its replicas from another balancer's.</param>
/// <param name="Driver">docker, process or static.</param>
/// <param name="DriverState">starting until the driver has said once what runs, then watching, or lost while it sees nothing.</param>
/// <param name="DriverWhy">Why it sees nothing; null where it does.</param>
/// <param name="Owned">Whether the balancer starts and stops the replicas.</param>
/// <param name="Members">How many replicas there are, in whatever state.</param>
/// <param name="Running">How many of them run.</param>
/// <param name="InRotation">How many of them take requests.</param>
/// <param name="Minimum">How many replicas a removal must leave.</param>
/// <param name="Maximum">How many replicas there may be.</param>
/// <param name="Panic">Whether replicas that are ejected, or of a static fleet fail their health checks, take requests, since there are no others.</param>
internal sealed record FleetReport(
    string Name,
    string Driver,
    string DriverState,
    string? DriverWhy,
    bool Owned,
    int Members,
    int Running,
    int InRotation,
    int Minimum,
    int Maximum,
    bool Panic);

/// <summary>What clients see of the balancer; its own paths are not counted.</summary>
/// <param name="Requests">Those that are over.</param>
/// <param name="Errors">Those of them that were answered with a status of 500 or more, or whose answer was cut.</param>
/// <param name="InFlight">Those that are not over.</param>
/// <param name="Recent">The last minute; times until the end of the answer.</param>
internal sealed record TrafficReport(long Requests, long Errors, long InFlight, RecentReport Recent);

/// <summary>The last minute, or less after a start.</summary>
/// <param name="Seconds">How long that is; 0 where nothing is known yet.</param>
/// <param name="RequestsPerSecond">On average.</param>
/// <param name="FailuresPerSecond">On average; of clients, all that did not end as they should, whoever was the reason.</param>
/// <param name="LatencyMilliseconds">Null where there were no requests.</param>
internal sealed record RecentReport(double Seconds, double RequestsPerSecond, double FailuresPerSecond, LatencyReport? LatencyMilliseconds);

/// <summary>Times below which so many percent of the requests stayed, in milliseconds; what lies above 16.8 s is told as that.</summary>
internal sealed record LatencyReport(double P50, double P90, double P99);

/// <summary>One replica.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Where it listens; null where nothing runs under the name now.</param>
/// <param name="Origin">made (by the balancer), adopted (made by someone else for this fleet) or listed (a replica by its name or address alone).</param>
/// <param name="State">starting, healthy, unhealthy, draining, gone or stopped.</param>
/// <param name="Why">What led to the state.</param>
/// <param name="Since">When it got into the state.</param>
/// <param name="Weight">Its share of the requests.</param>
/// <param name="EffectiveWeight">The share that it has now: less while it grows after a start, 0 out of rotation.</param>
/// <param name="Ejected">Whether it is out for what its requests have shown.</param>
/// <param name="OnTrial">Whether it came back from that, and goes with its first failure.</param>
/// <param name="Image">What it is made of; null where its driver has no name for that.</param>
/// <param name="InFlight">Requests that it is busy with.</param>
/// <param name="Requests">Requests that were sent to it so far.</param>
/// <param name="Failures">Requests that it failed so far.</param>
/// <param name="Restarts">How often it was started again.</param>
/// <param name="CrashLoop">Whether it ends again and again.</param>
/// <param name="Recent">The last minute; times until the head of its response.</param>
internal sealed record ReplicaReport(
    string Name,
    string? Address,
    string Origin,
    string State,
    string Why,
    DateTimeOffset Since,
    int Weight,
    double EffectiveWeight,
    bool Ejected,
    bool OnTrial,
    string? Image,
    long InFlight,
    long Requests,
    long Failures,
    int Restarts,
    bool CrashLoop,
    RecentReport Recent);

/// <summary>One event of /edge/events.</summary>
/// <param name="Time">When it happened.</param>
/// <param name="Event">What happened; the same as the field event of the stream.</param>
/// <param name="Name">The replica; absent where it is about none.</param>
/// <param name="State">Its state after it.</param>
/// <param name="Was">Its state before it, where that is what changed.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="Weight">Its weight.</param>
/// <param name="Why">What led to it, or what is to be known of it.</param>
internal sealed record EventReport(
    DateTimeOffset Time,
    string Event,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? State = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Was = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Address = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Weight = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Why = null);
