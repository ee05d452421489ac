using System.Net;
using Edge.Config;
using Edge.Proxy;
using Edge.Routing;

namespace Edge.Tests.Fuzz;

/// <summary>A loop of the data plane that is turned by hand, on the caller's thread.</summary>
internal static class HandTurned
{
    /// <summary>One that listens, and has nobody to answer for the balancer's own paths.</summary>
    internal static ProxyLoop Loop(EdgeOptions options, RoutingTableCell table, out IPEndPoint endpoint)
    {
        ProxyLoop loop = Loop(options, table, protocol: null);
        endpoint = loop.Listen(options.ListenAddresses()[0].Endpoint, ListenerRole.Forwarding);
        loop.Listeners.Open();
        return loop;
    }

    /// <summary>One that does not listen. Its replicas are spoken to by HTTP/1.1 where no protocol is given.</summary>
    internal static ProxyLoop Loop(EdgeOptions options, RoutingTableCell table, UpstreamProtocol? protocol) => new(
        0, options, options.Loops, table, _ => throw new InvalidOperationException("nothing here is the balancer's own"),
        new ClientCounts(options.Overload.ConnectionsPerClient), new ClientCounts(options.Overload.HandshakesPerClient),
        new ClientRates(), ejectionDue: _ => { }, wake: _ => { }, protocol: protocol);
}
