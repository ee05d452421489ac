using Edge.Config;

namespace Edge.Io;

/// <summary>
/// A connected stream socket, registered once and edge-triggered for both directions (epoll(7)), so that epoll_ctl is not needed again. The
/// connection remembers what the kernel has announced; reading and writing use it up.
/// </summary>
internal abstract unsafe partial class Connection : Pollable
{
    internal const uint Events = Libc.EPOLLIN | Libc.EPOLLOUT | Libc.EPOLLRDHUP | Libc.EPOLLET;

    /// <summary><see cref="Receive"/>: nothing there now.</summary>
    internal const int WouldBlock = -1;

    /// <summary><see cref="Receive"/>: the connection is broken.</summary>
    internal const int Broken = -2;

    private UnsentBytes _unsent;
    private bool _isPosted;
    private bool _isPostedLast;
    private bool _tellsSender;
    private bool _sendFailed;
    private bool _finishes;
    private TlsSession? _tls;
    private int _answerBytes;
    private int _postedRecords;

    protected Connection(EventLoop loop) => Loop = loop;

    internal EventLoop Loop { get; }

    /// <summary>A read may find something: data, the end, or an error.</summary>
    internal bool Readable { get; private set; }

    /// <summary>A write may succeed.</summary>
    internal bool Writable { get; private set; }

    /// <summary>The peer sends no more; what it has sent may still be unread.</summary>
    internal bool PeerFinished { get; private set; }

    /// <summary>Reset or closed on both sides: no answer can reach the peer any more.</summary>
    internal bool HungUp { get; private set; }

    /// <summary>Bytes that the kernel did not take yet.</summary>
    internal int UnsentBytes => _unsent.Length;

    /// <summary>What is unsent goes out when the loop's turn ends.</summary>
    internal bool IsPosted => _isPosted && UnsentBytes > 0;

    /// <summary>
    /// Its TLS session; null if bytes pass as they are. With one, what is read, sent and counted is what TLS carries, and unsent bytes are records.
    /// </summary>
    internal TlsSession? Tls => _tls;

    /// <summary>Bytes that came in and went out since it was attached.</summary>
    internal long BytesReceived { get; private set; }

    internal long BytesSent { get; private set; }

    /// <summary>
    /// Makes the kernel send the bytes that it holds back because more was to follow (MSG_MORE, SPLICE_F_MORE). It would wait for 200 ms (tcp(7)).
    /// </summary>
    internal void PushOut() => SocketOptions.SendAtOnce(Fd);

    /// <summary>Whether an open connection is quiet: no data, no end, no error. Asks the kernel.</summary>
    internal bool IsQuiet()
    {
        if (_tls is { HasBuffered: true })
        {
            return false;
        }

        byte probe;
        return Libc.recv(Fd, &probe, 1, Libc.MSG_PEEK) < 0 && Libc.Errno == Libc.EAGAIN;
    }

    /// <summary>Takes over a descriptor. The object may have had another descriptor before.</summary>
    /// <param name="fd">The descriptor.</param>
    /// <param name="isWatched">
    /// Whether the kernel reports its events from now on. If not, the socket is taken for readable and writable until that proves wrong, and <see
    /// cref="Watch"/> begins to watch it.
    /// </param>
    protected void Attach(int fd, bool isWatched = true)
    {
        Fd = fd;
        Readable = Writable = !isWatched;
        PeerFinished = HungUp = _isPosted = _isPostedLast = _tellsSender = _sendFailed = _finishes = false;
        BytesReceived = BytesSent = 0;
        _answerBytes = 0;
        Loop.Enter(this);
        if (isWatched)
        {
            Watch();
        }
    }

    /// <summary>Makes the kernel report the present state and every change. To be called once.</summary>
    internal void Watch()
    {
        if (!IsWatched && !Closed)
        {
            Loop.Watch(this, Events);
        }
    }

    internal override void OnRegistrationDue() => Watch();

