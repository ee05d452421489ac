using Edge.Config;
using Edge.Http;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// Reads up to the head of the final response, or of a 101, and passes on the interim ones (1xx, RFC 9110 §15.2) before it.
/// </summary>
internal sealed unsafe class ResponseHeadReader
{
    private PendingBytes _pending;

    /// <summary>Interim responses that were passed on.</summary>
    internal int Interim { get; private set; }

    /// <summary>The client waits for 100, and has not got it yet.</summary>
    internal bool AwaitsContinue { get; set; }

    /// <summary>Since this was set to false, there was an interim response that says something: the replica is at work.</summary>
    internal bool HasProgressed { get; set; }

    /// <summary>A byte of a response has arrived.</summary>
    internal bool HasBegun { get; private set; }

    /// <summary>After <see cref="ResponseHeadResult.Complete"/> or <see cref="ResponseHeadResult.Switching"/>: the head and what followed it, in the loop's read area.</summary>
    internal byte* Data { get; private set; }

    internal int Length { get; private set; }

    /// <param name="loop">Whose read area and head are used.</param>
    /// <param name="upstream">Has something to read.</param>
    /// <param name="interimTo">Who gets interim responses; null for a client of HTTP/1.0, which knows none.</param>
    internal ResponseHeadResult Read(LoopContext loop, UpstreamConnection upstream, ClientConnection? interimTo)
    {
        byte* area = loop.ReadArea;
        int held = _pending.CopyTo(area);
        int got = upstream.Receive(area + held, Limits.HeadReceiveBytes);
        if (got <= 0)
        {
            return got == Connection.WouldBlock ? ResponseHeadResult.Partial : ResponseHeadResult.Ended;
        }

        HasBegun = true;
        Data = area;
        Length = held + got;
        while (Length > 0)
        {
            switch (HeadParser.ParseResponse(new ReadOnlySpan<byte>(Data, Length), loop.ResponseHead))
            {
                case ParseResult.Bad:
                    return ResponseHeadResult.Malformed;
                case ParseResult.Partial:
                    _pending.Keep(loop.Buffers, Data, Length);
                    return ResponseHeadResult.Partial;
            }

            if (loop.ResponseHead.Status is >= 200 or 101)
            {
                return loop.ResponseHead.Status == 101 ? ResponseHeadResult.Switching : ResponseHeadResult.Complete;
            }

            PassInterim(loop, interimTo);
        }

        _pending.Drop(loop.Buffers);
        return ResponseHeadResult.Partial;
    }

    /// <summary>Gives back what it holds, ready for the next response.</summary>
    internal void Drop(LoopContext loop)
    {
        _pending.Drop(loop.Buffers);
        Interim = 0;
        HasBegun = HasProgressed = false;
        Length = 0;
    }

    // However many there are: each goes out and is forgotten, as a piece of a body is.
    private void PassInterim(LoopContext loop, ClientConnection? to)
    {
        Head head = loop.ResponseHead;

        // One 100 for one expectation: whoever has not asked discards it (RFC 9110 §15.2.1), and may take it for the answer.
        bool isWanted = head.Status != 100 || AwaitsContinue;
        AwaitsContinue &= head.Status != 100;
        HasProgressed |= isWanted;
        if (to is not null && isWanted)
        {
            Interim++;
            var data = new ReadOnlySpan<byte>(Data, head.Length);
            int length = HeadWriter.WriteResponse(loop.Scratch, data, head, ConnectionOptions.Of(data, head), new RelayContext { ViaLine = loop.ViaLine(head.MinorVersion) });
            fixed (byte* scratch = loop.Scratch)
            {
                // A client that is gone is noticed by the next write or event.
                to.Send(scratch, length);
            }
        }

        Data += head.Length;
        Length -= head.Length;
    }
}
