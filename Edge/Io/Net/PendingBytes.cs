namespace Edge.Io;

/// <summary>
/// Bytes that were read but cannot be used yet: the beginning of a head, or what a client sent ahead. They wait in a buffer of their own, so a
/// connection without such bytes holds no buffer.
/// </summary>
internal unsafe struct PendingBytes
{
    private NativeBuffer _buffer;

    internal int Length { get; private set; }

    /// <summary>Copies them to the place behind which reading goes on; returns how many.</summary>
    internal readonly int CopyTo(byte* to)
    {
        if (Length > 0)
        {
            new ReadOnlySpan<byte>(_buffer.Pointer, Length).CopyTo(new Span<byte>(to, Length));
        }

        return Length;
    }

    /// <summary>Replaces the bytes.</summary>
    internal void Keep(BufferPool buffers, byte* from, int length)
    {
        if (length == 0)
        {
            Drop(buffers);
            return;
        }

        if (length > _buffer.Capacity)
        {
            buffers.Return(ref _buffer);
            _buffer = buffers.Rent(length);
        }

        new ReadOnlySpan<byte>(from, length).CopyTo(_buffer.Span);
        Length = length;
    }

    /// <summary>Adds to the bytes.</summary>
    internal void Append(BufferPool buffers, byte* from, int length)
    {
        if (Length + length > _buffer.Capacity)
        {
            NativeBuffer larger = buffers.Rent(Length + length);
            CopyTo(larger.Pointer);
            buffers.Return(ref _buffer);
            _buffer = larger;
        }

        new ReadOnlySpan<byte>(from, length).CopyTo(_buffer.Span[Length..]);
        Length += length;
    }

    internal void Drop(BufferPool buffers)
    {
        buffers.Return(ref _buffer);
        Length = 0;
    }
}
