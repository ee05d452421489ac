using System.Diagnostics;
using Edge.Config;
using Edge.Http;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// One body that comes in by a connection, on its way to the stream that it is for. Nothing is read while that is full, so that a slow
/// receiver slows the sender down, and memory stays bounded by one read. Where the stream lies on a connection as well, a large body
/// stays inside the kernel.
/// </summary>
internal struct BodyRelay
{
    // In addition to the negative results of Connection.Receive.
    private const int SinkIsBroken = -3;
    private const int IsMalformed = -4;
    private const int SourceIsCut = -5;

    private BodyScanner _body;
    private Pipe? _pipe;
    private HeldBack _heldBack;
    private bool _progressed;
    private bool _isAnswer;

    // The last moved bytes, less than a segment, which the kernel keeps until more comes.
    private enum HeldBack : byte
    {
        Nothing,
        SinceNow,

        /// <summary>For a whole turn of the loop.</summary>
        Long,
    }

    /// <summary>The last byte of the body has been taken from the source.</summary>
    internal readonly bool Ended => _body.Ended;

    /// <summary>Bytes that were taken from the source, chunk framing included.</summary>
    internal readonly long Bytes => _body.Bytes;

    /// <summary>Only its size is wrong.</summary>
    internal readonly bool IsTooLarge => _body.IsTooLarge;

    /// <summary>Whether <see cref="Pump"/> has read from the source. These bytes are not kept.</summary>
    internal bool HasPumped { get; private set; }

    /// <summary>Where the bytes behind the body's end in the last read begin in the loop's read area; valid until its next read.</summary>
    internal int SurplusStart { get; private set; }

    internal int SurplusBytes { get; private set; }

    /// <summary>The kernel's pipe holds some of it.</summary>
    internal readonly bool IsHolding => _pipe is { Held: > 0 };

    /// <summary>A new body; the one before it has been released.</summary>
    /// <param name="framing">How its end is found.</param>
    /// <param name="decode">The chunk framing is taken off.</param>
    /// <param name="contentAtMost">Bytes of content that chunks may bring.</param>
    /// <param name="isAnswer">It comes from a replica.</param>
    /// <param name="dropTrailers">Trailers end here.</param>
    internal void Begin(BodyFraming framing, bool decode, long contentAtMost = long.MaxValue, bool isAnswer = false, bool dropTrailers = false)
    {
        Debug.Assert(_pipe is null && _heldBack == HeldBack.Nothing && !_progressed && !HasPumped && SurplusBytes == 0, "the last body was not released");
        _isAnswer = isAnswer;
        _body.Begin(framing, decode, contentAtMost, isAnswer, dropTrailers);
    }

    /// <summary>As of <see cref="BodyScanner.Take"/>: for what has arrived with the head.</summary>
    internal bool Take(Span<byte> data, out int taken, out int kept) => _body.Take(data, out taken, out kept);

    /// <summary>Moves what can be moved now.</summary>
    internal RelayResult Pump(LoopContext loop, Connection source, MessageStream sink)
    {
        SurplusBytes = 0;
        for (int round = 0; round < Limits.RelayRounds; round++)
        {
            if (sink.IsPosted && !source.Readable)
            {
                // The bytes go out at the end of the turn. Nothing more is sent until the kernel reports that there is room.
                return Ended ? RelayResult.Done : RelayResult.Blocked;
            }

            if (!Flush(sink))
            {
                return RelayResult.SinkBroken;
            }

            if (sink.UnsentBytes > 0 || _pipe is { Held: > 0 })
            {
                return RelayResult.Blocked;
            }

            if (Ended)
            {
                ReturnPipe(loop);
                return RelayResult.Done;
            }

            bool splices = PrefersSplice(loop, source, sink);
            int got = splices ? Splice(source) : Copy(loop, source, sink);
            if (got == 0 && _isAnswer && source.Tls is { PeerSaidEnd: false })
            {
                // Only the end of the connection would tell that the answer is whole, and anybody on the way can have made that (RFC 9112 §9.8).
                got = SourceIsCut;
            }

            if (got <= 0)
            {
                // The pipe is empty now. A body that pauses holds no pipe; otherwise thousands of slow bodies would use up the descriptors.
                ReturnPipe(loop);
                return got == Connection.WouldBlock ? Wait(sink) : Stopped(sink, got);
            }

            HasPumped = true;
            _progressed = true;
            if (splices)
            {
                // One move a turn, in or out: bytes that arrive meanwhile go along with the next move.
                return RelayResult.Yielded;
            }
        }

        return RelayResult.Yielded;
    }

    /// <summary>Whether any byte has moved since the last call: then the peers are alive.</summary>
    internal bool TakeProgress()
    {
        bool progressed = _progressed;
        _progressed = false;
        return progressed;
    }

