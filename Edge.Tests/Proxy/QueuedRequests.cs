using Edge.Telemetry;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>Requests that wait in the queue of a balancer, as its tests see them.</summary>
internal static class QueuedRequests
{
    internal const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

    /// <summary>Returns when so many requests wait.</summary>
    internal static Task WaitAsync(TestBalancer balancer, int requests) =>
        Quiet.UntilAsync(() => balancer.Plane.Report()[0].Waiting == requests, $"{requests} wait");

    /// <summary>Returns when so many requests have ended for a reason.</summary>
    internal static Task CountedAsync(TestBalancer balancer, Reason reason, long count) =>
        Quiet.UntilAsync(() => balancer.Plane.Figures(0).Requests.Failures[(int)reason] == count, $"{count} requests ended with {reason.Word()}");

    /// <summary>Sends a request over a connection of its own.</summary>
    internal static async Task<Wire> AskAsync(TestBalancer balancer, string request = Get)
    {
        Wire client = await balancer.ConnectAsync();
        await client.SendAsync(request);
        return client;
    }
}
