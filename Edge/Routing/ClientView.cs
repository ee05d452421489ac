namespace Edge.Routing;

/// <summary>What clients saw of the balancer in a period.</summary>
/// <param name="Answered">Requests that a replica answered.</param>
/// <param name="Retried">Attempts that failed without the client seeing it, because another attempt followed.</param>
/// <param name="Failed">Requests that got a local reply with an error, or a part of a response.</param>
/// <param name="SlowestMilliseconds">The longest time of one of them, from its head to the end of its response.</param>
internal readonly record struct ClientView(long Answered, long Retried, long Failed, long SlowestMilliseconds)
{
    public static ClientView operator +(ClientView a, ClientView b) => new(
        a.Answered + b.Answered, a.Retried + b.Retried, a.Failed + b.Failed, Math.Max(a.SlowestMilliseconds, b.SlowestMilliseconds));
}
