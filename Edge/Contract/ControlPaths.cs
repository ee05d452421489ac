namespace Edge.Contract;

/// <summary>
/// The balancer's own paths: the one table by which the data plane tells them from those that it forwards, and by which the control
/// plane finds out what is asked for.
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
        new(ControlOperation.Events, "/edge/events", "GET"),
        new(ControlOperation.Metrics, "/edge/metrics", "GET"),
        new(ControlOperation.Weigh, "/edge/weight", "POST"),
        new(ControlOperation.Drill, "/edge/drill", "POST"),
        new(ControlOperation.Reload, "/edge/reload", "POST"),
        new(ControlOperation.Describe, "/edge/openapi.json", "GET"),
    ];

    // Those that are not below the prefix, by their lengths: most requests have a path of another length, and end at one bit.
    private static readonly ControlPath[] s_single = [.. All.Where(path => !path.Text.StartsWith("/edge/", StringComparison.Ordinal))];
    private static readonly uint s_lengths = s_single.Aggregate(0u, (lengths, path) => lengths | (1u << path.Text.Length));

    private static ReadOnlySpan<byte> Prefix => "/edge/"u8;

    /// <summary>Whether a request for this path is the balancer's own: one of the table, or any other below /edge/, which is then answered 404. Does not allocate.</summary>
    /// <param name="path">Without the query.</param>
    internal static bool Owns(ReadOnlySpan<byte> path) =>
        path.Length < 32 && ((s_lengths >> path.Length) & 1) != 0 ? path.StartsWith(Prefix) || IsSingle(path) : path.StartsWith(Prefix);

    /// <summary>The entry of the table; null where the balancer has no such path.</summary>
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
