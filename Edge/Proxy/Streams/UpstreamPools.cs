using Edge.Config;
using Edge.Io;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>What one loop has to all replicas, of all services: a pool for each.</summary>
/// <param name="loop">Whose they are.</param>
/// <param name="protocol">How replicas are spoken to.</param>
internal sealed class UpstreamPools(LoopContext loop, UpstreamProtocol protocol)
{
    // By the replicas' slots.
    private readonly UpstreamPool?[] _pools = new UpstreamPool?[Limits.Replicas];

    internal UpstreamProtocol Protocol => protocol;

    /// <summary>The connections to a replica, which come to be now where there were none.</summary>
    /// <param name="replica">Which.</param>
    /// <param name="queue">Where requests for it wait.</param>
    /// <exception cref="InvalidOperationException">Its slot is still that of another one.</exception>
    internal UpstreamPool Of(Replica replica, RequestQueue queue)
    {
        UpstreamPool? pool = _pools[replica.Slot];
        if (pool is null)
        {
            _pools[replica.Slot] = pool = protocol.NewPool(loop, queue, replica);
        }

        return pool.Replica == replica
            ? pool : throw new InvalidOperationException($"Slot {replica.Slot} was given to {replica} before {pool.Replica} had been let go of.");
    }

    /// <summary>Closes the idle connections to a replica, and tells when nothing is in flight on it. Then its slot may be another's.</summary>
    internal void Release(Replica replica, TaskCompletionSource<DrainReport> released)
    {
        if (Find(replica) is not { } pool)
        {
            released.TrySetResult(default);
            return;
        }

        pool.Release(report =>
        {
            _pools[replica.Slot] = null;
            released.TrySetResult(report);
        });
    }

    /// <summary>Moves requests that wait for a replica to another one, if that is safe and there is one.</summary>
    internal void Relieve(Replica replica)
    {
        if (Find(replica) is { Queue.HasReplicas: true } pool)
        {
            pool.Relieve();
        }
    }

    /// <summary>Ends what is still in flight on a replica.</summary>
    /// <param name="replica">Which.</param>
    /// <param name="isLost">Whether it has died.</param>
    internal void CutActive(Replica replica, bool isLost) => Find(replica)?.CutActive(isLost);

    /// <summary>
    /// Has an idle connection to a replica, of whichever service, closed with the turn, for its descriptor, and then those that wait look
    /// again; false where there is none.
    /// </summary>
    /// <param name="waiting">Where those wait that want it.</param>
    internal bool TryCloseIdle(Deferrable waiting)
    {
        if (loop.Counters.PooledConnections == 0 || !_pools.Any(pool => pool is not null && pool.TryCloseIdle()))
        {
            return false;
        }

        loop.Defer(waiting);
        return true;
    }

    // Null if there never was a connection to it.
    private UpstreamPool? Find(Replica replica) => _pools[replica.Slot] is { } pool && pool.Replica == replica ? pool : null;
}
