using System.Diagnostics;
using System.Runtime.CompilerServices;
using Edge.Config;
using Edge.Io;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>
/// The connections of one loop to one replica: those in use, and idle ones to use again, the most recently used first,
/// so that those no longer needed grow old and are closed.
/// </summary>
internal sealed class UpstreamPool
{
    private readonly LoopContext _loop;
    private IdleConnections _idle;
    private UpstreamConnection? _activeHead;
    private KeepAlive _keepAlive = KeepAlive.Unknown;
    private int _activeCount;
    private TaskCompletionSource<DrainReport>? _released;
    private DrainReport _drained;
    private long _releasedAt;

    internal UpstreamPool(LoopContext loop, ServiceState service, Replica replica)
    {
        _loop = loop;
        Service = service;
        Replica = replica;
        Span<byte> address = stackalloc byte[Io.SocketAddress.BytesAtMost];
        SocketAddress = address[..Io.SocketAddress.Write(replica.Address, address)].ToArray();
    }

    internal Replica Replica { get; }

    /// <summary>Whose replica it is.</summary>
    internal ServiceState Service { get; }

    /// <summary>The replica's address in the kernel's form.</summary>
    internal byte[] SocketAddress { get; }

    internal ref ReplicaCounters Counters => ref Replica.CountersOf(_loop.Number);

    /// <summary>Below which number a descriptor for a new connection has to be: what others leave, or the loop's share of those that are for this.</summary>
    internal int DescriptorsBelow =>
        _loop.Counters.BusyConnections + _loop.Counters.PooledConnections < _loop.ConnectionsInAnyCase ? int.MaxValue : Descriptors.ForClients;

    /// <summary>A connection for a request: idle until now, or on its way; null where neither can be had.</summary>
    /// <param name="mustBeOpen">Whether one that was idle is looked at first, in case the replica has closed it.</param>
    /// <param name="outOfResources">Whether it is this host that has no more to give: descriptors, ports or memory.</param>
    internal UpstreamConnection? Obtain(bool mustBeOpen, out bool outOfResources)
    {
        UpstreamConnection? pooled = TryPop();
        while (mustBeOpen && pooled is not null && !pooled.IsQuiet())
        {
            Discard(pooled);
            pooled = TryPop();
        }

        if (pooled is not null)
        {
            outOfResources = false;
            _loop.Counters.PoolHits++;
            return pooled;
        }

        return Connect(out outOfResources);
    }

    /// <summary>As the other, but one that was idle is not taken.</summary>
    internal UpstreamConnection? Connect(out bool outOfResources)
    {
        UpstreamConnection? made = TryConnect(out outOfResources);
        _loop.Counters.PoolMisses += outOfResources ? 0 : 1;
        return made;
    }

    private UpstreamConnection? TryPop()
    {
        if (_idle.Newest is not { } connection)
        {
            return null;
        }

        Debug.Assert(connection is { IsIdle: true, IsActive: false, Exchange: null, Closed: false, UnsentBytes: 0 });
        _idle.Remove(connection, ref _loop.Counters);
        connection.WasPooled = true;
        return connection;
    }

    private UpstreamConnection? TryConnect(out bool outOfResources)
    {
        UpstreamConnection connection = _loop.Free.NewUpstream();
        if (connection.TryConnect(this, out outOfResources))
        {
            return connection;
        }

        _loop.Free.Recycle(connection);
        return null;
    }

    /// <summary>A request is on its way to the replica.</summary>
    internal void Enter()
    {
        Counters.InFlight++;
        Service.Queue.BeginFlight();
    }

    /// <summary>A request has left the replica, and room for another that may wait.</summary>
    internal void Leave()
    {
        Debug.Assert(Counters.InFlight > 0);
        Counters.InFlight--;
        Service.Queue.EndFlight();
    }

    /// <summary>An exchange takes the connection.</summary>
    internal void Assign(UpstreamConnection connection, Exchange exchange)
    {
        Debug.Assert(connection is { IsActive: false, IsIdle: false, Exchange: null, Closed: false });
        connection.Timer.Disarm();
        connection.Exchange = exchange;
        connection.IsActive = true;
        connection.ActivePrevious = null;
        connection.ActiveNext = _activeHead;
        if (_activeHead is { } next)
        {
            next.ActivePrevious = connection;
        }

        _activeHead = connection;
        _activeCount++;
        _loop.Counters.BusyConnections++;
    }

    /// <summary>Leaves the connection to one client alone; false where the replica is being let go of. It stays among those in use.</summary>
    internal bool TryHold(UpstreamConnection connection, ClientConnection holder)
    {
        if (_released is not null || connection.Closed)
        {
            return false;
        }

        Debug.Assert(
            connection is { IsActive: true, IsHeld: false, Holder: null } && holder.Held is null, "a connection is left to one client, and a client has one");
        connection.CountBytes();
        connection.Exchange = null;
        connection.IsHeld = connection.WasPooled = true;
        connection.Holder = holder;
        holder.Held = connection;
        _loop.Timers.Arm(connection, Pollable.Never);
        return true;
    }

    /// <summary>Its client has another request.</summary>
    internal UpstreamConnection TakeHeld(UpstreamConnection connection)
    {
        RemoveActive(connection);
        return connection;
    }

