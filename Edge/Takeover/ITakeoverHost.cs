using System.Net;

namespace Edge.Takeover;

/// <summary>The part of a takeover that the old balancer does itself. The calls come one after the other.</summary>
internal interface ITakeoverHost
{
    /// <summary>How many replicas there are.</summary>
    int Replicas { get; }

    /// <summary>Who runs them.</summary>
    string Driver { get; }

    /// <summary>The keys of its session tickets; null if it has none.</summary>
    HandedTickets? Tickets { get; }

    /// <summary>The services that are not open, by their names, with their modes in words.</summary>
    IReadOnlyList<(string Service, string Mode)> Modes { get; }

    /// <summary>From now on no call changes the fleet. Returns the listening sockets; none if the balancer is about to end.</summary>
    Task<ILookup<IPEndPoint, int>> OfferAsync(CancellationToken cancellation);

    /// <summary>The takeover failed: everything goes on as before.</summary>
    void Resume();

    /// <summary>Accepts no more connections, and leaves the fleet alone. Returns when that is done.</summary>
    /// <param name="pid">The process that does both from now on.</param>
    Task HandOverAsync(int pid);
}
