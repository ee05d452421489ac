using Edge.Http;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// Reads one head after the other from a client's connection, and before the first, where a trusted proxy connects, the
/// header of the PROXY protocol. What is not whole yet waits in a buffer of its own, no longer than a head may be; between two
/// requests there is none.
/// </summary>
internal unsafe struct RequestHeadReader
{
    private PendingBytes _pending;
    private bool _isPartial;

    /// <summary>Bytes that were read and not used yet.</summary>
    internal readonly int HeldBytes => _pending.Length;

    /// <summary>A head has begun to arrive.</summary>
    internal readonly bool IsInHead => _isPartial && _pending.Length > 0;

    /// <summary>Keeps what came behind a request for when that is done.</summary>
    internal void KeepAhead(LoopContext loop, byte* from, int length)
    {
        _pending.Keep(loop.Buffers, from, length);
        _isPartial = false;
    }

    /// <summary>Hands over what came behind the last request, at the front of the read area: it is no request. Returns its length.</summary>
    internal int TakeAhead(LoopContext loop)
    {
        int length = _pending.CopyTo(loop.ReadArea);
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
        byte* area = loop.ReadArea;
        int held = _pending.Length;
        bool goesOn = held > 0 && _isPartial;
        ReadResult read = Receive(loop, client, out length);
        if (read != ReadResult.Complete)
        {
            return read;
        }

        // Nothing is decided before the end of a line: a head that comes byte by byte is not read anew for each.
        var added = new ReadOnlySpan<byte>(area + held, length - held);
        if (goesOn && length < loop.ClientLimits.HeadBytes && !added.Contains((byte)'\n'))
        {
            _pending.Append(loop.Buffers, area + held, length - held);
            return ReadResult.Partial;
        }

        _pending.CopyTo(area);
        var data = new ReadOnlySpan<byte>(area, length);
        Head head = loop.RequestHead;
        ParseResult parsed = loop.ClientLimits.Bound(HeadParser.ParseRequest(data, head), data, head);
        return Keep(loop, parsed == ParseResult.Complete ? ReadResult.Complete : parsed == ParseResult.Partial ? ReadResult.Partial : ReadResult.Bad, length);
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

        byte* area = loop.ReadArea;
        _pending.CopyTo(area);
        switch (ProxyHeader.Parse(new ReadOnlySpan<byte>(area, length), out header))
        {
            case ProxyHeaderResult.Complete:
                KeepAhead(loop, area + header.Length, length - header.Length);
                return ReadResult.Complete;
            case ProxyHeaderResult.Partial:
                _pending.Append(loop.Buffers, area + held, length - held);
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

        int got = client.Receive(loop.ReadArea + length, LoopContext.ReceiveBytes);
        length += Math.Max(got, 0);
        return got > 0 ? ReadResult.Complete : got == Connection.WouldBlock ? ReadResult.Blocked : ReadResult.Ended;
    }

    private ReadResult Keep(LoopContext loop, ReadResult result, int length)
    {
        if (result == ReadResult.Partial)
        {
            _pending.Keep(loop.Buffers, loop.ReadArea, length);
            _isPartial = true;
        }
        else
        {
            Drop(loop);
        }

        return result;
    }
}
