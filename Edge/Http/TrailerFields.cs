using System.Text;

namespace Edge.Http;

/// <summary>
/// Which fields may not stand behind a body, because a reader that merges them into the head would be misled (RFC 9110 §6.5.1). If they frame or
/// route a message, the message is malformed. If they ask for something, authenticate, or say what may be done with a response, they are left out.
/// </summary>
internal static class TrailerFields
{
    /// <summary>No field that is held back has a longer name, except X-Forwarded-*, whose beginning is enough.</summary>
    internal const int NameBytesAtMost = 32;

    private static readonly string[] s_dropped =
    [
        "cookie", "proxy-authorization", "www-authenticate", "proxy-authenticate",
        "if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "range", "cache-control", "pragma",
        "age", "date", "expires", "location", "retry-after", "vary", "warning",
    ];

    /// <param name="name">The name of the field, or its first <see cref="NameBytesAtMost"/> bytes.</param>
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
