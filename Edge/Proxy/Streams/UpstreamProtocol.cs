using Edge.Http;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>How replicas are spoken to: how a request is written for them, and where the streams to one come from.</summary>
internal abstract class UpstreamProtocol
{
    /// <summary>
    /// Writes a request in the form in which it is kept and handed to the streams to replicas; returns its length. It begins with the method and the target.
    /// </summary>
    /// <param name="to">Has room for the head and <see cref="Config.Limits.HeadGrowthBytes"/> more.</param>
    /// <param name="data">The bytes that the head was parsed from.</param>
    /// <param name="head">As it came.</param>
    /// <param name="facts">As derived from the head.</param>
    /// <param name="context">What is added to it.</param>
    internal abstract int WriteRequest(Span<byte> to, ReadOnlySpan<byte> data, Head head, in RequestFacts facts, in ForwardingContext context);

    /// <summary>A pool for one replica, without any streams yet.</summary>
    internal abstract UpstreamPool NewPool(LoopContext loop, RequestQueue queue, Replica replica);
}
