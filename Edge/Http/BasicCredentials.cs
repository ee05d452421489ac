using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Edge.Http;

/// <summary>Reads the credentials of the scheme Basic (RFC 7617).</summary>
internal static class BasicCredentials
{
    /// <summary>The most bytes that a name and a password have together, with the colon between them.</summary>
    internal const int BytesAtMost = 577;

    private static readonly SearchValues<byte> s_base64 = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="u8);

    /// <summary>Reads the value of Authorization. False for another scheme, and for what is malformed or too long. Allocates nothing.</summary>
    /// <param name="value">Of the field.</param>
    /// <param name="to">At least <see cref="BytesAtMost"/>: gets what the two parts lie in.</param>
    /// <param name="name">Up to the first colon, which a name cannot have.</param>
    /// <param name="password">All behind it; may be empty.</param>
    internal static bool TryRead(ReadOnlySpan<byte> value, Span<byte> to, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> password)
    {
        name = password = default;
        int space = value.IndexOf((byte)' ');
        if (space < 0 || !Ascii.EqualsIgnoreCase(value[..space], "Basic"u8))
        {
            return false;
        }

        ReadOnlySpan<byte> token = value[space..].Trim((byte)' ');
        if (token.IsEmpty || token.ContainsAnyExcept(s_base64)
            || Base64.DecodeFromUtf8(token, to[..BytesAtMost], out _, out int length) != OperationStatus.Done)
        {
            return false;
        }

        ReadOnlySpan<byte> both = to[..length];
        int colon = both.IndexOf((byte)':');
        if (colon <= 0 || both.ContainsAnyInRange((byte)0, (byte)0x1F) || both.Contains((byte)0x7F))
        {
            return false;
        }

        name = both[..colon];
        password = both[(colon + 1)..];
        return true;
    }
}
