namespace Edge.Fleet;

/// <summary>What one replica says of the requests that are for it and those like it.</summary>
/// <param name="Service">The name of the service that it is a replica of.</param>
/// <param name="UnitId">Of the replica, as its driver has it.</param>
/// <param name="Name">Of the replica, for people.</param>
/// <param name="Made">When it was made: of two that want the same, the older one has it.</param>
internal sealed record RouteClaim(string Service, string UnitId, string Name, DateTimeOffset Made)
{
    /// <summary>Services of one group may share a host, each with paths of its own. Empty for those of no group, which are one, too.</summary>
    internal string Group { get; init; } = "";

    /// <summary>Whether the balancer made the replica, like another one: it says what that one said then.</summary>
    internal bool IsMade { get; init; }

    /// <summary>One at least, in the form of the routes.</summary>
    internal IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Other names, whose requests are sent to the first host that is no wildcard; there is one, then.</summary>
    internal IReadOnlyList<string> OtherNames { get; init; } = [];

    /// <summary>Whether clients keep the replica that they got first; null for what the options say.</summary>
    internal bool? IsSticky { get; init; }

    /// <summary>In the form of the routes; none is every path.</summary>
    internal IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Whether it gets requests without the path that led to it.</summary>
    internal bool Strips { get; init; }

    /// <summary>Why nothing else of this counts, and what to change; null if it does.</summary>
    internal string? Mistake { get; init; }
}
