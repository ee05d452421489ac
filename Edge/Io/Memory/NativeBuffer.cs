namespace Edge.Io;

/// <summary>A piece of native memory that a <see cref="BufferPool"/> has lent; the default value is none.</summary>
internal unsafe struct NativeBuffer
{
    internal byte* Pointer;
    internal int Capacity;

    internal readonly bool IsEmpty => Pointer == null;

    internal readonly Span<byte> Span => new(Pointer, Capacity);
}
