namespace Edge.Routing;

/// <summary>What clients have seen of the balancer in a while.</summary>
/// <param name="Answered">Requests that a replica has answered.</param>
/// <param name="Retried">Attempts that failed, unseen by the client, since another was made.</param>
/// <param name="Failed">Requests that got an error of the balancer's own, or half an answer.</param>
/// <param name="SlowestMilliseconds">The longest that one of them took, from its head to the end of its answer.</param>
internal readonly record struct ClientView(long Answered, long Retried, long Failed, long SlowestMilliseconds)
{
    public static ClientView operator +(ClientView a, ClientView b) => new(
        a.Answered + b.Answered, a.Retried + b.Retried, a.Failed + b.Failed, Math.Max(a.SlowestMilliseconds, b.SlowestMilliseconds));
}
