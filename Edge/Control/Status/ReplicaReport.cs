namespace Edge.Control;

/// <summary>One replica.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Its address; null if nothing runs under the name now.</param>
/// <param name="Origin">made (by the balancer), adopted (made by someone else for this fleet) or listed (a replica by its name or address alone).</param>
/// <param name="State">starting, healthy, unhealthy, draining, gone or stopped.</param>
/// <param name="Why">The reason of the state.</param>
/// <param name="Since">When the state began.</param>
/// <param name="Weight">Its share of the requests.</param>
/// <param name="EffectiveWeight">The share that it has now: less while it grows after a start, 0 out of rotation.</param>
/// <param name="Ejected">Whether it is out of rotation because its requests failed.</param>
/// <param name="OnTrial">Whether it is back on trial: its next failure ejects it again.</param>
/// <param name="Image">Its image; null if its driver has none.</param>
/// <param name="ImageId">The id of that image, because its name can mean another image later; null if its driver has no ids.</param>
/// <param name="Generation">A number that grows by one when new replicas are made of another image; null if the balancer did not make the replica.</param>
/// <param name="InFlight">Its requests in flight.</param>
/// <param name="Requests">Requests that were sent to it so far.</param>
/// <param name="Failures">Requests that it failed so far.</param>
/// <param name="Restarts">How often it was started again.</param>
/// <param name="CrashLoop">Whether it fails again and again.</param>
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
    string? ImageId,
    int? Generation,
    long InFlight,
    long Requests,
    long Failures,
    int Restarts,
    bool CrashLoop,
    RecentReport Recent);
