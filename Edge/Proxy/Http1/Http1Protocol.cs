using Edge.Http;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>Replicas that are spoken to by HTTP/1.1: a request is kept as it is sent, and each connection carries one at a time.</summary>
internal sealed class Http1Protocol : UpstreamProtocol
{
    internal override int WriteRequest(Span<byte> to, ReadOnlySpan<byte> data, Head head, in RequestFacts facts, in ForwardingContext context) =>
        HeadWriter.WriteRequest(to, data, head, facts, context);

    internal override UpstreamPool NewPool(LoopContext loop, ServiceState service, Replica replica) => new ConnectionPool(loop, service, replica);
}
