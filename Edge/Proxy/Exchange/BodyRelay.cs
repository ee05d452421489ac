using System.Runtime.CompilerServices;
using Edge.Config;
using Edge.Http;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// One body on its way from one connection to another. While the receiver is full, nothing is read, so a slow receiver slows the sender down, and
/// memory is bounded by one read.
/// </summary>
internal unsafe struct BodyRelay
{
    // In addition to the negative results of Connection.Receive.
    private const int SinkIsBroken = -3;
    private const int IsMalformed = -4;

    private BodyKind _kind;
    private bool _decode;
    private long _remaining;
    private long _contentAtMost;
    private ChunkScanner _chunks;
    private Pipe? _pipe;
    private HeldBack _heldBack;
    private bool _progressed;
    private NameStart _name;
    private int _nameBytes;

    // The beginning of a trailer's name; whether the trailer is passed on is not known yet.
    [InlineArray(TrailerFields.NameBytesAtMost)]
    private struct NameStart
    {
        private byte _first;
    }

    // The last moved bytes, less than a segment, which the kernel keeps until more comes.
    private enum HeldBack : byte
    {
        Nothing,
        SinceNow,

        /// <summary>For a whole turn of the loop.</summary>
        Long,
    }

    /// <summary>The last byte of the body has been taken from the source.</summary>
    internal bool Ended { get; private set; }

    /// <summary>Bytes that were taken from the source, chunk framing included.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Only its size is wrong.</summary>
    internal bool IsTooLarge => _contentAtMost < 0;

    /// <summary>Whether <see cref="Pump"/> has read from the source. These bytes are not kept.</summary>
    internal bool HasPumped { get; private set; }

    /// <summary>Bytes behind the body's end in the last read, in the loop's read area; valid until its next read.</summary>
    internal byte* Surplus { get; private set; }

    internal int SurplusBytes { get; private set; }

    /// <param name="framing">How its end is found.</param>
    /// <param name="decode">Remove the chunk framing, for a reader that does not know it.</param>
    /// <param name="contentAtMost">The most bytes of content in chunks; the caller checks a known length.</param>
    /// <param name="isAnswer">The body comes from a replica, whose chunks may be written more loosely.</param>
    /// <param name="dropTrailers">Connection names fields of the message: such trailers end here (RFC 9110 §7.6.1), and all others with them.</param>
    internal void Begin(BodyFraming framing, bool decode, long contentAtMost = long.MaxValue, bool isAnswer = false, bool dropTrailers = false)
    {
        this = default;
        _chunks = new ChunkScanner(dropTrailers, isAnswer);
        _kind = framing.Kind;
        _remaining = framing.Bytes;
        _contentAtMost = contentAtMost;
        _decode = decode && framing.Kind == BodyKind.Chunked;
        Ended = framing.Kind == BodyKind.None;
    }

    /// <summary>
    /// Follows the body through bytes that have been read. The first <paramref name="kept"/> bytes are those to pass on, moved together in place: all
    /// bytes except those for this hop, or with decoding only the content. If the data end in a trailer's name, its beginning is kept, and stands
    /// before the next data.
    /// </summary>
    /// <returns>False if the body is malformed.</returns>
    internal bool Take(Span<byte> data, out int taken, out int kept)
    {
        if (_kind != BodyKind.Chunked)
        {
            taken = Ended ? 0 : _kind == BodyKind.Length ? (int)Math.Min(_remaining, data.Length) : data.Length;
            kept = taken;
            Bytes += taken;
            _remaining -= taken;
            Ended |= _kind == BodyKind.Length && _remaining == 0;
            return true;
        }

        taken = kept = _nameBytes;
        int undecided = _nameBytes;
        Bytes -= _nameBytes;
        _nameBytes = 0;
        while (!Ended && taken < data.Length)
        {
            ChunkPart part = _chunks.Next(data[taken..], out int length);
            if (part == ChunkPart.Bad || (part == ChunkPart.Data && (_contentAtMost -= length) < 0))
            {
                return false;
            }

            if (part == ChunkPart.Hop)
            {
                // The trailer is left out, with the part of its name that has arrived.
                kept -= undecided;
            }
            else if (!_decode || part == ChunkPart.Data)
            {
                if (kept != taken)
                {
                    data.Slice(taken, length).CopyTo(data[kept..]);
                }

                kept += length;
            }

            undecided = part == ChunkPart.Name && !_decode ? undecided + length : 0;
            taken += length;
            Ended = part == ChunkPart.End;
        }

        Bytes += taken;
        kept -= undecided;
        _nameBytes = undecided;
        data.Slice(kept, undecided).CopyTo(_name);
        return true;
    }