    /// <summary>Remembers what the kernel reports.</summary>
    protected void Note(uint events)
    {
        if ((events & (Libc.EPOLLIN | Libc.EPOLLRDHUP | Libc.EPOLLHUP | Libc.EPOLLERR)) != 0)
        {
            Readable = true;
            if (_tls is { } tls)
            {
                tls.SocketIsReadable = true;
            }
        }

        if ((events & (Libc.EPOLLOUT | Libc.EPOLLHUP | Libc.EPOLLERR)) != 0)
        {
            Writable = true;
        }

        if ((events & (Libc.EPOLLRDHUP | Libc.EPOLLHUP)) != 0)
        {
            PeerFinished = true;
        }

        if ((events & (Libc.EPOLLHUP | Libc.EPOLLERR)) != 0)
        {
            HungUp = true;
        }
    }

    /// <summary>Reads the bytes that are there. Returns their number, 0 at the end, <see cref="WouldBlock"/> or <see cref="Broken"/>.</summary>
    internal int Receive(Span<byte> to)
    {
        if (!Readable)
        {
            return WouldBlock;
        }

        int capacity = Math.Min(to.Length, Limits.ReceiveBytes);
        if (_tls is not null)
        {
            return ReceiveDecrypted(to[..capacity]);
        }

        nint got;
        fixed (byte* pointer = to)
        {
            got = Libc.recv(Fd, pointer, (nuint)capacity, 0);
        }

        if (got > 0)
        {
            BytesReceived += got;
            // A short read has emptied the socket: bytes that come later raise a new edge. That does not hold if the end has been announced already,
            // because no further edge will tell of it.
            if (got < capacity && !PeerFinished)
            {
                Readable = false;
            }

            return (int)got;
        }

        if (got == 0)
        {
            PeerFinished = true;
            return 0;
        }

        if (Libc.Errno is Libc.EAGAIN or Libc.EINTR)
        {
            Readable = false;
            return WouldBlock;
        }

        return Broken;
    }

    /// <summary>Copies bytes that are there and leaves them to be read (MSG_PEEK, recv(2)). Returns as <see cref="Receive"/> does. Not with TLS.</summary>
    internal int Peek(Span<byte> to)
    {
        if (!Readable)
        {
            return WouldBlock;
        }

        nint got;
        fixed (byte* pointer = to)
        {
            got = Libc.recv(Fd, pointer, (nuint)to.Length, Libc.MSG_PEEK);
        }

        if (got >= 0)
        {
            PeerFinished |= got == 0;
            return (int)got;
        }

        if (Libc.Errno is not (Libc.EAGAIN or Libc.EINTR))
        {
            return Broken;
        }

        Readable = false;
        return WouldBlock;
    }

    /// <summary>Something other than <see cref="Receive"/> found the socket empty.</summary>
    internal void NoteDrained() => Readable = false;

    /// <summary>Something other than this class read or sent bytes.</summary>
    internal void CountReceived(long bytes) => BytesReceived += bytes;

    internal void CountSent(long bytes) => BytesSent += bytes;

    /// <summary>Something other than <see cref="Send"/> found the socket full.</summary>
    internal void NoteFull()
    {
        Writable = false;
        Watch();
    }

    /// <summary>Closes; what is unsent is lost.</summary>
    internal void Close()
    {
        if (_tls is not null)
        {
            EndTls(tellsPeer: true);
        }

        _unsent.Drop(Loop.Buffers);
        Loop.Close(this, withTurn: true);
    }

    /// <summary>Closes with a reset, so that the peer does not take a cut message for a whole one.</summary>
    internal void Abort()
    {
        if (!Closed)
        {
            ulong lingerForNoTime = 1;
            Libc.setsockopt(Fd, Libc.SOL_SOCKET, Libc.SO_LINGER, &lingerForNoTime, sizeof(ulong));
            if (_tls is not null)
            {
                EndTls(tellsPeer: false);
            }

            Close();
        }
    }

    /// <summary>The pending error of the socket (SO_ERROR), 0 for none.</summary>
    protected int TakeError()
    {
        int error = 0;
        uint length = sizeof(int);
        return Libc.getsockopt(Fd, Libc.SOL_SOCKET, Libc.SO_ERROR, &error, &length) < 0 ? Libc.Errno : error;
    }

    /// <summary>
    /// Whether the peer has reset the connection. A connection is also hung up if both sides have finished and not all bytes are read; that is no
    /// reset.
    /// </summary>
    internal bool IsReset() => HungUp && TakeError() != 0;
}
