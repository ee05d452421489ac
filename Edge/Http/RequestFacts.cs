using System.Buffers;
using System.Net;
using System.Text;
using Edge.Config;

namespace Edge.Http;

/// <summary>
/// What a request's head means to a balancer, once its parts are known to be sound: RFC 9112 §3 (target and Host),
/// §6 (body), §9 (connection), RFC 9110 §7.6.2 (Max-Forwards), §10.1.1 (Expect).
/// </summary>
internal struct RequestFacts
{
    // Characters of reg-name (RFC 3986 §3.2.2), without and with the percent sign of its encoding.
    private static readonly SearchValues<byte> s_host = SearchValues.Create(
        "-._~!$&'()*+,;=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> s_encodedHost = SearchValues.Create(
        "-._~!$&'()*+,;=%0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> s_ipLiteral = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    internal const int NoMaxForwards = -1;

    // A larger number is passed on as this one: no request has so many hops.
    private const int MaxForwardsAtMost = 1_000_000;

    internal BodyFraming Body;
    internal ConnectionOptions Connection;

    /// <summary>The client may send another request on this connection.</summary>
    internal bool KeepAlive;

    /// <summary>The client waits for 100 before it sends the body.</summary>
    internal bool ExpectsContinue;

    /// <summary>Expect has only this one member, once; otherwise the field is written anew.</summary>
    internal bool IsExpectPlain;

    /// <summary>The client accepts trailers with the response (TE, RFC 9110 §10.1.4), so they are passed on to it.</summary>
    internal bool AcceptsTrailers;

    /// <summary>The client offers another protocol, and the offer is passed on.</summary>
    internal bool OffersUpgrade;

    /// <summary>Path and query as they go to the replica. Empty if the target was an absolute URI without a path.</summary>
    internal ByteRange Path;

    /// <summary>The host that the request is for; empty only in HTTP/1.0.</summary>
    internal ByteRange Host;

    /// <summary>The host stands in the target (absolute form) and replaces the Host field (RFC 9112 §3.2.2).</summary>
    internal bool IsAbsolute;

    /// <summary>How often OPTIONS or TRACE may still be forwarded, as the client sent it; <see cref="NoMaxForwards"/> if the field is absent.</summary>
    internal int MaxForwards;

    /// <summary>The client sends nothing more: no body, no other protocol, no further request.</summary>
    internal readonly bool IsAll => !KeepAlive && !OffersUpgrade && Body.Kind == BodyKind.None;

    internal static MessageError Derive(ReadOnlySpan<byte> data, Head head, RequestRules rules, out RequestFacts facts)
    {
        facts = new RequestFacts { MaxForwards = NoMaxForwards };
        if (head.Method == Method.Connect)
        {
            return rules.ConnectIsUnknown ? MessageError.ConnectUnknown : MessageError.ConnectRefused;
        }

        MessageError refusal = facts.ReadHost(data, head);
        if (refusal == MessageError.None)
        {
            refusal = facts.ReadTarget(data, head, rules);
        }

        if (refusal == MessageError.None && head.Has(KnownField.MaxForwards) && head.Method is Method.Options or Method.Trace)
        {
            refusal = facts.ReadMaxForwards(data, head);
        }

        if (refusal == MessageError.None)
        {
            refusal = BodyFraming.OfRequest(data, head, out facts.Body);
        }

        if (refusal == MessageError.None)
        {
            refusal = facts.ReadExpect(data, head);
        }

        facts.Connection = ConnectionOptions.Of(data, head);
        facts.KeepAlive = facts.Connection.Persists(head.MinorVersion);
        facts.AcceptsTrailers = head.Has(KnownField.Te) && NamesTrailers(data, head);
        facts.OffersUpgrade = head.Has(KnownField.Upgrade) && UpgradeFields.AreOffer(data, head, facts.Connection, facts.Body);
        return refusal;
    }

    /// <summary>Whether a host, with or without a port, has a form that all readers understand in the same way.</summary>
    internal static bool IsHost(ReadOnlySpan<byte> host)
    {
        if (host.IsEmpty || host.Length > Limits.HostBytes)
        {
            return false;
        }

        int end;
        if (host[0] == '[')
        {
            end = host.IndexOf((byte)']');
            if (end < 3 || host[1..end].IndexOfAnyExcept(s_ipLiteral) >= 0 || !host[1..end].Contains((byte)':') || !IPAddress.IsValidUtf8(host[1..end]))
            {
                return false;
            }

            end++;
        }
        else
        {
            end = host.IndexOfAnyExcept(s_host);
            if (end >= 0 && host[end] == '%')
            {
                int encoded = host[end..].IndexOfAnyExcept(s_encodedHost);
                end = encoded < 0 ? encoded : end + encoded;
                if (!HasSoundEncoding(end < 0 ? host : host[..end]))
                {
                    return false;
                }
            }

            if (end == 0)
            {
                return false;
            }

            end = end < 0 ? host.Length : end;
        }

        return host.Length == end || (host[end] == ':' && IsPort(host[(end + 1)..]));
    }

    // An empty port stands for the default port of the scheme (RFC 3986 §3.2.3).
    private static bool IsPort(ReadOnlySpan<byte> port)
    {
        int number = 0;
        foreach (byte digit in port)
        {
            number = number * 10 + digit - '0';
            if (!char.IsAsciiDigit((char)digit) || number > ushort.MaxValue)
            {
                return false;
            }
        }

        return true;
    }

    // Two hexadecimal digits follow each percent sign (RFC 3986 §2.1).
    private static bool HasSoundEncoding(ReadOnlySpan<byte> name)
    {
        for (int at; (at = name.IndexOf((byte)'%')) >= 0; name = name[(at + 3)..])
        {
            if (at + 2 >= name.Length || !char.IsAsciiHexDigit((char)name[at + 1]) || !char.IsAsciiHexDigit((char)name[at + 2]))
            {
                return false;
            }
        }

        return true;
    }

    private MessageError ReadHost(ReadOnlySpan<byte> data, Head head)
    {
        if (!head.TryGet(KnownField.Host, out HeaderField field))
        {
            return head.MinorVersion == 0 ? MessageError.None : MessageError.MissingHost;
        }

        if (head.IsRepeated(KnownField.Host))
        {
            return MessageError.MissingHost;
        }

        Host = new ByteRange(field.ValueStart, field.ValueLength);
        return IsHost(Host.Of(data)) ? MessageError.None : MessageError.MalformedHost;
    }

    private MessageError ReadTarget(ReadOnlySpan<byte> data, Head head, RequestRules rules)
    {
        ReadOnlySpan<byte> target = data.Slice(head.TargetStart, head.TargetLength);
        if (target[0] == '/' || (target.Length == 1 && target[0] == '*' && head.Method == Method.Options))
        {
            Path = new ByteRange(head.TargetStart, head.TargetLength);
            return MessageError.None;
        }

        int scheme = StartsWithIgnoreCase(target, "http://"u8) ? 7 : StartsWithIgnoreCase(target, "https://"u8) ? 8 : 0;
        if (scheme == 0)
        {
            return MessageError.MalformedTarget;
        }

        // RFC 9110 §7.4: an https request needs a connection that is secured, or one from a trusted proxy that has ended the TLS.
        if (scheme == "https://".Length && !rules.MayBeHttps)
        {
            return MessageError.Misdirected;
        }

        int authority = target[scheme..].IndexOfAny((byte)'/', (byte)'?');
        authority = authority < 0 ? target.Length - scheme : authority;
        IsAbsolute = true;
        Host = new ByteRange(head.TargetStart + scheme, authority);
        Path = new ByteRange(Host.Start + authority, target.Length - scheme - authority);
        return IsHost(Host.Of(data)) ? MessageError.None : MessageError.MalformedTarget;
    }

    private MessageError ReadMaxForwards(ReadOnlySpan<byte> data, Head head)
    {
        head.TryGet(KnownField.MaxForwards, out HeaderField field);
        ReadOnlySpan<byte> value = field.Value(data);
        if (value.IsEmpty || value.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0 || head.IsRepeated(KnownField.MaxForwards))
        {
            return MessageError.MalformedMaxForwards;
        }

        MaxForwards = 0;
        foreach (byte digit in value)
        {
            MaxForwards = Math.Min(MaxForwards * 10 + digit - '0', MaxForwardsAtMost);
        }

        return MessageError.None;
    }

    private MessageError ReadExpect(ReadOnlySpan<byte> data, Head head)
    {
        // HTTP/1.0 has no expectations; the field is ignored there (RFC 9110 §10.1.1).
        if (!head.Has(KnownField.Expect) || head.MinorVersion == 0)
        {
            return MessageError.None;
        }

        // A list (§5.6.1): repetitions, several lines and empty members do not matter.
        int members = 0;
        IsExpectPlain = !head.IsRepeated(KnownField.Expect);
        foreach (ref readonly HeaderField field in head.Fields)
        {
            if (field.Known != KnownField.Expect)
            {
                continue;
            }

            ReadOnlySpan<byte> rest = field.Value(data);
            IsExpectPlain &= rest.Length == "100-continue".Length;
            while (ConnectionOptions.NextOption(ref rest, out ReadOnlySpan<byte> expectation))
            {
                members++;
                if (!Ascii.EqualsIgnoreCase(expectation, "100-continue"u8))
                {
                    return MessageError.UnknownExpectation;
                }
            }
        }

        ExpectsContinue = members > 0 && Body.Kind != BodyKind.None;
        return MessageError.None;
    }

    // HTTP/1.0 has no trailers. A request with an offer of another protocol gets a Connection field of its own.
    private static bool NamesTrailers(ReadOnlySpan<byte> data, Head head)
    {
        if (head.MinorVersion == 0 || head.Has(KnownField.Upgrade))
        {
            return false;
        }

        foreach (ref readonly HeaderField field in head.Fields)
        {
            ReadOnlySpan<byte> rest = field.Known == KnownField.Te ? field.Value(data) : default;
            while (ConnectionOptions.NextOption(ref rest, out ReadOnlySpan<byte> coding))
            {
                if (Ascii.EqualsIgnoreCase(coding, "trailers"u8))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool StartsWithIgnoreCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> prefix) =>
        text.Length >= prefix.Length && Ascii.EqualsIgnoreCase(text[..prefix.Length], prefix);
}
