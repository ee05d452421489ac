namespace Edge.Io;

/// <summary>
/// Bytes that were read but cannot be used yet: the beginning of a head, or what a client sent ahead. They wait in a buffer of their own, so a
/// connection without such bytes holds no buffer.
/// </summary>
internal struct PendingBytes
{
    private NativeBuffer _buffer;

    internal int Length { get; private set; }

    /// <summary>Copies them to the place behind which reading goes on; returns how many.</summary>
    internal readonly int CopyTo(Span<byte> to)
    {
        if (Length > 0)
        {
            _buffer.Span[..Length].CopyTo(to);
        }

        return Length;
    }

    /// <summary>Replaces the bytes.</summary>
    internal void Keep(BufferPool buffers, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            Drop(buffers);
            return;
        }

        if (bytes.Length > _buffer.Capacity)
        {
            buffers.Return(ref _buffer);
            _buffer = buffers.Rent(bytes.Length);
        }

        bytes.CopyTo(_buffer.Span);
        Length = bytes.Length;
    }

    /// <summary>Adds to the bytes.</summary>
    internal void Append(BufferPool buffers, ReadOnlySpan<byte> bytes)
    {
        if (Length + bytes.Length > _buffer.Capacity)
        {
            NativeBuffer larger = buffers.Rent(Length + bytes.Length);
            CopyTo(larger.Span);
            buffers.Return(ref _buffer);
            _buffer = larger;
        }

        bytes.CopyTo(_buffer.Span[Length..]);
        Length += bytes.Length;
    }

    internal void Drop(BufferPool buffers)
    {
        buffers.Return(ref _buffer);
        Length = 0;
    }
}
