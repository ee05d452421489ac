using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Edge.Http;

/// <summary>
/// Follows one body through the bytes that come: finds its end, and what of it is to be passed on. Pure: it neither reads nor sends.
/// </summary>
internal struct BodyScanner
{
    private bool _decode;
    private long _contentAtMost;
    private ChunkScanner _chunks;
    private NameStart _name;

    // The beginning of a trailer's name, of which it is not known yet whether it goes on.
    [InlineArray(TrailerFields.NameBytesAtMost)]
    private struct NameStart
    {
        private byte _first;
    }

    /// <summary>
    /// A new body. Field by field: the parts for chunks are large, and most bodies have none.
    /// </summary>
    /// <param name="framing">How its end is found.</param>
    /// <param name="decode">Take the chunk framing off, for a reader that doesn't know it.</param>
    /// <param name="contentAtMost">Bytes of content that chunks may bring; a length that is told is for the caller to look at.</param>
    /// <param name="isAnswer">It comes from a replica, whose chunks may be written more loosely.</param>
    /// <param name="dropTrailers">Connection names fields of the message: such trailers end here (RFC 9110 §7.6.1), and so do the others with them.</param>
    internal void Begin(BodyFraming framing, bool decode, long contentAtMost = long.MaxValue, bool isAnswer = false, bool dropTrailers = false)
    {
        if (framing.Kind == BodyKind.Chunked)
        {
            _chunks = new ChunkScanner(dropTrailers, isAnswer);
        }

        Kind = framing.Kind;
        Remaining = framing.Bytes;
        _contentAtMost = contentAtMost;
        _decode = decode && framing.Kind == BodyKind.Chunked;
        Ended = framing.Kind == BodyKind.None;
        Bytes = 0;
        KeptBytes = 0;
    }

    /// <summary>There is no body any more.</summary>
    internal void End()
    {
        Kind = BodyKind.None;
        Ended = false;
        Bytes = Remaining = _contentAtMost = 0;
        KeptBytes = 0;
    }

    internal BodyKind Kind { get; private set; }

    /// <summary>Bytes that are still to come, where that is known.</summary>
    internal long Remaining { get; private set; }

    /// <summary>The last byte of the body has come.</summary>
    internal bool Ended { get; private set; }

    /// <summary>Bytes that have come, chunk framing included.</summary>
    internal long Bytes { get; private set; }

    /// <summary>It is malformed in nothing but its size.</summary>
    internal readonly bool IsTooLarge => _contentAtMost < 0;

    /// <summary>Bytes that were kept for the next time: a trailer's name of which the rest has not come.</summary>
    internal int KeptBytes { get; private set; }

    /// <summary>Puts those in front of the next data.</summary>
    internal readonly void PutKeptBefore(Span<byte> data) => ((ReadOnlySpan<byte>)_name)[..KeptBytes].CopyTo(data);

    /// <summary>
    /// Follows the body through bytes that have been read. Those to pass on are then the first <paramref name="kept"/>:
    /// all that were taken but for what is for this hop alone, or with decoding the content alone, moved together in place. Where the data
    /// end in a trailer's name, its beginning is kept for the next time, and stands before the next data then.
    /// </summary>
    /// <returns>False where the body is malformed.</returns>
    internal bool Take(Span<byte> data, out int taken, out int kept)
    {
        if (Kind != BodyKind.Chunked)
        {
            taken = Ended ? 0 : Kind == BodyKind.Length ? (int)Math.Min(Remaining, data.Length) : data.Length;
            kept = taken;
            Bytes += taken;
            Remaining -= taken;
            Ended |= Kind == BodyKind.Length && Remaining == 0;
            return true;
        }

        taken = kept = KeptBytes;
        int undecided = KeptBytes;
        Bytes -= KeptBytes;
        KeptBytes = 0;
        while (!Ended && taken < data.Length)
        {
            ChunkPart part = _chunks.Next(data[taken..], out int length);
            if (part == ChunkPart.Bad || (part == ChunkPart.Data && (_contentAtMost -= length) < 0))
            {
                return false;
            }

            if (part == ChunkPart.Hop)
            {
                // The trailer is left out, and so is what has come of its name.
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
        KeptBytes = undecided;
        data.Slice(kept, undecided).CopyTo(_name);
        return true;
    }

    /// <summary>So many bytes of a body of known length have come by another way.</summary>
    internal void Skip(int length)
    {
        Debug.Assert(Kind == BodyKind.Length && length <= Remaining);
        Bytes += length;
        Remaining -= length;
        Ended = Remaining == 0;
    }

    /// <summary>The source has ended; true where that is the body's end.</summary>
    internal bool TryEnd() => Ended |= Kind == BodyKind.UntilClose;
}
