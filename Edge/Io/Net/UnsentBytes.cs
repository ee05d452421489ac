namespace Edge.Io;

/// <summary>The bytes that a connection has to send and that the kernel has not taken yet, in order. Without such bytes it holds no buffer.</summary>
internal unsafe struct UnsentBytes
{
    private NativeBuffer _buffer;
    private int _start;
    private int _end;

    internal readonly int Length => _end - _start;

    internal readonly byte* Start => _buffer.Pointer + _start;

    internal readonly ReadOnlySpan<byte> Span => new(_buffer.Pointer + _start, Length);

    internal void Add(BufferPool buffers, ReadOnlySpan<byte> bytes)
    {
        int length = bytes.Length;
        if (_buffer.IsEmpty)
        {
            _buffer = buffers.Rent(length);
        }
        else if (_end + length > _buffer.Capacity)
        {
            int kept = Length;
            NativeBuffer larger = buffers.Rent(kept + length);
            _buffer.Span.Slice(_start, kept).CopyTo(larger.Span);
            buffers.Return(ref _buffer);
            _buffer = larger;
            _start = 0;
            _end = kept;
        }

        bytes.CopyTo(_buffer.Span[_end..]);
        _end += length;
    }

    /// <summary>The kernel has taken so many bytes.</summary>
    internal void Advance(BufferPool buffers, int sent)
    {
        _start += sent;
        if (_start == _end)
        {
            Drop(buffers);
        }
    }

    internal void Drop(BufferPool buffers)
    {
        buffers.Return(ref _buffer);
        _start = _end = 0;
    }
}