    /// <summary>The exchange has no more use for it; it is kept where it may serve another.</summary>
    internal void Return(UpstreamConnection connection, Ending ending, bool reusable)
    {
        Debug.Assert(!reusable || !connection.IsBound);
        connection.CountBytes();
        RemoveActive(connection);
        _drained += ending switch
        {
            _ when _released is null => default,
            Ending.Finished or Ending.Last => new DrainReport(1, 0, 0, _loop.Now - _releasedAt),
            Ending.Retried => new DrainReport(0, 1, 0, _loop.Now - _releasedAt),
            _ => new DrainReport(0, 0, 1, _loop.Now - _releasedAt),
        };
        if (!reusable || connection.Closed || _released is not null || _idle.Count >= Limits.PooledPerReplica)
        {
            LetGo(connection, isReplicasToClose: ending == Ending.Last);
        }
        else
        {
            Keep(connection);
        }

        CompleteRelease();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Keep(UpstreamConnection connection)
    {
        if (connection.WasPooled)
        {
            _keepAlive.OnReused();
        }

        long atMost = _keepAlive.At(_loop.Now);
        if (atMost == 0)
        {
            LetGo(connection, isReplicasToClose: true);
            return;
        }

        _idle.Add(connection, ref _loop.Counters);
        connection.IdleSince = _loop.Now;
        _loop.Timers.Arm(connection, _loop.Now + Math.Min(_loop.Timeouts.PoolIdle, atMost));
    }

    // Who closes first keeps the connection's port in TIME_WAIT for a minute (RFC 9293 §3.3.2): with a replica that wants no connection
    // kept, the ports to it were used up in no time. So it is the replica that closes, and tells so by an event, if it does not take long.
    private void LetGo(UpstreamConnection connection, bool isReplicasToClose)
    {
        if (isReplicasToClose && connection is { Closed: false, PeerFinished: false, HungUp: false })
        {
            _loop.Timers.Arm(connection, _loop.Now + Limits.ReplicaClosesMilliseconds);
        }
        else
        {
            connection.Close();
        }
    }

    /// <summary>The replica has closed a connection, or said something on it; where that was idle, none is kept for as long from now on.</summary>
    internal void LearnKeepAlive(UpstreamConnection connection)
    {
        if (connection.IsIdle)
        {
            _keepAlive.OnClosedIdle(_loop.Now - connection.IdleSince, _loop.Now);
        }
    }

    /// <summary>A connection from here ended when it was used, unanswered.</summary>
    internal void LearnStale() => _keepAlive.OnDied(_loop.Now);

    /// <summary>Closes one that is idle; false where there is none.</summary>
    internal bool TryCloseIdle()
    {
        if (_idle.Newest is not { } connection)
        {
            return false;
        }

        Discard(connection);
        return true;
    }

    /// <summary>Closes a connection that no exchange uses.</summary>
    internal void Discard(UpstreamConnection connection)
    {
        if (connection.IsAbandoned)
        {
            Leave();
            Return(connection, Ending.Finished, reusable: false);
            return;
        }

        if (connection.IsHeld)
        {
            RemoveActive(connection);
            connection.Close();
            CompleteRelease();
            return;
        }

        if (connection.IsIdle)
        {
            _idle.Remove(connection, ref _loop.Counters);
        }

        connection.Close();
    }

    /// <summary>Keeps nothing idle any more, and tells when the last exchange has let go.</summary>
    internal void Release(TaskCompletionSource<DrainReport> released)
    {
        Debug.Assert(_released is null, "a replica is let go of once");
        _releasedAt = _loop.Now;
        while (TryCloseIdle())
        {
        }

        for (UpstreamConnection? connection = _activeHead, next; connection is not null; connection = next)
        {
            next = connection.ActiveNext;
            if (connection.IsHeld)
            {
                Discard(connection);
            }
        }

        // Set only now: otherwise the last held connection that was closed above would have completed the release already.
        _released = released;
        CompleteRelease();
    }

    /// <summary>Has those that wait for an answer try another replica, where they may.</summary>
    internal void Relieve()
    {
        for (UpstreamConnection? connection = _activeHead, next; connection is not null; connection = next)
        {
            // An exchange that leaves takes its connection out of the list, and no other.
            next = connection.ActiveNext;
            connection.Exchange?.OnReplicaUnwell();
        }
    }

    /// <summary>Ends what is still in flight.</summary>
    /// <param name="isLost">Whether the replica has died.</param>
    internal void CutActive(bool isLost)
    {
        // One at a time from the head: an exchange that ends takes its connection out, and may not end another.
        while (_activeHead is { } connection)
        {
            if (connection.Exchange is { } exchange)
            {
                exchange.OnReplicaReleased(isLost);
            }
            else if (connection.Tunnel is { } tunnel)
            {
                tunnel.Cut();
            }
            else
            {
                Discard(connection);
            }
        }
    }

    private void CompleteRelease()
    {
        if (_released is { } released && _activeCount == 0)
        {
            Debug.Assert(_activeHead is null && _idle.Count == 0, "nothing refers to a replica that is let go of");
            _loop.Forget(this);
            released.TrySetResult(_drained);
        }
    }

    private void RemoveActive(UpstreamConnection connection)
    {
        Debug.Assert(connection.IsActive);
        if (connection.ActivePrevious is { } previous)
        {
            previous.ActiveNext = connection.ActiveNext;
        }
        else
        {
            _activeHead = connection.ActiveNext;
        }

        if (connection.ActiveNext is { } next)
        {
            next.ActivePrevious = connection.ActivePrevious;
        }

        connection.ActiveNext = connection.ActivePrevious = null;
        connection.IsActive = connection.IsHeld = false;
        connection.Exchange = null;
        connection.Tunnel = null;
        if (connection.Holder is { } holder)
        {
            connection.Holder = null;
            holder.Held = null;
        }

        _activeCount--;
        _loop.Counters.BusyConnections--;
    }
}
