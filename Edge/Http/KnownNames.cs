using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Edge.Http;

/// <summary>Recognises fields by their names.</summary>
internal static class KnownNames
{
    private const int ShortestDisguise = 9;
    private const int LongestListed = 19;

    /// <summary>Field names are case-insensitive (RFC 9110 §5.1).</summary>
    internal static KnownField Field(ReadOnlySpan<byte> name)
    {
        KnownField listed = Listed(name);
        if (listed != KnownField.Other || name.Length < ShortestDisguise)
        {
            return listed;
        }

        int underscore = name.IndexOf((byte)'_');
        return underscore >= 0 ? Undisguised(name) : IsForwarded(name) ? KnownField.OtherForwarded : KnownField.Other;
    }

    private static KnownField Undisguised(ReadOnlySpan<byte> name)
    {
        // A longer name can only be X-Forwarded-*, and its beginning shows that.
        Span<byte> copy = stackalloc byte[LongestListed + 1];
        int length = Math.Min(name.Length, copy.Length);
        name[..length].Replace(copy[..length], (byte)'_', (byte)'-');
        bool isKnown = Listed(copy[..length]) != KnownField.Other || IsForwarded(copy[..length]) || NotedFields.Of(copy[..length]) != NotedField.None;
        return isKnown ? KnownField.Disguised : KnownField.Other;
    }

    private static bool IsForwarded(ReadOnlySpan<byte> name) =>
        (name[0] | 0x20) == 'x' && name.Length > "x-forwarded-".Length && Ascii.EqualsIgnoreCase(name[.."x-forwarded-".Length], "x-forwarded-"u8);

    private static KnownField Listed(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 => Match(name, "te"u8, KnownField.Te),
        3 => Match(name, "via"u8, KnownField.Via),
        4 => (name[0] | 0x20) == 'h' ? Match(name, "host"u8, KnownField.Host) : Match(name, "date"u8, KnownField.Date),
        6 => Match(name, "expect"u8, KnownField.Expect),
        7 => (name[0] | 0x20) == 'u' ? Match(name, "upgrade"u8, KnownField.Upgrade) : Match(name, "trailer"u8, KnownField.Trailer),
        9 => (name[0] | 0x20) == 'f' ? Match(name, "forwarded"u8, KnownField.Forwarded) : Match(name, "x-real-ip"u8, KnownField.OtherForwarded),
        10 => (name[0] | 0x20) == 'c' ? Match(name, "connection"u8, KnownField.Connection) : Match(name, "keep-alive"u8, KnownField.KeepAlive),
        12 => Match(name, "max-forwards"u8, KnownField.MaxForwards),
        13 => Match(name, "authorization"u8, KnownField.Authorization),
        14 => (name[0] | 0x20) == 'c' ? Match(name, "content-length"u8, KnownField.ContentLength)
            : (name[0] | 0x20) == 'h' ? Match(name, "http2-settings"u8, KnownField.Http2Settings)
            : Match(name, "x-edge-replica"u8, KnownField.EdgeReplica),
        15 => Match(name, "x-forwarded-for"u8, KnownField.ForwardedFor),
        16 => (name[0] | 0x20) == 'p' ? Match(name, "proxy-connection"u8, KnownField.ProxyConnection)
            : (name[0] | 0x20) == 'w' ? Match(name, "www-authenticate"u8, KnownField.Authenticate)
            : Match(name, "x-forwarded-host"u8, KnownField.ForwardedHost),
        17 => (name[0] | 0x20) == 't' ? Match(name, "transfer-encoding"u8, KnownField.TransferEncoding)
            : Match(name, "x-forwarded-proto"u8, KnownField.ForwardedProto),
        18 => Match(name, "proxy-authenticate"u8, KnownField.Authenticate),
        19 => Match(name, "proxy-authorization"u8, KnownField.ProxyAuthorization),
        _ => KnownField.Other,
    };

    /// <summary>
    /// Whether a token or another text is this name of the same length, in any case. The name has only lower-case letters, digits and hyphens. The
    /// comparison sets the bit that tells upper from lower case; this turns no other character of a field into one of these.
    /// </summary>
    internal static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        Debug.Assert(text.Length == name.Length);
        int last = name.Length - sizeof(ulong);
        if (last < 0)
        {
            int lastHalf = name.Length - sizeof(uint);
            if (lastHalf >= 0)
            {
                // Both ends of the text; they overlap if it is short.
                return LowerHalf(text, 0) == Half(name, 0) && LowerHalf(text, lastHalf) == Half(name, lastHalf);
            }

            for (int i = 0; i < text.Length && i < name.Length; i++)
            {
                if ((text[i] | 0x20) != name[i])
                {
                    return false;
                }
            }

            return true;
        }

        for (int at = 0; at < last; at += sizeof(ulong))
        {
            if (LowerWord(text, at) != Word(name, at))
            {
                return false;
            }
        }

        return LowerWord(text, last) == Word(name, last);
    }

    private static uint LowerHalf(ReadOnlySpan<byte> text, int at) => Half(text, at) | 0x20202020;

    private static uint Half(ReadOnlySpan<byte> text, int at) => MemoryMarshal.Read<uint>(text[at..]);

    private static ulong LowerWord(ReadOnlySpan<byte> text, int at) => Word(text, at) | 0x2020202020202020;

    private static ulong Word(ReadOnlySpan<byte> text, int at) => MemoryMarshal.Read<ulong>(text[at..]);

    private static KnownField Match(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known, KnownField field) =>
        Is(name, known) ? field : KnownField.Other;
}
