namespace Edge.Http;

/// <summary>A piece of the bytes that a head was parsed from.</summary>
internal readonly record struct ByteRange(int Start, int Length)
{
    internal ReadOnlySpan<byte> Of(ReadOnlySpan<byte> data) => data.Slice(Start, Length);
}
