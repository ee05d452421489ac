using System.Diagnostics;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>The idle connections of a pool, the most recently used first. Their links are those of this list.</summary>
internal struct IdleConnections
{
    /// <summary>The one that was used last.</summary>
    internal UpstreamConnection? Newest { get; private set; }

    internal int Count { get; private set; }

    internal void Add(UpstreamConnection connection, ref LoopCounters counters)
    {
        Debug.Assert(connection is { IsIdle: false, IsActive: false, Closed: false }, "a connection is in one list of its pool at most");
        connection.IsIdle = true;
        connection.IdlePrevious = null;
        connection.IdleNext = Newest;
        if (Newest is { } next)
        {
            next.IdlePrevious = connection;
        }

        Newest = connection;
        Count++;
        counters.PooledConnections++;
    }

    internal void Remove(UpstreamConnection connection, ref LoopCounters counters)
    {
        Debug.Assert(connection.IsIdle && Count > 0);
        if (connection.IdlePrevious is { } previous)
        {
            previous.IdleNext = connection.IdleNext;
        }
        else
        {
            Newest = connection.IdleNext;
        }

        if (connection.IdleNext is { } next)
        {
            next.IdlePrevious = connection.IdlePrevious;
        }

        connection.IdleNext = connection.IdlePrevious = null;
        connection.IsIdle = false;
        Count--;
        counters.PooledConnections--;
    }
}
