using System.Diagnostics;
using System.Runtime.CompilerServices;
using Edge.Config;
using Edge.Io;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>
/// The upstream connections of one loop to one replica: those in use and the idle ones. The most recently used one is taken first, so connections
/// that are not needed grow old and are closed.
/// </summary>
internal sealed class ConnectionPool : UpstreamPool
{
    private readonly Stack<UpstreamConnection> _free;
    private readonly int _inAnyCase;
    private IdleConnections _idle;
    private UpstreamConnection? _activeHead;
    private KeepAlive _keepAlive = KeepAlive.Unknown;
    private int _activeCount;
    private Action<DrainReport>? _released;
    private DrainReport _drained;
    private long _releasedAt;

    /// <param name="loop">Whose it is.</param>
    /// <param name="queue">Where requests for the replica wait.</param>
    /// <param name="replica">The other end.</param>
    /// <param name="inAnyCase">How many connections, to all replicas together, the loop has descriptors for, whatever clients take.</param>
    /// <param name="free">The loop's unused objects; the last returned is used first.</param>
    internal ConnectionPool(LoopContext loop, RequestQueue queue, Replica replica, int inAnyCase, Stack<UpstreamConnection> free)
        : base(loop, queue, replica)
    {
        (_inAnyCase, _free) = (inAnyCase, free);
        Span<byte> address = stackalloc byte[Io.SocketAddress.BytesAtMost];
        if (replica.TlsName is { } name && loop.ReplicaTls is { IsValueCreated: true } trust)
        {
            Tls = new ReplicaTls(trust.Value, name);
        }

        SocketAddress = address[..Io.SocketAddress.Write(replica.Address, address)].ToArray();
    }

    /// <summary>How connections to it begin; null if HTTP is spoken to it as it is.</summary>
    internal ReplicaTls? Tls { get; }

    /// <summary>The replica's address in the kernel's form.</summary>
    internal byte[] SocketAddress { get; }

    /// <summary>
    /// A descriptor for a new connection must have a number below this: it comes from those that clients leave, or from the loop's share for upstream
    /// connections.
    /// </summary>
    internal int DescriptorsBelow =>
        Loop.Counters.BusyConnections + Loop.Counters.PooledConnections < _inAnyCase ? int.MaxValue : Descriptors.ForClients;

