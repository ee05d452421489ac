using Edge.Http;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>Replicas that are spoken to by HTTP/1.1: a request is kept as it is sent, and each connection carries one at a time.</summary>
/// <param name="connectionsInAnyCase">How many connections to replicas the loop has descriptors for, whatever clients take.</param>
internal sealed class Http1Protocol(int connectionsInAnyCase) : UpstreamProtocol
{
    // Unused objects of all pools, so that in the long run none is allocated for a connection.
    private readonly Stack<UpstreamConnection> _free = new();

    internal override int WriteRequest(Span<byte> to, ReadOnlySpan<byte> data, Head head, in RequestFacts facts, in ForwardingContext context) =>
        HeadWriter.WriteRequest(to, data, head, facts, context);

    internal override UpstreamPool NewPool(LoopContext loop, RequestQueue queue, Replica replica) =>
        new ConnectionPool(loop, queue, replica, connectionsInAnyCase, _free);
}
