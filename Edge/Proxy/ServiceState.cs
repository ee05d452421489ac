using System.Diagnostics;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>
/// What one loop has of one service: the requests that wait and what is in flight, the budget for retries, the place in the round, and the
/// table of this turn. Nothing in it is another service's, so that none can delay another's requests. Touched by the loop's thread alone.
/// </summary>
internal sealed class ServiceState
{
    private readonly LoopContext _loop;
    private readonly int _loops;
    private uint _random;
    private bool _picksLessLoaded;

    /// <param name="loop">Whose it is.</param>
    /// <param name="service">Which.</param>
    /// <param name="settings">Those that hold now.</param>
    /// <param name="loops">How many loops share the limits.</param>
    internal ServiceState(LoopContext loop, Service service, LoopSettings settings, int loops)
    {
        _loop = loop;
        _loops = loops;
        Service = service;
        _picksLessLoaded = settings.PicksLessLoaded;

        // Not 0, whatever the numbers are: a product of odd numbers and of numbers from 1 on, far below 2^32.
        _random = 0x9E3779B9u * (uint)(loop.Number + 1) * (2u * (uint)service.Number + 1u);
        Permits = new RetryPermits(loop, this, new RetryBudget(settings.RetryPercent, settings.RetriesPerSecond));
        Queue = new RequestQueue(loop, this, settings.Overload, loops);
    }

    internal Service Service { get; }

    internal RequestQueue Queue { get; }

    internal RetryPermits Permits { get; }

    /// <summary>The table of this turn.</summary>
    internal ReplicaTable Table { get; private set; } = ReplicaTable.Empty;

    /// <summary>Where the loop stands in the service's round; see <see cref="ReplicaTable.Pick"/>.</summary>
    internal uint Cursor;

    /// <summary>Takes up a table, if it is another one: those that wait look whether there is room now.</summary>
    /// <param name="table">Of this service.</param>
    /// <param name="isFresh">Whether the loop has answered nothing yet: then it may begin anywhere in the round.</param>
    internal void Take(ReplicaTable table, bool isFresh)
    {
        if (ReferenceEquals(table, Table))
        {
            return;
        }

        if (isFresh || ReferenceEquals(Table, ReplicaTable.Empty))
        {
            Cursor = table.StaggeredStart(_loop.Number, _loops);
        }

        Table = table;
        Queue.Reopen();
    }

    /// <summary>Has other settings hold.</summary>
    internal void Reconfigure(LoopSettings settings)
    {
        _picksLessLoaded = settings.PicksLessLoaded;
        Permits.Budget.Reconfigure(settings.RetryPercent, settings.RetriesPerSecond);
        Queue.Reconfigure(settings.Overload);
    }

    /// <summary>The next replica for a request, with or without room; null if there is none.</summary>
    /// <param name="failed">A replica that has just failed the request.</param>
    internal Replica? Pick(Replica? failed)
    {
        if (!_picksLessLoaded)
        {
            return failed is null ? Table.Pick(ref Cursor) : Table.PickOther(ref Cursor, failed);
        }

        _loop.Failures.Places.Expire(_loop.Now);
        return Table.PickLessLoaded(ref Cursor, ref _random, _loop.Number, failed);
    }

    /// <summary>The loop's connections to one of the service's replicas.</summary>
    internal UpstreamPool PoolOf(Replica replica)
    {
        UpstreamPool pool = _loop.PoolOf(replica, this);
        Debug.Assert(pool.Service == this, "a replica serves one service");
        return pool;
    }
}