    internal override UpstreamStream? Obtain(bool mustBeOpen, out bool outOfResources)
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
            Loop.Counters.PoolHits++;
            return pooled.Stream;
        }

        return Connect(out outOfResources);
    }

    internal override UpstreamStream? Connect(out bool outOfResources)
    {
        UpstreamConnection? made = TryConnect(out outOfResources);
        Loop.Counters.PoolMisses += outOfResources ? 0 : 1;
        return made?.Stream;
    }

    private UpstreamConnection? TryPop()
    {
        if (_idle.Newest is not { } connection)
        {
            return null;
        }

        Debug.Assert(connection is { IsIdle: true, IsActive: false, Stream.User: null, Closed: false, UnsentBytes: 0 });
        _idle.Remove(connection, ref Loop.Counters);
        connection.Stream.WasPooled = true;
        return connection;
    }

    private UpstreamConnection? TryConnect(out bool outOfResources)
    {
        if (Tls is null && Replica.TlsName is not null)
        {
            // Never in the clear.
            outOfResources = false;
            return null;
        }

        UpstreamConnection connection = _free.TryPop(out UpstreamConnection? free) ? free : new UpstreamConnection(Loop);
        if (connection.TryConnect(this, out outOfResources))
        {
            return connection;
        }

        Recycle(connection);
        return null;
    }

    /// <summary>Nothing refers to the connection any more.</summary>
    internal void Recycle(UpstreamConnection connection) => _free.Push(connection);

    private static UpstreamConnection Of(UpstreamStream stream) => ((Http1UpstreamStream)stream).Upstream;

    internal override void Assign(UpstreamStream stream, UpstreamUser user)
    {
        UpstreamConnection connection = Of(stream);
        Debug.Assert(connection is { IsActive: false, IsIdle: false, IsHeld: false, Stream.User: null, Closed: false });
        connection.Timer.Disarm();
        stream.User = user;
        connection.IsActive = true;
        connection.ActivePrevious = null;
        connection.ActiveNext = _activeHead;
        if (_activeHead is { } next)
        {
            next.ActivePrevious = connection;
        }

        _activeHead = connection;
        _activeCount++;
        Loop.Counters.BusyConnections++;
    }

    internal override bool TryHold(UpstreamStream stream, IUpstreamHolder holder)
    {
        UpstreamConnection connection = Of(stream);
        if (_released is not null || connection.Closed)
        {
            return false;
        }

        Debug.Assert(
            connection is { IsActive: true, IsHeld: false, Holder: null } && holder.Held is null, "a connection is left to one client, and a client has one");
        connection.CountBytes();
        stream.User = null;
        connection.IsHeld = stream.WasPooled = true;
        connection.Holder = holder;
        holder.Held = stream;
        Loop.Timers.Arm(connection, Pollable.Never);
        return true;
    }

    internal override UpstreamStream TakeHeld(UpstreamStream stream)
    {
        Debug.Assert(Of(stream).IsHeld);
        RemoveActive(Of(stream));
        return stream;
    }

    internal override void Return(UpstreamStream stream, Ending ending, bool reusable) => Return(Of(stream), ending, reusable);

    private void Return(UpstreamConnection connection, Ending ending, bool reusable)
    {
        Debug.Assert(!reusable || connection is { Stream.IsBound: false, UnsentBytes: 0 });
        connection.CountBytes();
        if (Tls is not null && connection is { Stream.WasPooled: false, Tls: { IsOpen: true } session })
        {
            Tls.Learn(session);
        }

        RemoveActive(connection);
        _drained += ending switch
        {
            _ when _released is null => default,
            Ending.Finished or Ending.Last => new DrainReport(1, 0, 0, Loop.Now - _releasedAt),
            Ending.Retried => new DrainReport(0, 1, 0, Loop.Now - _releasedAt),
            _ => new DrainReport(0, 0, 1, Loop.Now - _releasedAt),
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
        if (connection.Stream.WasPooled)
        {
            _keepAlive.OnReused();
        }

        long atMost = _keepAlive.At(Loop.Now);
        if (atMost == 0)
        {
            LetGo(connection, isReplicasToClose: true);
            return;
        }

        _idle.Add(connection, ref Loop.Counters);
        connection.IdleSince = Loop.Now;
        Loop.Timers.Arm(connection, Loop.Now + Math.Min(Queue.Settings.Timeouts.PoolIdle, atMost));
    }

    // The side that closes first keeps the connection's port in TIME_WAIT for a minute (RFC 9293 §3.3.2). If the balancer closed first, a replica
    // that keeps no connection would use up all ports to it. So the replica is to close first, which an event reports; if that takes too long, the
    // balancer closes.
    private void LetGo(UpstreamConnection connection, bool isReplicasToClose)
    {
        if (isReplicasToClose && connection is { Closed: false, PeerFinished: false, HungUp: false })
        {
            Loop.Timers.Arm(connection, Loop.Now + Limits.ReplicaClosesMilliseconds);
        }
        else
        {
            connection.Close();
        }
    }

    /// <summary>The replica has closed a connection, or sent bytes on it. If it was idle, the pool learns from its idle time.</summary>
    internal void LearnKeepAlive(UpstreamConnection connection)
    {
        if (connection.IsIdle)
        {
            _keepAlive.OnClosedIdle(Loop.Now - connection.IdleSince, Loop.Now);
        }
    }

    internal override void LearnStale() => _keepAlive.OnDied(Loop.Now);

    internal override bool TryCloseIdle()
    {
        if (_idle.Newest is not { } connection)
        {
            return false;
        }

        Discard(connection);
        return true;
    }

    /// <summary>Closes a connection that has no user.</summary>
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
            _idle.Remove(connection, ref Loop.Counters);
        }

        connection.Close();
    }

    internal override void Release(Action<DrainReport> released)
    {
        Debug.Assert(_released is null, "a replica is let go of once");
        _releasedAt = Loop.Now;
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

    internal override void Relieve()
    {
        for (UpstreamConnection? connection = _activeHead, next; connection is not null; connection = next)
        {
            // A user that leaves takes only its own connection out of the list.
            next = connection.ActiveNext;
            connection.Stream.User?.OnReplicaUnwell();
        }
    }

    internal override void CutActive(bool isLost)
    {
        // One at a time from the head: a user that ends takes its connection out of the list, and may not end another.
        while (_activeHead is { } connection)
        {
            if (connection.Stream.User is { } user)
            {
                user.OnReplicaReleased(isLost);
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
            Tls?.Release();
            released(_drained);
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
        connection.Stream.User = null;
        if (connection.Holder is { } holder)
        {
            connection.Holder = null;
            holder.Held = null;
        }

        _activeCount--;
        Loop.Counters.BusyConnections--;
    }
}
