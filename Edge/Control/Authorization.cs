using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Edge.Control;

/// <summary>Whether a caller may use the balancer's own paths.</summary>
internal enum Access
{
    Granted,

    /// <summary>A token is configured, and the caller has none or another one.</summary>
    TokenNeeded,

    /// <summary>No token is configured, and the caller is not on this machine.</summary>
    LoopbackOnly,
}

/// <summary>Decides who may call. With a token, everybody needs it; without one, only callers from loopback are let in.</summary>
internal sealed class Authorization(string first)
{
    private const string Scheme = "Bearer ";

    private volatile byte[] _token = Encoding.UTF8.GetBytes(first);

    /// <summary>Has another token hold. From any thread.</summary>
    internal void Change(string changed) => _token = Encoding.UTF8.GetBytes(changed);

    internal Access Check(string? authorization, IPAddress peer)
    {
        byte[] token = _token;
        if (token.Length > 0)
        {
            return authorization is not null && IsToken(authorization, token) ? Access.Granted : Access.TokenNeeded;
        }

        IPAddress plain = peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
        return IPAddress.IsLoopback(plain) ? Access.Granted : Access.LoopbackOnly;
    }

    private static bool IsToken(string authorization, byte[] token)
    {
        // RFC 9110 §11.1: the name of a scheme has no case.
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        // A text of another length is compared all the same, so that the time tells nothing about the length either.
        byte[] given = Encoding.UTF8.GetBytes(authorization[Scheme.Length..].Trim());
        byte[] sized = new byte[token.Length];
        given.AsSpan(0, Math.Min(given.Length, sized.Length)).CopyTo(sized);
        bool same = CryptographicOperations.FixedTimeEquals(sized, token);
        return same & given.Length == token.Length;
    }
}
