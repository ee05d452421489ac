using System.Runtime.CompilerServices;
using System.Text;

namespace Edge.Http;

/// <summary>
/// Authentication of a connection instead of a message. With NTLM, and with Negotiate if it stands for NTLM (RFC 4559 §6), a server asks once and
/// then takes every request on the connection for the same user's. RFC 9110 §11.1 says otherwise, but servers do it.
/// </summary>
internal static class ConnectionAuthentication
{
    private const uint InRequests = 1u << (int)KnownField.Authorization | 1u << (int)KnownField.ProxyAuthorization;
    private const uint InResponses = 1u << (int)KnownField.Authenticate;

    /// <summary>Whether a request authenticates the connection that it is sent on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsInRequest(ReadOnlySpan<byte> data, Head head) => (head.Occurring & InRequests) != 0 && IsIn(data, head, InRequests);

    /// <summary>Whether a response asks for such authentication, or goes on with it.</summary>
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

    // The value is a list of challenges. Each is a scheme and its parameters, which may be a list, too. A scheme is the first word between two
    // commas; a parameter at that place has another form (§11.3, §11.6.1).
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

    // The next comma outside of a quoted string (§5.6.4).
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
