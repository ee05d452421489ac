namespace Edge.Contract;

/// <summary>
/// The table of the balancer's own paths. The data plane uses it to tell them from paths that it forwards, the control plane to find the operation.
/// </summary>
internal static class ControlPaths
{
    internal static readonly ControlPath Heartbeat = new(ControlOperation.Heartbeat, "/heartbeat", "GET, HEAD");

    internal static readonly ControlPath Page = new(ControlOperation.Page, "/edge/", "GET");

    /// <summary>Every path.</summary>
    internal static readonly ControlPath[] All =
    [
        Heartbeat,
        new(ControlOperation.List, "/rep", "GET"),
        new(ControlOperation.Add, "/add", "POST"),
        new(ControlOperation.Remove, "/rm", "DELETE"),
        Page,
        new(ControlOperation.Status, "/edge/status", "GET"),
        new(ControlOperation.History, "/edge/history", "GET"),
        new(ControlOperation.Events, "/edge/events", "GET"),
        new(ControlOperation.Metrics, "/edge/metrics", "GET"),
        new(ControlOperation.Weigh, "/edge/weight", "POST"),
        new(ControlOperation.Scale, "/edge/scale", "GET, POST"),
        new(ControlOperation.Sleep, "/edge/sleep", "POST"),
        new(ControlOperation.Wake, "/edge/wake", "POST"),
        new(ControlOperation.Deploy, "/edge/deploy", "GET, POST"),
        new(ControlOperation.PauseDeploy, "/edge/deploy/pause", "POST"),
        new(ControlOperation.ResumeDeploy, "/edge/deploy/resume", "POST"),
        new(ControlOperation.PromoteDeploy, "/edge/deploy/promote", "POST"),
        new(ControlOperation.AbortDeploy, "/edge/deploy/abort", "POST"),
        new(ControlOperation.RollBackDeploy, "/edge/deploy/rollback", "POST"),
        new(ControlOperation.Drill, "/edge/drill", "POST"),
        new(ControlOperation.Reload, "/edge/reload", "POST"),
        new(ControlOperation.Describe, "/edge/openapi.json", "GET"),
    ];

    // The paths outside of the prefix, by their lengths: most requests have a path of another length, and one bit decides.
    private static readonly ControlPath[] s_single = [.. All.Where(path => !path.Text.StartsWith("/edge/", StringComparison.Ordinal))];
    private static readonly uint s_lengths = s_single.Aggregate(0u, (lengths, path) => lengths | (1u << path.Text.Length));

    private static ReadOnlySpan<byte> Prefix => "/edge/"u8;

    /// <summary>
    /// Whether a request for this path is the balancer's own: a path of the table, or any other below /edge/, which gets a 404. Does not allocate.
    /// </summary>
    /// <param name="path">Without the query.</param>
    internal static bool Owns(ReadOnlySpan<byte> path) =>
        path.Length < 32 && ((s_lengths >> path.Length) & 1) != 0 ? path.StartsWith(Prefix) || IsSingle(path) : path.StartsWith(Prefix);

    /// <summary>Before the name of a service, and one of <see cref="OfService"/>.</summary>
    internal const string ServicesPrefix = "/edge/services/";

    /// <summary>The name of the default service there; no other can have it.</summary>
    internal const string DefaultService = "default";

    /// <summary>What there is of each service, behind its name. Those of the default service do what the paths without a name do.</summary>
    internal static readonly ControlPath[] OfService =
    [
        new(ControlOperation.List, "/rep", "GET"),
        new(ControlOperation.Add, "/add", "POST"),
        new(ControlOperation.Remove, "/rm", "DELETE"),
        new(ControlOperation.Weigh, "/weight", "POST"),
        new(ControlOperation.Pause, "/pause", "POST"),
        new(ControlOperation.Stop, "/stop", "POST"),
        new(ControlOperation.Resume, "/resume", "POST"),
        new(ControlOperation.History, "/history", "GET"),
        new(ControlOperation.Scale, "/scale", "GET, POST"),
        new(ControlOperation.Sleep, "/sleep", "POST"),
        new(ControlOperation.Wake, "/wake", "POST"),
        new(ControlOperation.Deploy, "/deploy", "GET, POST"),
        new(ControlOperation.PauseDeploy, "/deploy/pause", "POST"),
        new(ControlOperation.ResumeDeploy, "/deploy/resume", "POST"),
        new(ControlOperation.PromoteDeploy, "/deploy/promote", "POST"),
        new(ControlOperation.AbortDeploy, "/deploy/abort", "POST"),
        new(ControlOperation.RollBackDeploy, "/deploy/rollback", "POST"),
    ];

    /// <summary>The entry of a path, and the service that it is about: null for the default one. Null if the balancer has no such path.</summary>
    internal static ControlPath? Find(string path, out string? service)
    {
        service = null;
        int end = path.StartsWith(ServicesPrefix, StringComparison.Ordinal) ? path.IndexOf('/', ServicesPrefix.Length) : -1;
        if (end < 0)
        {
            return Find(path);
        }

        string name = path[ServicesPrefix.Length..end];
        service = name == DefaultService ? null : name;
        return Array.Find(OfService, one => path.AsSpan(end).SequenceEqual(one.Text));
    }

    /// <summary>The entry of the table; null if the balancer has no such path.</summary>
    internal static ControlPath? Find(string path) => Array.Find(All, one => one.Text == path);

    private static bool IsSingle(ReadOnlySpan<byte> path)
    {
        foreach (ControlPath one in s_single)
        {
            if (one.Is(path))
            {
                return true;
            }
        }

        return false;
    }
}
