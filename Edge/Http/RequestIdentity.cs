using System.Buffers;
using System.Runtime.Intrinsics;

namespace Edge.Http;

/// <summary>
/// Makes the fields by which the logs of other programs can find a request: X-Request-ID, and traceparent (W3C Trace Context, level 1). They are
/// random, and replace what the client may have sent.
/// </summary>
internal sealed class RequestIdentity
{
    private const int IdDigits = 32;
    private const int ParentDigits = 16;
    private const int IdAtMost = 128;

    private static readonly SearchValues<byte> s_id = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~:/+=@"u8);
    private static readonly SearchValues<byte> s_digits = SearchValues.Create("0123456789abcdef"u8);

    // All lines that may be needed; only the digits change.
    private readonly byte[] _lines = [.. "X-Request-ID: "u8, .. NoId, .. "\r\ntraceparent: 00-"u8, .. NoId, .. "-"u8, .. NoId[..ParentDigits], .. "-01\r\n"u8];

    private static ReadOnlySpan<byte> NoId => "00000000000000000000000000000000"u8;

    private static int IdStart => "X-Request-ID: ".Length;

    private static int TraceLineStart => IdStart + IdDigits + "\r\n".Length;

    private static int TraceStart => TraceLineStart + "traceparent: 00-".Length;

    /// <summary>The request has an id that was made here, so the client's field is left out.</summary>
    internal bool HasRequestId { get; private set; }

    internal bool HasTrace { get; private set; }

    /// <summary>Whole lines for the head that goes to the replica.</summary>
    internal ReadOnlySpan<byte> Lines => _lines.AsSpan((HasRequestId ? 0 : TraceLineStart)..(HasTrace ? _lines.Length : TraceLineStart));

    /// <summary>Valid if <see cref="HasRequestId"/>.</summary>
    internal ReadOnlySpan<byte> RequestId => _lines.AsSpan(IdStart, IdDigits);

    /// <summary>Valid if <see cref="HasTrace"/>.</summary>
    internal ReadOnlySpan<byte> TraceId => _lines.AsSpan(TraceStart, IdDigits);

    /// <summary>Decides for one request.</summary>
    /// <param name="makesId">Whether it gets an id that is made here.</param>
    /// <param name="sentTrace">What the client sent as traceparent.</param>
    /// <param name="startsTraces">Whether a request that is in no trace begins one.</param>
    /// <param name="random">The loop's own.</param>
    internal void Decide(bool makesId, ReadOnlySpan<byte> sentTrace, bool startsTraces, ref RandomBits random)
    {
        HasRequestId = makesId;
        HasTrace = startsTraces && !IsTrace(sentTrace);
        if (HasRequestId)
        {
            Fill(IdStart, IdDigits, ref random);
        }

        if (HasTrace)
        {
            // Marked as sampled at the end of the line: the balancer must not keep the programs behind it from recording.
            Fill(TraceStart, IdDigits, ref random);
            Fill(TraceStart + IdDigits + "-".Length, ParentDigits, ref random);
        }
    }

    /// <summary>Whether a traceparent is well formed. In a later version than 00, the text behind its four parts does not matter.</summary>
    internal static bool IsTrace(ReadOnlySpan<byte> text) =>
        text.Length >= 55 && (text.Length == 55 || (text[55] == '-' && !text.StartsWith("00"u8))) && !text.StartsWith("ff"u8)
        && text[2] == '-' && text[35] == '-' && text[52] == '-'
        && IsHex(text[..2]) && IsHex(text[3..35]) && IsHex(text[36..52]) && IsHex(text[53..55])
        && text[3..35].ContainsAnyExcept((byte)'0') && text[36..52].ContainsAnyExcept((byte)'0');

    /// <summary>The trace that a traceparent belongs to; empty if it is malformed.</summary>
    internal static ReadOnlySpan<byte> TraceIdOf(ReadOnlySpan<byte> text) => IsTrace(text) ? text.Slice("00-".Length, IdDigits) : default;

    /// <summary>Whether a client's X-Request-ID is well formed.</summary>
    internal static bool IsId(ReadOnlySpan<byte> text) => text.Length is > 0 and <= IdAtMost && !text.ContainsAnyExcept(s_id);

    private static bool IsHex(ReadOnlySpan<byte> text) => !text.ContainsAnyExcept(s_digits);

    // Never all zeros, which would mean that there is none.
    private void Fill(int start, int digits, ref RandomBits random)
    {
        for (int i = start; i < start + digits; i += Vector128<byte>.Count)
        {
            Digits(random.Next() | 1).StoreUnsafe(ref _lines[i]);
        }
    }

    // Sixteen digits at a time. The runtime's conversion is slow where it cannot count on SSSE3, as in a native binary.
    private static Vector128<byte> Digits(ulong bits)
    {
        Vector128<ushort> wide = Vector128.WidenLower(Vector128.CreateScalar(bits).AsByte());
        Vector128<byte> halves = ((wide | Vector128.ShiftLeft(wide, 4)) & Vector128.Create((ushort)0x0F0F)).AsByte();
        Vector128<byte> letters = Vector128.GreaterThan(halves.AsSByte(), Vector128.Create((sbyte)9)).AsByte() & Vector128.Create((byte)('a' - '0' - 10));
        return halves + Vector128.Create((byte)'0') + letters;
    }
}
