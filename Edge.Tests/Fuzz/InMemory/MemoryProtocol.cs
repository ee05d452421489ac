using Edge.Http;
using Edge.Proxy;
using Edge.Routing;

namespace Edge.Tests.Fuzz;

/// <summary>Replicas at the other end of streams in memory.</summary>
/// <param name="connected">Gets each new stream.</param>
internal sealed class MemoryProtocol(Action<MemoryUpstream> connected) : UpstreamProtocol
{
    internal override int WriteRequest(Span<byte> to, ReadOnlySpan<byte> data, Head head, in RequestFacts facts, in ForwardingContext context) =>
        HeadWriter.WriteRequest(to, data, head, facts, context);

    internal override UpstreamPool NewPool(LoopContext loop, RequestQueue queue, Replica replica) => new MemoryPool(loop, queue, replica, connected);
}
