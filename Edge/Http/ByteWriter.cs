using System.Buffers.Text;
using System.Runtime.CompilerServices;

namespace Edge.Http;

/// <summary>Appends to a span that the caller knows to be large enough. Writing past its end throws and never corrupts memory.</summary>
internal ref struct ByteWriter(Span<byte> to)
{
    private readonly Span<byte> _to = to;

    internal int Length { get; private set; }

    // Inlined, so that a literal is a few moves of a known length.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_to[Length..]);
        Length += bytes.Length;
    }

    internal void Add(byte b) => _to[Length++] = b;

    internal void AddNumber(long number)
    {
        Utf8Formatter.TryFormat(number, _to[Length..], out int written);
        Length += written;
    }

    internal void AddAscii(string text)
    {
        foreach (char c in text)
        {
            Add((byte)c);
        }
    }
}
