using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Edge.Io;

/// <summary>
/// The piece of native memory that a loop reads into: one for all its connections, so that an idle one holds no buffer. What is in it is
/// valid until the loop's next read. In front of it there is room for a new head, so that head and body go out in one piece.
/// </summary>
internal readonly unsafe struct ReadArea
{
    private readonly byte* _memory;
    private readonly int _headRoom;
    private readonly int _length;

    /// <param name="headRoom">Bytes in front of what is read.</param>
    /// <param name="length">Bytes that can be read into it.</param>
    internal ReadArea(int headRoom, int length)
    {
        (_headRoom, _length) = (headRoom, length);
        _memory = (byte*)NativeMemory.Alloc((nuint)(headRoom + length));
    }

    /// <summary>All of it.</summary>
    internal Span<byte> Span => new(_memory + _headRoom, _length);

    /// <summary>The part of it that begins at an offset.</summary>
    internal Span<byte> Slice(int start, int length)
    {
        Debug.Assert(start >= 0 && length >= 0 && start + length <= _length);
        return new Span<byte>(_memory + _headRoom + start, length);
    }

    /// <summary>
    /// Copies a head to the place in front of a body that is in this area. False where the body lies somewhere else. What was in that place is lost.
    /// </summary>
    internal bool TryPrepend(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, out ReadOnlySpan<byte> both)
    {
        fixed (byte* at = body)
        {
            nint offset = (nint)(at - _memory);
            if (at == null || offset < head.Length || offset + body.Length > _headRoom + _length)
            {
                both = default;
                return false;
            }

            head.CopyTo(new Span<byte>(at - head.Length, head.Length));
            both = new ReadOnlySpan<byte>(at - head.Length, head.Length + body.Length);
            return true;
        }
    }

    /// <summary>Frees the memory; nothing of it may be used from then on.</summary>
    internal void Free() => NativeMemory.Free(_memory);
}
