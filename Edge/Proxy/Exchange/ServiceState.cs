using System.Diagnostics;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>
/// What one loop has of one service: the requests that wait and what is in flight, the budget for retries, and its replicas with the table of this
/// turn. Nothing in it is another service's, so that none can delay another's requests. Touched by the loop's thread alone.
/// </summary>
internal sealed class ServiceState
{
    private readonly LoopContext _loop;
    private readonly ReplicaPicker _replicas;
    private readonly UpstreamPools _pools;

    /// <param name="loop">Whose it is.</param>
    /// <param name="service">Which.</param>
    /// <param name="loops">How many loops share the limits.</param>
    /// <param name="failures">Those of the loop's replicas.</param>
    /// <param name="pools">The loop's connections to replicas.</param>
    internal ServiceState(LoopContext loop, Service service, int loops, FailureReports failures, UpstreamPools pools)
    {
        (_loop, Service, Failures, _pools) = (loop, service, failures, pools);
        Protocol = pools.Protocol;
        _replicas = new ReplicaPicker(loop, service.Number, loops, failures.Places);
        Permits = new RetryPermits(loop, failures, _replicas, new RetryBudget(loop.Settings.RetryPercent, loop.Settings.RetriesPerSecond));
        Queue = new RequestQueue(loop, _replicas, Permits, loops);
    }

    internal Service Service { get; }

    internal RequestQueue Queue { get; }

    internal RetryPermits Permits { get; }

    internal FailureReports Failures { get; }

    /// <summary>How its replicas are spoken to.</summary>
    internal UpstreamProtocol Protocol { get; }

    /// <summary>The table of this turn.</summary>
    internal ReplicaTable Table => _replicas.Table;

    /// <summary>Takes up a table, if it is another one: those that wait look whether there is room now.</summary>
    /// <param name="table">Of this service.</param>
    /// <param name="isFresh">Whether the loop has answered nothing yet: then it may begin anywhere in the round.</param>
    internal void Take(ReplicaTable table, bool isFresh)
    {
        if (_replicas.Take(table, isFresh))
        {
            Queue.Reopen();
        }
    }

    /// <summary>The loop has other settings.</summary>
    internal void Reconfigure()
    {
        _replicas.Reconfigure();
        Permits.Budget.Reconfigure(_loop.Settings.RetryPercent, _loop.Settings.RetriesPerSecond);
        Queue.Reconfigure();
    }

    /// <summary>The loop's connections to one of the service's replicas.</summary>
    internal UpstreamPool PoolOf(Replica replica)
    {
        UpstreamPool pool = _pools.Of(replica, Queue);
        Debug.Assert(pool.Queue == Queue, "a replica serves one service");
        return pool;
    }

    /// <summary>
    /// Has an idle connection closed, for its descriptor, whichever service has it; then the requests that wait here look again. False where there is none.
    /// </summary>
    internal bool TryCloseIdle() => _pools.TryCloseIdle(Queue);
}
