using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Edge.Routing;

/// <summary>Where the characters are that have a meaning in a path, one bit each, the first byte in the lowest one.</summary>
/// <param name="Slash">Slashes.</param>
/// <param name="Dot">Dots.</param>
/// <param name="Query">Question marks.</param>
/// <param name="Odd">Percent signs, backslashes and semicolons.</param>
internal readonly record struct PathMarks(ulong Slash, ulong Dot, ulong Query, ulong Odd)
{
    /// <summary>The bits of a mark.</summary>
    internal const int BytesAtMost = 64;

    /// <param name="piece">At most <see cref="BytesAtMost"/> bytes.</param>
    internal static PathMarks Of(ReadOnlySpan<byte> piece)
    {
        int length = piece.Length;
        if (length >= Vector128<byte>.Count)
        {
            PathMarks all = default;
            for (int at = 0; at < length - Vector128<byte>.Count; at += Vector128<byte>.Count)
            {
                all |= Of(Vector128.Create(piece[at..]), at);
            }

            // The last ones are read whole, and overlap those before: the same bits are set twice.
            return all | Of(Vector128.Create(piece[^Vector128<byte>.Count..]), length - Vector128<byte>.Count);
        }

        if (length >= sizeof(ulong))
        {
            var halves = Vector128.Create(MemoryMarshal.Read<ulong>(piece), MemoryMarshal.Read<ulong>(piece[^sizeof(ulong)..]));
            return Of(halves.AsByte(), 0).Halves(sizeof(ulong), length);
        }

        if (length >= sizeof(uint))
        {
            var halves = Vector128.Create(MemoryMarshal.Read<uint>(piece), MemoryMarshal.Read<uint>(piece[^sizeof(uint)..]), 0, 0);
            return Of(halves.AsByte(), 0).Halves(sizeof(uint), length);
        }

        return OfFew(piece);
    }

    public static PathMarks operator |(PathMarks one, PathMarks other) =>
        new(one.Slash | other.Slash, one.Dot | other.Dot, one.Query | other.Query, one.Odd | other.Odd);

    private static PathMarks Of(Vector128<byte> bytes, int at) => new(
        (ulong)Vector128.Equals(bytes, Vector128.Create((byte)'/')).ExtractMostSignificantBits() << at,
        (ulong)Vector128.Equals(bytes, Vector128.Create((byte)'.')).ExtractMostSignificantBits() << at,
        (ulong)Vector128.Equals(bytes, Vector128.Create((byte)'?')).ExtractMostSignificantBits() << at,
        (ulong)(Vector128.Equals(bytes, Vector128.Create((byte)'%')) | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))
            | Vector128.Equals(bytes, Vector128.Create((byte)';'))).ExtractMostSignificantBits() << at);

    // Of two halves that were read apart, the second one from the end.
    private PathMarks Halves(int half, int length)
    {
        ulong first = (1UL << half) - 1;
        return new(
            (Slash & first) | (Slash >> half << (length - half)), (Dot & first) | (Dot >> half << (length - half)),
            (Query & first) | (Query >> half << (length - half)), (Odd & first) | (Odd >> half << (length - half)));
    }

    private static PathMarks OfFew(ReadOnlySpan<byte> piece)
    {
        PathMarks all = default;
        for (int at = 0; at < piece.Length; at++)
        {
            ulong bit = 1UL << at;
            all |= piece[at] switch
            {
                (byte)'/' => new PathMarks(bit, 0, 0, 0),
                (byte)'.' => new PathMarks(0, bit, 0, 0),
                (byte)'?' => new PathMarks(0, 0, bit, 0),
                (byte)'%' or (byte)'\\' or (byte)';' => new PathMarks(0, 0, 0, bit),
                _ => default,
            };
        }

        return all;
    }
}
