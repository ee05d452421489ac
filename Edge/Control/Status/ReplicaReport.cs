namespace Edge.Control;

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
/// <param name="ImageId">Which image that was, where its name means another one by now; null where its driver has no ids.</param>
/// <param name="Generation">Grows by one each time that new replicas are made of another image; null where the balancer did not make it.</param>
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
    string? ImageId,
    int? Generation,
    long InFlight,
    long Requests,
    long Failures,
    int Restarts,
    bool CrashLoop,
    RecentReport Recent);