    /// <summary>
    /// Leaves the bytes that were taken for the sink to it, if nothing follows: bytes in the kernel's pipe become unsent bytes. False if the sink is
    /// broken.
    /// </summary>
    internal bool Leave(LoopContext loop, MessageStream sink)
    {
        PushOut(sink);
        while (_pipe is { Held: > 0 } pipe)
        {
            Span<byte> area = loop.ReadArea.Span;
            int got = pipe.Read(area[..LoopContext.ReceiveBytes]);
            if (got == 0 || !sink.Send(area[..got]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Gives back all buffers and the pipe; after any end, good or bad.</summary>
    internal void Release(LoopContext loop)
    {
        ReturnPipe(loop);
        _body.End();
        _heldBack = HeldBack.Nothing;
        _progressed = HasPumped = false;
        SurplusBytes = 0;
    }

    // A source that is about to send more gets one turn of the loop for it, so that bodies go out in full segments on a busy machine. If the source
    // pauses, the client gets the bytes at once.
    private RelayResult Wait(MessageStream sink)
    {
        if (_heldBack == HeldBack.SinceNow)
        {
            _heldBack = HeldBack.Long;
            return RelayResult.Yielded;
        }

        PushOut(sink);
        return RelayResult.Blocked;
    }

    private void PushOut(MessageStream sink)
    {
        if (_heldBack != HeldBack.Nothing)
        {
            _heldBack = HeldBack.Nothing;
            sink.PushOut();
        }
    }

    private RelayResult Stopped(MessageStream sink, int got)
    {
        PushOut(sink);
        switch (got)
        {
            case SinkIsBroken:
                return RelayResult.SinkBroken;
            case IsMalformed:
                return RelayResult.Malformed;
            case 0 when _body.TryEnd():
                return RelayResult.Done;
            default:
                return RelayResult.SourceEnded;
        }
    }

    private bool Flush(MessageStream sink)
    {
        int unsent = sink.UnsentBytes;
        if (unsent > 0)
        {
            if (!sink.Flush())
            {
                return false;
            }

            _progressed |= sink.UnsentBytes < unsent;
        }

        if (_pipe is { Held: > 0 and int held } pipe)
        {
            // It was filled for a stream that lies on a connection.
            if (!pipe.Drain(((IOnConnection)sink).Connection, isMoreToCome: !Ended))
            {
                return false;
            }

            _heldBack = Ended ? HeldBack.Nothing : HeldBack.SinceNow;
            _progressed |= pipe.Held < held;
        }

        return true;
    }

    // How many bytes were moved into the sink, 0 at the source's end, or a negative result.
    private int Copy(LoopContext loop, Connection source, MessageStream sink)
    {
        Span<byte> area = loop.ReadArea.Span;
        int got = source.Receive(area[_body.KeptBytes..]);
        if (got <= 0)
        {
            return got;
        }

        int length = _body.KeptBytes + got;
        _body.PutKeptBefore(area);
        if (!_body.Take(area[..length], out int taken, out int kept))
        {
            // The sound bytes before the malformed ones are passed on.
            return kept == 0 || sink.Send(area[..kept]) ? IsMalformed : SinkIsBroken;
        }

        SurplusStart = taken;
        SurplusBytes = length - taken;
        bool isTaken = kept == 0 || (source.Readable ? sink.Send(area[..kept]) : sink.Post(area[..kept]));
        return isTaken ? got : SinkIsBroken;
    }

    /// <summary>Reads once, for a taker that wants the content alone: it is the first <paramref name="kept"/> bytes of the read area.</summary>
    internal RelayResult Read(LoopContext loop, Connection source, out int kept)
    {
        kept = SurplusBytes = 0;
        Span<byte> area = loop.ReadArea.Span;
        int got = source.Receive(area);
        if (got <= 0)
        {
            return got == Connection.WouldBlock ? RelayResult.Blocked : RelayResult.SourceEnded;
        }

        if (!_body.Take(area[..got], out int taken, out kept))
        {
            return RelayResult.Malformed;
        }

        SurplusStart = taken;
        SurplusBytes = got - taken;
        return Ended ? RelayResult.Done : RelayResult.Yielded;
    }

    private int Splice(Connection source)
    {
        int got = _pipe!.Fill(source, _body.Remaining);
        if (got > 0)
        {
            _body.Skip(got);
        }

        return got;
    }

    // The kernel moves large bodies of known length.
    private bool PrefersSplice(LoopContext loop, Connection source, MessageStream sink)
    {
        if (_body.Kind != BodyKind.Length)
        {
            return false;
        }

        // Records are made and opened in the process.
        if (_pipe is null && _body.Remaining >= Limits.SpliceFromBytes && source.Tls is null && sink is IOnConnection { Connection.Tls: null })
        {
            _pipe = loop.Pipes.TryRent(loop.Now);
        }

        return _pipe is not null;
    }

    private void ReturnPipe(LoopContext loop)
    {
        if (_pipe is { } pipe)
        {
            _pipe = null;
            loop.Pipes.Return(pipe);
        }
    }
}
