namespace Edge.Control;

/// <summary>One service beside the default one.</summary>
/// <param name="Name">As in the options.</param>
/// <param name="Routes">What leads to it: each host with each path, <c>*</c> for every host.</param>
/// <param name="Strip">Whether its replicas get requests without the path.</param>
/// <param name="Fleet">Its replicas together.</param>
/// <param name="Replicas">Each replica, in natural order of the names.</param>
/// <param name="Ignored">Things that look like its replicas and are ignored.</param>
internal sealed record ServiceReport(
    string Name,
    IReadOnlyList<string> Routes,
    bool Strip,
    FleetReport Fleet,
    IReadOnlyList<ReplicaReport> Replicas,
    IReadOnlyList<IgnoredReport> Ignored)
{
    /// <summary>Other names, with the paths, whose requests are sent to its first host. Null from a balancer of an older version.</summary>
    public IReadOnlyList<string>? Redirects { get; init; }

    /// <summary>What becomes of new requests for it: open, paused or stopped. Null from a balancer of an older version.</summary>
    public string? State { get; init; }
}
