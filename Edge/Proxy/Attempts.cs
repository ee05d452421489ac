using Edge.Http;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>The attempts to have one request answered: how many there were, how long they may take, and whether one more does no harm.</summary>
internal struct Attempts(ProxyLoop loop)
{
    private long _begun;
    private int _count;

    internal Method Method { get; private set; }

    /// <summary>When the whole exchange has to be over.</summary>
    internal readonly long Deadline => loop.Timeouts.Request == 0 ? Pollable.Never : _begun + loop.Timeouts.Request;

    internal void Begin(Method method)
    {
        Method = method;
        _begun = loop.Now;
        _count = 0;
    }

    internal void Count() => _count++;

    internal readonly bool AreLeft(RequestRelay request) =>
        request.CanBeSentAgain && _count < loop.Retries.Attempts && loop.Now - _begun < loop.Retries.Within;

    /// <summary>
    /// Whether the replica can't have acted on the request, or acting twice does no harm (RFC 9110 §9.2.2). How much of an answer
    /// has come does not matter to a method that may act twice, as long as the client saw none of it.
    /// </summary>
    internal readonly bool AreHarmless(RequestRelay request, ResponseRelay response) =>
        Method.IsIdempotent() ? !response.IsSeen : request.IsUnsent && !response.HasBegun;
}
