using System.Text;

namespace Edge.Http;

/// <summary>
/// Which fields mean nothing behind a body, and harm where a reader merges them into the head (RFC 9110 §6.5.1): those that frame or route a message
/// are a fault; those that ask for something, authenticate, or say what may be done with an answer are left out.
/// </summary>
internal static class TrailerFields
{
    /// <summary>No field that is not passed on has a longer name, but for X-Forwarded-*, whose beginning tells.</summary>
    internal const int NameBytesAtMost = 32;

    private static readonly string[] s_dropped =
    [
        "cookie", "proxy-authorization", "www-authenticate", "proxy-authenticate",
        "if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "range", "cache-control", "pragma",
        "age", "date", "expires", "location", "retry-after", "vary", "warning",
    ];

    /// <param name="name">The field's, or its first <see cref="NameBytesAtMost"/> bytes.</param>
    internal static TrailerRule Of(ReadOnlySpan<byte> name)
    {
        foreach (string dropped in s_dropped)
        {
            if (name.Length == dropped.Length && Ascii.EqualsIgnoreCase(name, dropped))
            {
                return TrailerRule.Drop;
            }
        }

        bool isRefused = KnownNames.Field(name) is not (KnownField.Other or KnownField.Via)
            || Ascii.EqualsIgnoreCase(name, "set-cookie"u8)
            || Ascii.EqualsIgnoreCase(name, "content-encoding"u8)
            || Ascii.EqualsIgnoreCase(name, "content-type"u8)
            || Ascii.EqualsIgnoreCase(name, "content-range"u8);
        return isRefused ? TrailerRule.Refuse : TrailerRule.Pass;
    }
}
