namespace Edge.Proxy;

/// <summary>When a request that a replica failed is sent to another one.</summary>
internal sealed record RetrySettings
{
    /// <summary>Replicas that one request is sent to at most, 1 or more.</summary>
    internal int Attempts { get; init; } = 3;

    /// <summary>No further attempt is begun after this.</summary>
    internal TimeSpan Within { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Attempts beyond the first, in percent of the requests.</summary>
    internal int BudgetPercent { get; init; } = 20;

    /// <summary>Attempts beyond the first that are allowed in any case, a second, by all loops together.</summary>
    internal int BudgetPerSecond { get; init; } = 10;

    /// <summary>Statuses of a replica after which another is asked: some of 502, 503 and 504.</summary>
    internal IReadOnlyList<int> Statuses { get; init; } = [];
}
