namespace Edge.Proxy;

/// <summary>What is let through at a time, by all loops together; 0 is no limit.</summary>
internal sealed record OverloadSettings
{
    /// <summary>Requests in flight.</summary>
    internal int InFlight { get; init; }

    /// <summary>Requests in flight on one replica.</summary>
    internal int PerReplica { get; init; }

    /// <summary>Requests that wait for room; 0 turns all away for which there is none.</summary>
    internal int Queue { get; init; }

    /// <summary>How long one waits at most.</summary>
    internal TimeSpan QueueWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Connections of clients.</summary>
    internal int Connections { get; init; }

    /// <summary>Connections of one client's address.</summary>
    internal int ConnectionsPerClient { get; init; }
}
