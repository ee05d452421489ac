using System.Text;
using Edge.Config;

namespace Edge.Http;

/// <summary>
/// The Upgrade fields of a message (RFC 9110 §7.8): the protocols that a client offers, and those that a server takes up. They belong to one hop, so
/// the balancer writes its own.
/// </summary>
internal static class UpgradeFields
{
    private static ReadOnlySpan<byte> LineStart => "\r\nUpgrade: "u8;

    /// <summary>
    /// Whether a request has an offer that is passed on. These have none: a request of HTTP/1.0; one whose Connection field does not name Upgrade;
    /// one with a body, because nobody can find out what the replica does with the connection before it has read the whole body; one with a malformed
    /// or endless field.
    /// </summary>
    internal static bool AreOffer(ReadOnlySpan<byte> data, Head head, ConnectionOptions connection, BodyFraming body)
    {
        if (!connection.Upgrade || head.MinorVersion == 0 || body.Kind != BodyKind.None)
        {
            return false;
        }

        int count = 0;
        bool isAny = false;
        var protocols = new Protocols(data, head);
        while (protocols.MoveNext())
        {
            if (++count > Limits.UpgradeProtocols || !IsProtocol(protocols.Current))
            {
                return false;
            }

            isAny |= !IsHttp(protocols.Current);
        }

        return isAny;
    }

    /// <summary>
    /// Writes Connection and Upgrade as the last fields of a head, with the protocols of another head. Never longer than the fields that they
    /// replace.
    /// </summary>
    internal static void Write(ref ByteWriter writer, ReadOnlySpan<byte> data, Head head)
    {
        bool isFirst = true;
        var protocols = new Protocols(data, head);
        while (protocols.MoveNext())
        {
            if (IsHttp(protocols.Current))
            {
                continue;
            }

            writer.Add(isFirst ? "Connection: Upgrade\r\nUpgrade: "u8 : ","u8);
            writer.Add(protocols.Current);
            isFirst = false;
        }

        writer.Add(isFirst ? ""u8 : "\r\n"u8);
    }

    /// <summary>Whether a 101 takes up what was offered and nothing else.</summary>
    /// <param name="offer">The request's head; <see cref="Write"/> wrote its last fields.</param>
    /// <param name="data">The bytes that the response's head was parsed from.</param>
    /// <param name="head">Of the response.</param>
    internal static bool AreAcceptance(ReadOnlySpan<byte> offer, ReadOnlySpan<byte> data, Head head)
    {
        // No other line can begin like this: the field that a client sends is never copied.
        int line = offer.LastIndexOf(LineStart);
        if (line < 0 || head.MinorVersion == 0 || !ConnectionOptions.Of(data, head).Upgrade)
        {
            return false;
        }

        ReadOnlySpan<byte> offered = offer[(line + LineStart.Length)..].TrimEnd("\r\n"u8);
        bool isAny = false;
        var protocols = new Protocols(data, head);
        while (protocols.MoveNext())
        {
            if (!IsAmong(offered, protocols.Current))
            {
                return false;
            }

            isAny = true;
        }

        return isAny;
    }

    private static bool IsAmong(ReadOnlySpan<byte> offered, ReadOnlySpan<byte> protocol)
    {
        foreach (Range one in offered.Split((byte)','))
        {
            if (Ascii.EqualsIgnoreCase(offered[one], protocol))
            {
                return true;
            }
        }

        return false;
    }

    // A name, with or without a version.
    private static bool IsProtocol(ReadOnlySpan<byte> text)
    {
        int slash = text.IndexOf((byte)'/');
        return slash < 0 ? HeadScan.IsToken(text) : HeadScan.IsToken(text[..slash]) && HeadScan.IsToken(text[(slash + 1)..]);
    }

    // Another version of HTTP in a tunnel would carry requests that are not checked and not counted.
    private static bool IsHttp(ReadOnlySpan<byte> protocol)
    {
        int slash = protocol.IndexOf((byte)'/');
        ReadOnlySpan<byte> name = slash < 0 ? protocol : protocol[..slash];
        return Ascii.EqualsIgnoreCase(name, "h2c"u8) || Ascii.EqualsIgnoreCase(name, "h2"u8) || Ascii.EqualsIgnoreCase(name, "http"u8);
    }

    /// <summary>Goes through the members of all Upgrade fields; empty members are skipped (RFC 9110 §5.6.1.2).</summary>
    private ref struct Protocols(ReadOnlySpan<byte> data, Head head)
    {
        private readonly ReadOnlySpan<byte> _data = data;
        private ReadOnlySpan<byte> _rest;
        private int _field = -1;

        internal ReadOnlySpan<byte> Current { get; private set; }

        internal bool MoveNext()
        {
            while (true)
            {
                while (_rest.IsEmpty)
                {
                    if (++_field >= head.FieldCount)
                    {
                        return false;
                    }

                    _rest = head.Fields[_field].Known == KnownField.Upgrade ? head.Fields[_field].Value(_data) : default;
                }

                int comma = _rest.IndexOf((byte)',');
                Current = (comma < 0 ? _rest : _rest[..comma]).Trim(" \t"u8);
                _rest = comma < 0 ? default : _rest[(comma + 1)..];
                if (!Current.IsEmpty)
                {
                    return true;
                }
            }
        }
    }
}
