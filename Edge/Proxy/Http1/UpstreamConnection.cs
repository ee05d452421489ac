using System.Diagnostics;
using Edge.Io;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>
/// A connection to a replica: connecting, in use by one <see cref="UpstreamUser"/>, or idle in its pool. <see cref="Stream"/> says by whom it is used.
/// </summary>
internal sealed class UpstreamConnection : Connection
{
    private readonly LoopContext _loop;
    private bool _connecting;
    private long _countedReceived;
    private long _countedSent;

    internal UpstreamConnection(LoopContext loop) : base(loop.Events)
    {
        _loop = loop;
        Stream = new Http1UpstreamStream(loop, this);
    }

    /// <summary>What it is for an exchange.</summary>
    internal Http1UpstreamStream Stream { get; }

    internal ConnectionPool Pool { get; private set; } = null!;

    /// <summary>
    /// Its client left when the whole of an unsafe request was sent. It is kept until the replica has answered, so that the replica can finish its
    /// work; the response is thrown away.
    /// </summary>
    internal bool IsAbandoned { get; private set; }

    /// <summary>It waits for the next request of <see cref="Holder"/>, in the pool's list of those in use.</summary>
    internal bool IsHeld { get; set; }

    /// <summary>The client that holds it; null if that client has gone.</summary>
    internal IUpstreamHolder? Holder { get; set; }

    /// <summary>When it became idle, in the loop's milliseconds.</summary>
    internal long IdleSince { get; set; }

    internal bool IsConnected => !_connecting;

    // Links of the pool's idle list, and of its list of those in use: two lists, two pairs of links.
    internal UpstreamConnection? IdleNext;
    internal UpstreamConnection? IdlePrevious;
    internal bool IsIdle;
    internal UpstreamConnection? ActiveNext;
    internal UpstreamConnection? ActivePrevious;
    internal bool IsActive;

    /// <summary>Begins to connect. False if it failed at once.</summary>
    internal bool TryConnect(ConnectionPool pool, out bool outOfResources)
    {
        Debug.Assert(!IsActive && !IsIdle && !IsHeld && Stream.User is null, "a connection that is made is nobody's yet");
        Pool = pool;
        IsAbandoned = Stream.WasPooled = Stream.IsBound = false;
        int fd = SocketOptions.Dial(pool.SocketAddress, pool.DescriptorsBelow);
        outOfResources = fd is -Libc.EMFILE or -Libc.ENFILE or -Libc.EADDRNOTAVAIL or -Libc.ENOBUFS or -Libc.ENOMEM;
        if (fd < 0)
        {
            return false;
        }

        _connecting = true;
        _countedReceived = _countedSent = 0;
        Attach(fd);
        return true;
    }

    /// <summary>Updates the replica's byte counters.</summary>
    internal void CountBytes()
    {
        ref ReplicaCounters counters = ref Pool.Counters;
        counters.BytesReceived += BytesReceived - _countedReceived;
        counters.BytesSent += BytesSent - _countedSent;
        _countedReceived = BytesReceived;
        _countedSent = BytesSent;
    }

    /// <summary>Its exchange is over, but the replica still works on the request: it stays in flight until there is a response.</summary>
    /// <param name="deadline">Until when, in the loop's milliseconds.</param>
    internal void Abandon(long deadline)
    {
        Debug.Assert(IsActive && !IsAbandoned && Stream.User is not null && deadline != Never, "only what an exchange has can be left to the replica");
        _loop.Timers.Arm(this, deadline);
        Stream.User = null;
        IsAbandoned = true;
    }

    /// <summary>Its client does not need it any more.</summary>
    internal void LetGo()
    {
        Debug.Assert(IsHeld && Holder is not null, "only its holder lets go of it");

        // Not at once: this may be the end of the turn, when nothing can be closed any more.
        Holder!.Held = null;
        Holder = null;
        _loop.Defer(this);
    }

    internal override void OnReady(uint events)
    {
        Note(events);
        if (Stream.User is not { } user)
        {
            if ((events & ~Libc.EPOLLOUT) == 0)
            {
                // An event for bytes that were already read: it only shows that there is room to send.
                return;
            }

            if (Tls is not null && IsIdle && IsOnlyOfTls())
            {
                return;
            }

            // Idle: the replica closes, or sends bytes that were not asked for; the connection is not used again. Abandoned: the response has
            // arrived. Of no further use: the replica has closed it, as it said.
            Pool.LearnKeepAlive(this);
            Pool.Discard(this);
            return;
        }

        if (_connecting)
        {
            if (HungUp && TakeError() is not 0)
            {
                user.OnReplicaGone(Tls is null ? ConnectFault.Unreachable : ConnectFault.Handshake);
                return;
            }

            if (!Writable || (Pool.Tls is not null && !GoOnWithHandshake(user)))
            {
                return;
            }

            _connecting = false;
            user.OnConnected();
        }

        user.OnUpstreamReady();
    }

    // Once it is connected. False while the handshake is not over, or when it has failed: then the user knows it.
    private bool GoOnWithHandshake(UpstreamUser user)
    {
        bool isFirst = Tls is null;
        if (isFirst)
        {
            BeginTls(Pool.Tls!.NewSession(_loop.Events.Tls));
        }
        else if (!Flush())
        {
            user.OnReplicaGone(ConnectFault.Handshake);
            return false;
        }

        TlsProgress progress = Tls!.IsOpen ? TlsProgress.Done : ShakeHands(isFirst);
        if (progress is not (TlsProgress.Done or TlsProgress.WantsMore))
        {
            bool isUnbelieved = Tls.PeerFault is not (TlsPeerFault.None or TlsPeerFault.Handshake);
            user.OnReplicaGone(isUnbelieved ? ConnectFault.Certificate : ConnectFault.Handshake);
            return false;
        }

        // The last records of the handshake go before the first of the request.
        bool isDone = progress == TlsProgress.Done && UnsentBytes == 0;
        if (isDone)
        {
            _loop.Counters.ReplicaHandshakes++;
            _loop.Counters.ReplicaHandshakesResumed += Tls.IsResumed ? 1 : 0;
        }

        return isDone;
    }

    internal override void OnDeadline()
    {
        if (Stream.User is { } user)
        {
            user.OnUpstreamTimer();
        }
        else
        {
            Pool.Discard(this);
        }
    }

    internal override void OnDeferred()
    {
        if (Stream.User is { } user)
        {
            user.OnUpstreamReady();
        }
        else if (IsHeld && Holder is null)
        {
            Pool.Discard(this);
        }
    }

    /// <summary>
    /// Whether the connection may carry another request, because nothing about it is in doubt: all bytes are sent, and no unread bytes have come.
    /// </summary>
    internal bool IsClean()
    {
        if (UnsentBytes > 0 || PeerFinished || HungUp)
        {
            return false;
        }

        if (!Readable)
        {
            return true;
        }

        // The last read was full, so it is not known yet that nothing follows.
        bool isQuiet = IsQuiet();
        NoteDrained();
        return isQuiet;
    }

    // Whether what has come is of the protocol itself: a ticket, or a change of keys (RFC 8446 §4.6).
    private bool IsOnlyOfTls()
    {
        while (Readable)
        {
            if (Receive(_loop.ReadArea.Span) != WouldBlock)
            {
                return false;
            }
        }

        return !PeerFinished && !HungUp && UnsentBytes == 0;
    }

    internal override void OnReleased() => Pool.Recycle(this);
}
