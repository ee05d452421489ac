using Edge.Proxy;
using Edge.Routing;

namespace Edge.Tests.Fuzz;

/// <summary>
/// A loop that is turned by hand, with one client and the connections that it makes to two replicas. The stage decides what these are made of.
/// </summary>
internal interface IExchangeStage : IDisposable
{
    ProxyLoop Loop { get; }

    IReadOnlyList<Replica> Replicas { get; }

    /// <summary>The client's end of its connection.</summary>
    Peer Client { get; }

    /// <summary>What was made to replicas so far, the oldest first.</summary>
    List<Upstream> Upstreams { get; }

    /// <summary>Has the balancer do what it can do. Returns whether a connection was made.</summary>
    bool Turn();

    /// <summary>Waits a moment for what is on its way. False where nothing can be.</summary>
    bool Wait();

    /// <summary>Of connections to client and replicas, nothing is left.</summary>
    void CheckNothingIsLeft();
}
