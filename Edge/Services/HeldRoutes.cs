using Edge.Fleet;

namespace Edge.Services;

/// <summary>What a service has whose routes come from labels.</summary>
/// <param name="Claim">By which it has them: that of its newest replica, but of one that the balancer made only if there is no other.</param>
/// <param name="Places">Those hosts of the claim that nobody else has, each with its place among all that were ever given: a smaller number was before.</param>
internal sealed record HeldRoutes(RouteClaim Claim, IReadOnlyDictionary<string, int> Places)
{
    /// <summary>Its hosts, that which it has had for longest first.</summary>
    internal IEnumerable<string> Hosts => Places.OrderBy(place => place.Value).Select(place => place.Key);

    /// <summary>When it was seen that none of its replicas is there any more, not even one that does not run; null while there are some.</summary>
    internal DateTimeOffset? GoneSince { get; init; }

    /// <summary>The replicas of others that were there then.</summary>
    internal IReadOnlySet<string> Others { get; init; } = new HashSet<string>();
}
