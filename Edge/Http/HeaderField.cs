namespace Edge.Http;

/// <summary>Where one header field lies in the bytes of a head.</summary>
/// <param name="Start">First byte of the line, which is the first of the name.</param>
/// <param name="NameLength">Bytes of the name.</param>
/// <param name="ValueStart">First byte of the value, without the white space around it.</param>
/// <param name="ValueLength">Bytes of the value; may be 0.</param>
/// <param name="End">First byte of the next line.</param>
/// <param name="Known">Which field it is, for those that a balancer has to know.</param>
internal readonly record struct HeaderField(int Start, int NameLength, int ValueStart, int ValueLength, int End, KnownField Known)
{
    internal ReadOnlySpan<byte> Name(ReadOnlySpan<byte> head) => head.Slice(Start, NameLength);

    internal ReadOnlySpan<byte> Value(ReadOnlySpan<byte> head) => head.Slice(ValueStart, ValueLength);
}
