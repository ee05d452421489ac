using System.Diagnostics;
using Edge.Config;

namespace Edge.Io;

// How bytes go out: at once, at the end of the turn, or when there is room for them.
internal abstract unsafe partial class Connection
{
    // No number of unsent bytes.
    private const int NothingPosted = -1;

    /// <summary>Sends the bytes, and keeps those that the kernel does not take in a buffer of its own; <see cref="Flush"/> goes on with them.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="isLast">Only the end of the connection follows, at once: the bytes and the end go out in one segment (MSG_MORE, send(2)).</param>
    /// <returns>False if the connection is broken.</returns>
    internal bool Send(ReadOnlySpan<byte> bytes, bool isLast = false) =>
        _tls is null ? SendPlain(bytes, isLast) : Encrypt(bytes) && SendRecords(isLast);

    private bool SendPlain(ReadOnlySpan<byte> bytes, bool isLast)
    {
        int sent = 0;
        if (UnsentBytes == 0)
        {
            sent = TrySendPlain(bytes, isLast);
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
    internal bool Post(ReadOnlySpan<byte> bytes, bool isLast = false) =>
        _tls is null ? PostPlain(bytes, isLast) : PostRecords(bytes, isLast);

    // Apart, so that the way without TLS is short.
    private bool PostRecords(ReadOnlySpan<byte> bytes, bool isLast)
    {
        if (!Encrypt(bytes))
        {
            return false;
        }

        ReadOnlySpan<byte> records = Loop.Tls.TakeRecords();
        _postedRecords = UnsentBytes == 0 ? records.Length : NothingPosted;
        return PostPlain(records, isLast);
    }

    private bool PostPlain(ReadOnlySpan<byte> bytes, bool isLast)
    {
        if (!Loop.SendBatch.IsOpen || !Writable || bytes.Length > Limits.PostedBytes)
        {
            return SendPlain(bytes, isLast);
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

    /// <summary>Whether the bytes that were last posted are all unsent, and nothing else is.</summary>
    /// <param name="posted">Their number.</param>
    internal bool IsAllUnsent(int posted) => UnsentBytes == (_tls is null ? posted : _postedRecords);

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
            Advance(Math.Max(sent, 0));
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

        int sent = TrySendPlain(_unsent.Span, isLast);
        if (sent < 0)
        {
            return false;
        }

        Advance(sent);
        return true;
    }

    /// <summary>Ends the direction to the peer (shutdown(2)); the other direction stays open.</summary>
    internal void FinishSending()
    {
        if (_tls is not null)
        {
            _tls.SayEnd();
            _finishes = SendRecords() && UnsentBytes > 0;
        }

        // With TLS the record that tells the end may still have to go out; then the direction ends behind it.
        if (!_finishes)
        {
            Libc.shutdown(Fd, Libc.SHUT_WR);
        }
    }

    private void Advance(int sent)
    {
        _unsent.Advance(Loop.Buffers, sent);
        if (_finishes && UnsentBytes == 0)
        {
            _finishes = false;
            Libc.shutdown(Fd, Libc.SHUT_WR);
        }
    }

    /// <summary>
    /// Sends, and keeps nothing: returns how many bytes were taken, or <see cref="Broken"/>. Only while no bytes are unsent. With TLS it takes all or
    /// nothing: records cannot be taken back, so those that the kernel does not take are kept as unsent bytes.
    /// </summary>
    internal int TrySend(ReadOnlySpan<byte> bytes)
    {
        Debug.Assert(_tls is not null || UnsentBytes == 0, "what was taken before goes first");
        return _tls is null ? TrySendPlain(bytes, isLast: false) : !Writable ? 0 : Send(bytes) ? bytes.Length : Broken;
    }

    private int TrySendPlain(ReadOnlySpan<byte> bytes, bool isLast)
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
        BytesSent += _tls is null ? sent : 0;
        if (sent < offered)
        {
            // The kernel took less than offered because its buffer is full, and raises an edge when there is room.
            NoteFull();
        }
    }
}
