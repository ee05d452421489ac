using System.Net;
using Edge.Proxy;
using Edge.Routing;

namespace Edge.Tests.Fuzz;

/// <summary>A loop of the data plane that is turned by hand, on the caller's thread.</summary>
internal static class HandTurned
{
    /// <summary>One that listens, and has nobody to answer for the balancer's own paths.</summary>
    internal static ProxyLoop Loop(ProxySettings settings, ReplicaTableCell table, out IPEndPoint endpoint)
    {
        ProxyLoop loop = Loop(settings, table, new Http1Protocol());
        endpoint = loop.Listen(settings.Listen, ListenerRole.Forwarding);
        loop.Listeners.Open();
        return loop;
    }

    /// <summary>One that does not listen.</summary>
    internal static ProxyLoop Loop(ProxySettings settings, ReplicaTableCell table, UpstreamProtocol protocol) => new(
        0, settings, table, _ => throw new InvalidOperationException("nothing here is the balancer's own"), new ClientCounts(0), _ => { }, protocol: protocol);
}
