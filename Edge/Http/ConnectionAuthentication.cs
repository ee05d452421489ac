using System.Runtime.CompilerServices;
using System.Text;

namespace Edge.Http;

/// <summary>
/// Authentication that is the connection's and not the message's: NTLM, and what Negotiate may stand for (RFC 4559 §6), ask once and then take all
/// that comes on the connection for the same user's (RFC 9110 §11.1 has it otherwise, and servers do it all the same).
/// </summary>
internal static class ConnectionAuthentication
{
    private const uint InRequests = 1u << (int)KnownField.Authorization | 1u << (int)KnownField.ProxyAuthorization;
    private const uint InResponses = 1u << (int)KnownField.Authenticate;

    /// <summary>Whether a request authenticates the connection that it is sent on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsInRequest(ReadOnlySpan<byte> data, Head head) => (head.Occurring & InRequests) != 0 && IsIn(data, head, InRequests);

    /// <summary>Whether an answer asks for that, or goes on with it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsInResponse(ReadOnlySpan<byte> data, Head head) => (head.Occurring & InResponses) != 0 && IsIn(data, head, InResponses);

    private static bool IsIn(ReadOnlySpan<byte> data, Head head, uint fields)
    {
        foreach (ref readonly HeaderField field in head.Fields)
        {
            if ((fields & 1u << (int)field.Known) != 0 && Names(field.Value(data)))
            {
                return true;
            }
        }

        return false;
    }

    // A list of challenges, each a scheme and what belongs to it, which may be a list of its own: a scheme is what stands first between
    // two commas, and what stands there and is a parameter has another name (§11.3, §11.6.1).
    private static bool Names(ReadOnlySpan<byte> value)
    {
        while (!value.IsEmpty)
        {
            int end = EndOfItem(value);
            ReadOnlySpan<byte> item = value[..end].Trim(" \t"u8);
            int space = item.IndexOfAny((byte)' ', (byte)'\t');
            ReadOnlySpan<byte> first = space < 0 ? item : item[..space];
            if (Ascii.EqualsIgnoreCase(first, "NTLM"u8) || Ascii.EqualsIgnoreCase(first, "Negotiate"u8))
            {
                return true;
            }

            value = value[Math.Min(end + 1, value.Length)..];
        }

        return false;
    }

    // The next comma that is in no quoted string (§5.6.4).
    private static int EndOfItem(ReadOnlySpan<byte> value)
    {
        bool isQuoted = false;
        for (int i = 0; i < value.Length; i++)
        {
            switch (value[i])
            {
                case (byte)'"':
                    isQuoted = !isQuoted;
                    break;
                case (byte)'\\' when isQuoted:
                    i++;
                    break;
                case (byte)',' when !isQuoted:
                    return i;
            }
        }

        return value.Length;
    }
}
