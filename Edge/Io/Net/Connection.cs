using Edge.Config;

namespace Edge.Io;

/// <summary>
/// A connected stream socket, registered once and edge-triggered for both directions (epoll(7)), so that epoll_ctl is not needed again. The
/// connection remembers what the kernel has announced; reading and writing use it up.
/// </summary>
internal abstract unsafe class Connection : Pollable
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
        PeerFinished = HungUp = _isPosted = _isPostedLast = _tellsSender = _sendFailed = false;
        BytesReceived = BytesSent = 0;
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

    /// <summary>Remembers what the kernel reports.</summary>
    protected void Note(uint events)
    {
        if ((events & (Libc.EPOLLIN | Libc.EPOLLRDHUP | Libc.EPOLLHUP | Libc.EPOLLERR)) != 0)
        {
            Readable = true;
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

    /// <summary>Sends the bytes, and keeps those that the kernel does not take in a buffer of its own; <see cref="Flush"/> goes on with them.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="isLast">Only the end of the connection follows, at once: the bytes and the end go out in one segment (MSG_MORE, send(2)).</param>
    /// <returns>False if the connection is broken.</returns>
    internal bool Send(ReadOnlySpan<byte> bytes, bool isLast = false)
    {
        int sent = 0;
        if (UnsentBytes == 0)
        {
            sent = TrySend(bytes, isLast);
            if (sent < 0)
            {
                return false;
            }
        }

        if (sent < bytes.Length)
        {
            _unsent.Add(Loop.Buffers, bytes[sent..]);
        }

        return true;
    }

    /// <summary>
    /// As <see cref="Send"/>, but at the end of the loop's turn, together with the posts of other connections, if the loop has a ring. Until then the
    /// bytes are unsent. If the connection turns out to be broken, <see cref="Pollable.OnReady"/> tells it.
    /// </summary>
    internal bool Post(ReadOnlySpan<byte> bytes, bool isLast = false)
    {
        if (!Loop.SendBatch.IsOpen || !Writable || bytes.Length > Limits.PostedBytes)
        {
            return Send(bytes, isLast);
        }

        _unsent.Add(Loop.Buffers, bytes);
        _isPostedLast = isLast;
        if (!_isPosted)
        {
            _isPosted = true;
            Loop.SendBatch.Add(this);
        }

        return true;
    }

    /// <summary>Asks for a call of <see cref="Pollable.OnReady"/> when the posted bytes have been sent. False if no posted bytes wait.</summary>
    internal bool AwaitPosted() => _tellsSender = IsPosted;

    /// <summary>For the loop's send batch: the bytes to send now, if there are any.</summary>
    internal bool TakePosted(out byte* from, out int length, out bool isLast)
    {
        from = _unsent.Start;
        length = UnsentBytes;
        isLast = _isPostedLast;
        _isPosted = false;
        return !Closed && (length > 0 ? Writable : _tellsSender);
    }

    /// <summary>For the loop's send batch: sends the bytes, and tells the result.</summary>
    internal void SendPosted()
    {
        _isPosted = false;
        _sendFailed = !Closed && !Flush(_isPostedLast);
        TellSender();
    }

    /// <summary>For the loop's send batch: the result, in bytes or as a negative errno.</summary>
    internal void OnPostedSent(int sent)
    {
        _sendFailed = sent < 0 && -sent is not (Libc.EAGAIN or Libc.EINTR);
        if (!_sendFailed)
        {
            OnTaken(Math.Max(sent, 0), UnsentBytes);
            _unsent.Advance(Loop.Buffers, Math.Max(sent, 0));
        }
    }

    /// <summary>For the loop's send batch, after everything has been sent: tells the connection the result.</summary>
    internal void TellSender()
    {
        if ((_sendFailed || _tellsSender) && !Closed)
        {
            // The kernel may have reported the end of the connection before, but nobody has looked.
            uint events = _sendFailed ? Libc.EPOLLERR | Libc.EPOLLHUP : 0;
            _sendFailed = _tellsSender = false;
            OnReady(events);
        }
    }

    /// <summary>Goes on with the bytes that an earlier <see cref="Send"/> left. False if the connection is broken.</summary>
    internal bool Flush(bool isLast = false)
    {
        if (UnsentBytes == 0 || !Writable)
        {
            return true;
        }

        int sent = TrySend(_unsent.Span, isLast);
        if (sent < 0)
        {
            return false;
        }

        _unsent.Advance(Loop.Buffers, sent);
        return true;
    }

    /// <summary>Ends the direction to the peer (shutdown(2)); the other direction stays open.</summary>
    internal void FinishSending() => Libc.shutdown(Fd, Libc.SHUT_WR);

    /// <summary>Closes; what is unsent is lost.</summary>
    internal void Close()
    {
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

    /// <summary>Sends, and keeps nothing: returns how many bytes the kernel took, or <see cref="Broken"/>. Only while no bytes are unsent.</summary>
    internal int TrySend(ReadOnlySpan<byte> bytes, bool isLast = false)
    {
        if (!Writable)
        {
            return 0;
        }

        int flags = isLast ? Libc.MSG_NOSIGNAL | Libc.MSG_MORE : Libc.MSG_NOSIGNAL;
        nint sent;
        fixed (byte* pointer = bytes)
        {
            sent = Libc.send(Fd, pointer, (nuint)bytes.Length, flags);
        }

        if (sent < 0)
        {
            int errno = Libc.Errno;
            if (errno is not (Libc.EAGAIN or Libc.EINTR))
            {
                return Broken;
            }

            sent = 0;
        }

        OnTaken((int)sent, bytes.Length);
        return (int)sent;
    }

    private void OnTaken(int sent, int offered)
    {
        BytesSent += sent;
        if (sent < offered)
        {
            // The kernel took less than offered because its buffer is full, and raises an edge when there is room.
            NoteFull();
        }
    }
}
