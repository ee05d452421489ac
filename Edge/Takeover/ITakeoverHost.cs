using System.Net;

namespace Edge.Takeover;

/// <summary>What a balancer that is taken over has to do itself. Called one after the other.</summary>
internal interface ITakeoverHost
{
    /// <summary>How many replicas there are.</summary>
    int Replicas { get; }

    /// <summary>Who runs them.</summary>
    string Driver { get; }

    /// <summary>Changes nothing in the fleet by anybody's wish from now on; returns the listening sockets, none where it is about to end.</summary>
    Task<ILookup<IPEndPoint, int>> OfferAsync(CancellationToken cancellation);

    /// <summary>It came to nothing: all as before.</summary>
    void Resume();

    /// <summary>Accepts no more and leaves the fleet alone. Returns when that is so.</summary>
    /// <param name="pid">The process that does both from now on.</param>
    Task HandOverAsync(int pid);
}
