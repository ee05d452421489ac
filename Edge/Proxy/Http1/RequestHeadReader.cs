using Edge.Http;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// Reads one head after the other from a client connection. If a trusted proxy connects, it reads the PROXY header before the first head. A part of a
/// head waits in a buffer of its own, no longer than a head may be; between two requests there is no buffer.
/// </summary>
internal struct RequestHeadReader
{
    private PendingBytes _pending;
    private bool _isPartial;

    /// <summary>Bytes that were read and are not used yet.</summary>
    internal readonly int HeldBytes => _pending.Length;

    /// <summary>A head has begun to arrive.</summary>
    internal readonly bool IsInHead => _isPartial && _pending.Length > 0;

    /// <summary>Keeps bytes behind a request until that request is done.</summary>
    internal void KeepAhead(LoopContext loop, ReadOnlySpan<byte> ahead)
    {
        _pending.Keep(loop.Buffers, ahead);
        _isPartial = false;
    }

    /// <summary>Hands over the bytes behind the last request, at the front of the read area, because they are no request. Returns their number.</summary>
    internal int TakeAhead(LoopContext loop)
    {
        int length = _pending.CopyTo(loop.ReadArea.Span);
        Drop(loop);
        return length;
    }

    internal void Drop(LoopContext loop)
    {
        _pending.Drop(loop.Buffers);
        _isPartial = false;
    }

    /// <summary>Reads a request's head into the loop's <see cref="LoopContext.RequestHead"/>; its bytes are at the front of the read area.</summary>
    /// <param name="loop">The loop of the client.</param>
    /// <param name="client">The client.</param>
    /// <param name="length">Bytes in the read area: the head, and the bytes behind it.</param>
    internal ReadResult Read(LoopContext loop, Connection client, out int length)
    {
        int held = _pending.Length;
        bool goesOn = held > 0 && _isPartial;
        ReadResult read = Receive(loop, client, out length);
        if (read != ReadResult.Complete)
        {
            return read;
        }

        // Nothing is parsed before the end of a line, so that a head that comes byte by byte is not read again for each byte.
        Span<byte> data = loop.ReadArea.Slice(0, length);
        ReadOnlySpan<byte> added = data[held..];
        if (goesOn && length < loop.ClientLimits.HeadBytes && !added.Contains((byte)'\n'))
        {
            _pending.Append(loop.Buffers, added);
            return ReadResult.Partial;
        }

        _pending.CopyTo(data);
        Head head = loop.RequestHead;
        ParseResult parsed = loop.ClientLimits.Bound(HeadParser.ParseRequest(data, head), data, head);
        return Keep(loop, parsed == ParseResult.Complete ? ReadResult.Complete : parsed == ParseResult.Partial ? ReadResult.Partial : ReadResult.Bad, data);
    }

    /// <summary>Reads the PROXY header, and not a byte more: what follows may be a TLS handshake.</summary>
    internal static ReadResult ReadProxyHeader(LoopContext loop, Connection client, out ProxyHeader header)
    {
        header = default;
        int got = client.Peek(loop.ReadArea.Span);
        if (got <= 0)
        {
            return got == Connection.WouldBlock ? ReadResult.Blocked : ReadResult.Ended;
        }

        switch (ProxyHeader.Parse(loop.ReadArea.Slice(0, got), out header))
        {
            case ProxyHeaderResult.Complete:
                return client.Receive(loop.ReadArea.Slice(0, header.Length)) == header.Length ? ReadResult.Complete : ReadResult.Ended;
            case ProxyHeaderResult.Partial when !client.PeerFinished:
                // What comes next raises an edge, although this stays unread.
                client.NoteDrained();
                return ReadResult.Blocked;
            default:
                return ReadResult.Bad;
        }
    }

    // Reads behind the held bytes, whose room in the read area is left free.
    private readonly ReadResult Receive(LoopContext loop, Connection client, out int length)
    {
        length = _pending.Length;
        if (length > 0 && !_isPartial)
        {
            return ReadResult.Complete;
        }

        int got = client.Receive(loop.ReadArea.Span[length..]);
        length += Math.Max(got, 0);
        return got > 0 ? ReadResult.Complete : got == Connection.WouldBlock ? ReadResult.Blocked : ReadResult.Ended;
    }

    private ReadResult Keep(LoopContext loop, ReadResult result, ReadOnlySpan<byte> data)
    {
        if (result == ReadResult.Partial)
        {
            _pending.Keep(loop.Buffers, data);
            _isPartial = true;
        }
        else
        {
            Drop(loop);
        }

        return result;
    }
}