    /// <summary>Moves as many bytes as can be moved now.</summary>
    internal RelayResult Pump(LoopContext loop, Connection source, Connection sink)
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

            bool splices = PrefersSplice(loop);
            int got = splices ? Splice(source) : Copy(loop, source, sink);
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

    /// <summary>Whether the sink has not taken all bytes that were taken for it.</summary>
    internal bool IsHeldUp(Connection sink) => sink.UnsentBytes > 0 || _pipe is { Held: > 0 };

    /// <summary>
    /// Leaves the bytes that were taken for the sink to it, if nothing follows: bytes in the kernel's pipe become unsent bytes. False if the sink is
    /// broken.
    /// </summary>
    internal bool Leave(LoopContext loop, Connection sink)
    {
        PushOut(sink);
        while (_pipe is { Held: > 0 } pipe)
        {
            int got = pipe.Read(loop.ReadArea, LoopContext.ReceiveBytes);
            if (got == 0 || !sink.Send(loop.ReadArea, got))
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
        this = default;
    }

    // A source that is about to send more gets one turn of the loop for it, so that bodies go out in full segments on a busy machine. If the source
    // pauses, the client gets the bytes at once.
    private RelayResult Wait(Connection sink)
    {
        if (_heldBack == HeldBack.SinceNow)
        {
            _heldBack = HeldBack.Long;
            return RelayResult.Yielded;
        }

        PushOut(sink);
        return RelayResult.Blocked;
    }

    private void PushOut(Connection sink)
    {
        if (_heldBack != HeldBack.Nothing)
        {
            _heldBack = HeldBack.Nothing;
            sink.PushOut();
        }
    }

    private RelayResult Stopped(Connection sink, int got)
    {
        PushOut(sink);
        switch (got)
        {
            case SinkIsBroken:
                return RelayResult.SinkBroken;
            case IsMalformed:
                return RelayResult.Malformed;
            case 0 when _kind == BodyKind.UntilClose:
                Ended = true;
                return RelayResult.Done;
            default:
                return RelayResult.SourceEnded;
        }
    }

    private bool Flush(Connection sink)
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
            if (!pipe.Drain(sink, isMoreToCome: !Ended))
            {
                return false;
            }

            _heldBack = Ended ? HeldBack.Nothing : HeldBack.SinceNow;
            _progressed |= pipe.Held < held;
        }

        return true;
    }

    // How many bytes were moved into the sink, 0 at the source's end, or a negative result.
    private int Copy(LoopContext loop, Connection source, Connection sink)
    {
        byte* area = loop.ReadArea;
        int got = source.Receive(area + _nameBytes, LoopContext.ReceiveBytes);
        if (got <= 0)
        {
            return got;
        }

        int length = _nameBytes + got;
        ((ReadOnlySpan<byte>)_name)[.._nameBytes].CopyTo(new Span<byte>(area, length));
        if (!Take(new Span<byte>(area, length), out int taken, out int kept))
        {
            // The sound bytes before the malformed ones are passed on.
            return kept == 0 || sink.Send(area, kept) ? IsMalformed : SinkIsBroken;
        }

        Surplus = area + taken;
        SurplusBytes = length - taken;
        bool isTaken = kept == 0 || (source.Readable ? sink.Send(area, kept) : sink.Post(area, kept));
        return isTaken ? got : SinkIsBroken;
    }

    private int Splice(Connection source)
    {
        int got = _pipe!.Fill(source, _remaining);
        if (got > 0)
        {
            Bytes += got;
            _remaining -= got;
            Ended = _remaining == 0;
        }

        return got;
    }

    // The kernel moves large bodies of known length.
    private bool PrefersSplice(LoopContext loop)
    {
        if (_kind != BodyKind.Length)
        {
            return false;
        }

        if (_pipe is null && _remaining >= Limits.SpliceFromBytes)
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
