using System.Diagnostics;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>What one loop has to one replica: lends streams to exchanges, and knows which are in use.</summary>
internal abstract class UpstreamPool
{
    protected UpstreamPool(LoopContext loop, RequestQueue queue, Replica replica) => (Loop, Queue, Replica) = (loop, queue, replica);

    internal Replica Replica { get; }

    /// <summary>Where requests for it wait.</summary>
    internal RequestQueue Queue { get; }

    internal ref ReplicaCounters Counters => ref Replica.CountersOf(Loop.Number);

    /// <summary>Whether more than half of the allowed requests are in flight, in all or on this replica.</summary>
    internal bool IsCrowded => Queue.IsCrowdedAt(Counters);

    protected LoopContext Loop { get; }

    /// <summary>A request goes to the replica.</summary>
    internal void Enter()
    {
        Counters.InFlight++;
        Queue.BeginFlight();
    }

    /// <summary>A request has left the replica, so there may be room for one that waits.</summary>
    internal void Leave()
    {
        Debug.Assert(Counters.InFlight > 0);
        Counters.InFlight--;
        Queue.EndFlight();
    }

    /// <summary>A stream for a request: one that was idle until now, or is on its way; null where neither can be had.</summary>
    /// <param name="mustBeOpen">Whether an idle connection is checked first, in case the replica has closed it.</param>
    /// <param name="outOfResources">Whether this host has no more descriptors, ports or memory.</param>
    internal abstract UpstreamStream? Obtain(bool mustBeOpen, out bool outOfResources);

    /// <summary>A new connection for a request.</summary>
    internal abstract UpstreamStream? Connect(out bool outOfResources);

    /// <summary>The stream is this user's from now on.</summary>
    internal abstract void Assign(UpstreamStream stream, UpstreamUser user);

    /// <summary>Its user does not need the stream any more; it is kept if it may carry another request.</summary>
    internal abstract void Return(UpstreamStream stream, Ending ending, bool reusable);

    /// <summary>Leaves the stream to one holder alone; false where the replica is being let go of. It stays among those in use.</summary>
    internal abstract bool TryHold(UpstreamStream stream, IUpstreamHolder holder);

    /// <summary>Its holder has another request.</summary>
    internal abstract UpstreamStream TakeHeld(UpstreamStream stream);

    /// <summary>A stream from here ended when it was used, unanswered.</summary>
    internal abstract void LearnStale();

    /// <summary>Closes an idle connection; false if there is none.</summary>
    internal abstract bool TryCloseIdle();

    /// <summary>Closes all idle connections, and tells when the last user has let go. Then the pool is of no more use.</summary>
    internal abstract void Release(Action<DrainReport> released);

    /// <summary>Makes requests that wait for a response try another replica, if they may.</summary>
    internal abstract void Relieve();

    /// <summary>Ends the requests that are still in flight.</summary>
    /// <param name="isLost">Whether the replica has died.</param>
    internal abstract void CutActive(bool isLost);
}
