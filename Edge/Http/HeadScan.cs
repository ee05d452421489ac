using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Edge.Http;

/// <summary>
/// The searches that parsing a head needs. Names and values have a dozen bytes or two, and for so few bytes a call of the runtime's search costs more
/// than the search. So the first 16 bytes, or all but the last few, are searched in place.
/// </summary>
internal static class HeadScan
{
    // tchar, RFC 9110 §5.6.2.
    private static readonly SearchValues<byte> s_token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    // Control characters except horizontal tab: they end a field's value, or make it malformed.
    private static readonly SearchValues<byte> s_control = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Where(b => b != '\t').Append(127).Select(b => (byte)b)]);

    /// <summary>Whether these bytes are a token (RFC 9110 §5.6.2), of at least one byte.</summary>
    internal static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && TokenEnd(text) < 0;

    /// <summary>The place of the first byte that no token can have; -1 if there is none.</summary>
    internal static int TokenEnd(ReadOnlySpan<byte> data)
    {
        if (LooksUp && data.Length >= Vector128<byte>.Count)
        {
            uint others = Others(Vector128.Create(data));
            if (others != 0)
            {
                return BitOperations.TrailingZeroCount(others);
            }
        }

        return data.IndexOfAnyExcept(s_token);
    }

    /// <summary>The place of the first control character except horizontal tab; -1 if there is none.</summary>
    internal static int ControlStart(ReadOnlySpan<byte> data)
    {
        int at = 0;
        for (; at <= data.Length - Vector128<byte>.Count; at += Vector128<byte>.Count)
        {
            Vector128<byte> bytes = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(data), (nuint)at);
            Vector128<byte> low = Vector128.LessThan(bytes, Vector128.Create((byte)' ')) & ~Vector128.Equals(bytes, Vector128.Create((byte)'\t'));
            uint controls = (low | Vector128.Equals(bytes, Vector128.Create((byte)127))).ExtractMostSignificantBits();
            if (controls != 0)
            {
                return at + BitOperations.TrailingZeroCount(controls);
            }
        }

        int rest = data[at..].IndexOfAny(s_control);
        return rest < 0 ? rest : at + rest;
    }

    // A bit for each byte that is no tchar. The low half of a byte selects a row; in this row the bit of the high half says whether the byte is one
    // (as in Mula and Lemire, "Faster Base64 Encoding and Decoding using AVX2", 2018).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Others(Vector128<byte> bytes)
    {
        Vector128<byte> rows = Vector128.Create(
            (byte)0xE8, 0xFC, 0xF8, 0xFC, 0xFC, 0xFC, 0xFC, 0xFC, 0xF8, 0xF8, 0xF4, 0x54, 0xD0, 0x54, 0xF4, 0x70);
        Vector128<byte> bits = Vector128.Create((byte)1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0);
        Vector128<byte> row = LookUp(rows, bytes & Vector128.Create((byte)0x0F));
        Vector128<byte> bit = LookUp(bits, Vector128.ShiftRightLogical(bytes, 4));
        return Vector128.Equals(row & bit, Vector128<byte>.Zero).ExtractMostSignificantBits();
    }

    // Not Vector128.Shuffle: the native compiler does not count on SSSE3, and makes a loop of it.
    private static bool LooksUp => Ssse3.IsSupported || AdvSimd.Arm64.IsSupported;

    private static Vector128<byte> LookUp(Vector128<byte> table, Vector128<byte> indices) =>
        Ssse3.IsSupported ? Ssse3.Shuffle(table, indices) : AdvSimd.Arm64.VectorTableLookup(table, indices);
}
