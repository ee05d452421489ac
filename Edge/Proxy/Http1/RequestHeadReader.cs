using Edge.Http;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// Reads one head after the other from a client's connection, and before the first, where a trusted proxy connects, the
/// header of the PROXY protocol. What is not whole yet waits in a buffer of its own, no longer than a head may be; between two
/// requests there is none.
/// </summary>
internal struct RequestHeadReader
{
    private PendingBytes _pending;
    private bool _isPartial;

    /// <summary>Bytes that were read and not used yet.</summary>
    internal readonly int HeldBytes => _pending.Length;

    /// <summary>A head has begun to arrive.</summary>
    internal readonly bool IsInHead => _isPartial && _pending.Length > 0;

    /// <summary>Keeps what came behind a request for when that is done.</summary>
    internal void KeepAhead(LoopContext loop, ReadOnlySpan<byte> ahead)
    {
        _pending.Keep(loop.Buffers, ahead);
        _isPartial = false;
    }

    /// <summary>Hands over what came behind the last request, at the front of the read area: it is no request. Returns its length.</summary>
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
    /// <param name="loop">The client's.</param>
    /// <param name="client">Whom it comes from.</param>
    /// <param name="length">Bytes in the read area: the head, and what came behind it.</param>
    internal ReadResult Read(LoopContext loop, Connection client, out int length)
    {
        int held = _pending.Length;
        bool goesOn = held > 0 && _isPartial;
        ReadResult read = Receive(loop, client, out length);
        if (read != ReadResult.Complete)
        {
            return read;
        }

        // Nothing is decided before the end of a line: a head that comes byte by byte is not read anew for each.
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

    /// <summary>Reads the header of the PROXY protocol; what came behind it is kept for <see cref="Read"/>.</summary>
    internal ReadResult ReadProxyHeader(LoopContext loop, Connection client, out ProxyHeader header)
    {
        ReadResult read;
        do
        {
            read = ReadMoreOfProxyHeader(loop, client, out header);
        }
        while (read == ReadResult.Partial);
        return read;
    }

    private ReadResult ReadMoreOfProxyHeader(LoopContext loop, Connection client, out ProxyHeader header)
    {
        header = default;
        int held = _pending.Length;
        ReadResult read = Receive(loop, client, out int length);
        if (read != ReadResult.Complete)
        {
            return read;
        }

        Span<byte> data = loop.ReadArea.Slice(0, length);
        _pending.CopyTo(data);
        switch (ProxyHeader.Parse(data, out header))
        {
            case ProxyHeaderResult.Complete:
                KeepAhead(loop, data[header.Length..]);
                return ReadResult.Complete;
            case ProxyHeaderResult.Partial:
                _pending.Append(loop.Buffers, data[held..]);
                _isPartial = true;
                return ReadResult.Partial;
            default:
                Drop(loop);
                return ReadResult.Bad;
        }
    }

    // Behind what is held, whose place in the read area is left free.
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
