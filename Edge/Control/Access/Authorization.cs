using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Edge.Config;
using Edge.Contract;

namespace Edge.Control;

/// <summary>
/// Decides who may call the balancer's own paths. With a token, every caller needs it. Without one, only callers from loopback may call, and only if
/// no proxy or foreign name is involved. A web page of another origin may never change anything.
/// </summary>
internal sealed class Authorization
{
    private const string Scheme = "Bearer ";

    private readonly AttemptLimit _attempts;
    private volatile Rules _rules;

    /// <param name="token">Empty for none.</param>
    /// <param name="hosts">Names, besides localhost and addresses, that may be called from loopback without a token.</param>
    /// <param name="time">The clock of the limits.</param>
    internal Authorization(string token, IReadOnlyList<string>? hosts = null, TimeProvider? time = null)
    {
        Time = time ?? TimeProvider.System;
        _attempts = new AttemptLimit(Time);
        _rules = new Rules(ToComparable(Encoding.UTF8.GetBytes(token)), token.Length > 0, hosts ?? []);
    }

    internal TimeProvider Time { get; }

    /// <summary>Puts another token and other names into effect. From any thread.</summary>
    internal void Change(string token, IReadOnlyList<string> hosts) =>
        _rules = new Rules(ToComparable(Encoding.UTF8.GetBytes(token)), token.Length > 0, hosts);

    /// <param name="request">With the address of the socket's peer; addresses in header fields do not count.</param>
    /// <param name="wait">Seconds until the next token is checked, if there were too many wrong ones.</param>
    internal Access Check(ControlRequest request, out int wait)
    {
        wait = 0;
        Rules rules = _rules;
        if (BrowserRules.IsCrossOrigin(request))
        {
            return Access.CrossOrigin;
        }

        if (rules.HasToken)
        {
            return CheckToken(request, rules.Token, out wait);
        }

        IPAddress plain = request.Peer.IsIPv4MappedToIPv6 ? request.Peer.MapToIPv4() : request.Peer;
        return !IPAddress.IsLoopback(plain) ? Access.LoopbackOnly
            : request.IsForwarded ? Access.NotForwarded
            : BrowserRules.IsLocalHost(request.Host, rules.Hosts) ? Access.GrantedByLoopback
            : Access.UnknownHost;
    }

    private Access CheckToken(ControlRequest request, byte[] token, out int wait)
    {
        wait = 0;
        if (request.Authorization is null)
        {
            // Nothing was guessed. If there are two fields, neither is read.
            return request.All("Authorization").Any() ? Access.TokenWrong : Access.TokenNeeded;
        }

        bool same = IsToken(request.Authorization, token);
        lock (_attempts)
        {
            wait = _attempts.WaitSeconds(request.Peer);
            if (wait > 0)
            {
                // Also for the right token: a caller who guesses must not learn that it is right.
                return Access.TooManyAttempts;
            }

            if (same)
            {
                return Access.GrantedByToken;
            }

            _attempts.Note(request.Peer);
            return Access.TokenWrong;
        }
    }

    private static bool IsToken(string authorization, byte[] token)
    {
        // RFC 9110 §11.1: the name of a scheme is case-insensitive.
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        // A field's value is bytes, one in each character.
        byte[] given = Encoding.Latin1.GetBytes(authorization[Scheme.Length..].Trim());
        return CryptographicOperations.FixedTimeEquals(ToComparable(given), token);
    }

    // All buffers have one size, so that the time of a comparison tells nothing about the length of either token.
    private static byte[] ToComparable(ReadOnlySpan<byte> text)
    {
        byte[] sized = new byte[sizeof(int) + Limits.TokenBytes];
        BinaryPrimitives.WriteInt32LittleEndian(sized, text.Length);
        text[..Math.Min(text.Length, Limits.TokenBytes)].CopyTo(sized.AsSpan(sizeof(int)));
        return sized;
    }

    private sealed record Rules(byte[] Token, bool HasToken, IReadOnlyList<string> Hosts);
}
