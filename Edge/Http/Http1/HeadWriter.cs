using System.Runtime.CompilerServices;
using System.Text;

namespace Edge.Http;

/// <summary>
/// Writes the heads that go out. It copies the bytes of the head that came in, in runs, leaves out the fields of the hop (RFC 9110 §7.6.1), and adds
/// the fields of a proxy. Fields that stay are not rewritten.
/// </summary>
internal static class HeadWriter
{
    /// <summary>
    /// Writes the request for the replica; returns its length. The room needed is bounded by the head's length plus
    /// <see cref="Config.Limits.HeadGrowthBytes"/>.
    /// </summary>
    internal static int WriteRequest(
        Span<byte> to, ReadOnlySpan<byte> data, Head head, in RequestFacts facts, in ForwardingContext context)
    {
        var writer = new ByteWriter(to);
        int runStart = head.FieldCount == 0 ? head.Length : head.Fields[0].Start;
        int runEnd = runStart;
        if (head.MinorVersion == 1 && !facts.IsAbsolute && context.Prefix.IsEmpty)
        {
            // The line stays as it came, and is copied together with the fields behind it.
            runStart = head.Start;
        }
        else
        {
            WriteRequestLine(ref writer, data, head, facts, hasPath: !context.Prefix.IsEmpty);
        }

        bool replaceHost = facts.IsAbsolute || facts.Host.Length == 0;
        if (replaceHost)
        {
            writer.Add(data[runStart..runEnd]);
            runStart = runEnd;
            writer.Add("Host: "u8);
            writer.Add(HostOf(data, facts, context));
            writer.Add("\r\n"u8);
        }

        bool writesLength = false;
        foreach (ref readonly HeaderField field in head.Fields)
        {
            bool stays = field.Known switch
            {
                KnownField.Other => !IsLeftOut(field.Name(data), context.LeavesOut),
                KnownField.Authorization => (context.LeavesOut & LeftOut.Authorization) == LeftOut.None,
                KnownField.ProxyAuthorization or KnownField.Authenticate or KnownField.Date or KnownField.Via or KnownField.Trailer => true,
                KnownField.ContentLength => IsPlainLength(data, field),
                KnownField.Host => !replaceHost,
                KnownField.MaxForwards => facts.MaxForwards == RequestFacts.NoMaxForwards,
                KnownField.Expect => facts.ExpectsContinue && facts.IsExpectPlain,
                KnownField.ForwardedProto or KnownField.ForwardedHost or KnownField.Forwarded => context.PeerIsTrusted,
                KnownField.OtherForwarded => context.PeerIsTrusted && (context.Prefix.IsEmpty || !KnownNames.Is(field.Name(data), "x-forwarded-prefix"u8)),
                _ => false,
            };
            if (!stays || (facts.Connection.Nominates && ConnectionOptions.IsNominated(data, head, field)))
            {
                writer.Add(data[runStart..field.Start]);
                runStart = field.End;
                writesLength |= field.Known == KnownField.ContentLength;
            }

            runEnd = field.End;
        }

        writer.Add(data[runStart..runEnd]);
        if (writesLength)
        {
            WriteLength(ref writer, data, head);
        }

        WriteForwarded(ref writer, data, head, facts, context);
        writer.Add(context.Identity);
        WriteLast(ref writer, data, head, facts, context);
        writer.Add("\r\n"u8);
        return writer.Length;
    }

    // What this hop says for itself. Inlined: it is a part of what each request goes through.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteLast(
        ref ByteWriter writer, ReadOnlySpan<byte> data, Head head, in RequestFacts facts, in ForwardingContext context)
    {
        if (facts.MaxForwards != RequestFacts.NoMaxForwards)
        {
            writer.Add("Max-Forwards: "u8);
            writer.AddNumber(facts.MaxForwards - 1);
            writer.Add("\r\n"u8);
        }

        if (facts.ExpectsContinue && !facts.IsExpectPlain)
        {
            writer.Add("Expect: 100-continue\r\n"u8);
        }

        if (facts.Body.Kind == BodyKind.Chunked)
        {
            writer.Add("Transfer-Encoding: chunked\r\n"u8);
        }

        writer.Add(context.ViaLine);
        if (facts.AcceptsTrailers)
        {
            writer.Add("TE: trailers\r\nConnection: TE\r\n"u8);
        }

        if (facts.OffersUpgrade)
        {
            UpgradeFields.Write(ref writer, data, head);
        }
    }

    /// <summary>Writes the response for the client; returns its length. Room as for <see cref="WriteRequest"/>.</summary>
    internal static int WriteResponse(
        Span<byte> to, ReadOnlySpan<byte> data, Head head, ConnectionOptions connection, in RelayContext context)
    {
        var writer = new ByteWriter(to);
        int runStart = 0;
        int runEnd = head.ReasonStart + head.ReasonLength + 2;
        if (head.MinorVersion == 0 || data[head.ReasonStart - 1] != ' ')
        {
            // The line is written anew: the version is ours, and the space is there even if no reason follows (RFC 9112 §4).
            runStart = runEnd;
            writer.Add("HTTP/1.1 "u8);
            writer.AddNumber(head.Status);
            writer.Add((byte)' ');
            writer.Add(data.Slice(head.ReasonStart, head.ReasonLength));
            writer.Add("\r\n"u8);
        }

        bool mayHaveLength = head.Status is >= 200 and not 204;
        bool writesLength = false;
        foreach (ref readonly HeaderField field in head.Fields)
        {
            bool stays = field.Known switch
            {
                KnownField.Connection or KnownField.KeepAlive or KnownField.ProxyConnection or KnownField.TransferEncoding
                    or KnownField.Te or KnownField.Upgrade or KnownField.EdgeReplica or KnownField.LeftOut => false,
                KnownField.ContentLength => mayHaveLength && IsPlainLength(data, field),
                _ => true,
            };
            if (!stays || (connection.Nominates && ConnectionOptions.IsNominated(data, head, field)))
            {
                writer.Add(data[runStart..field.Start]);
                runStart = field.End;
                writesLength |= field.Known == KnownField.ContentLength;
            }

            runEnd = field.End;
        }

        writer.Add(data[runStart..runEnd]);
        if (writesLength && mayHaveLength)
        {
            WriteLength(ref writer, data, head);
        }

        writer.Add(context.ReplicaLine);
        if (head.Status >= 200)
        {
            WriteResponseEnd(ref writer, data, head, context);
        }

        writer.Add(context.ViaLine);
        if (head.Status is 101 or 426)
        {
            // The protocols that a 101 takes up, or that a 426 asks for (RFC 9110 §15.5.22).
            UpgradeFields.Write(ref writer, data, head);
        }

        writer.Add("\r\n"u8);
        return writer.Length;
    }

    /// <summary>For <see cref="WriteLocalReply"/>: a field, or the end of the connection, shows where the body ends.</summary>
    internal const long NoLength = -1;

    /// <summary>
    /// Writes the head of a local reply; returns its length. Status, length and connection are always written; the caller gives the other fields.
    /// </summary>
    internal static int WriteLocalReply(
        Span<byte> to, int status, long bodyBytes, IReadOnlyList<KeyValuePair<string, string>> fields, in RelayContext context)
    {
        var writer = new ByteWriter(to);
        writer.Add("HTTP/1.1 "u8);
        writer.AddNumber(status);
        writer.Add((byte)' ');
        writer.Add(Reason(status));
        if (bodyBytes != NoLength)
        {
            writer.Add("\r\nContent-Length: "u8);
            writer.AddNumber(bodyBytes);
        }

        writer.Add("\r\nDate: "u8);
        writer.Add(context.Date);
        writer.Add("\r\n"u8);
        for (int i = 0; i < fields.Count; i++)
        {
            writer.AddAscii(fields[i].Key);
            writer.Add(": "u8);
            writer.AddAscii(fields[i].Value);
            writer.Add("\r\n"u8);
        }

        context.Fixed?.Write(ref writer, fields);
        if (context.Fixed is not { SetsStrictTransport: true })
        {
            writer.Add(context.StrictTransportLine);
        }

        WriteConnection(ref writer, context);
        writer.Add("\r\n"u8);
        return writer.Length;
    }

    private static void WriteRequestLine(ref ByteWriter writer, ReadOnlySpan<byte> data, Head head, in RequestFacts facts, bool hasPath)
    {
        writer.Add(data.Slice(head.Start, head.MethodLength));
        writer.Add((byte)' ');
        ReadOnlySpan<byte> path = facts.Path.Of(data);
        if (path.IsEmpty)
        {
            // RFC 9112 §3.2.1 and §3.2.4: an absolute URI without a path means "/", or the whole server for OPTIONS.
            writer.Add(head.Method == Method.Options && !hasPath ? (byte)'*' : (byte)'/');
        }
        else if (path[0] == '?')
        {
            writer.Add((byte)'/');
        }

        writer.Add(path);
        writer.Add(" HTTP/1.1\r\n"u8);
    }

    private static bool IsLeftOut(ReadOnlySpan<byte> name, LeftOut leavesOut) =>
        leavesOut != LeftOut.None
        && ((NotedFields.Of(name) switch
        {
            NotedField.RequestId => LeftOut.RequestId,
            NotedField.TraceParent or NotedField.TraceState => LeftOut.Trace,
            _ => LeftOut.None,
        } & leavesOut) != LeftOut.None
            || ((leavesOut & LeftOut.Underscored) != LeftOut.None && name.Contains((byte)'_')));

    // Zeros before a length and tabs around it are allowed, but not every reader accepts them. So the fields that frame a message go out in one form.
    private static bool IsPlainLength(ReadOnlySpan<byte> data, in HeaderField field) =>
        field.ValueStart == field.Start + field.NameLength + 2 && data[field.ValueStart - 1] == ' '
        && field.End == field.ValueStart + field.ValueLength + 2 && (field.ValueLength == 1 || data[field.ValueStart] != '0');

    private static void WriteLength(ref ByteWriter writer, ReadOnlySpan<byte> data, Head head)
    {
        head.TryGet(KnownField.ContentLength, out HeaderField field);
        ReadOnlySpan<byte> digits = field.Value(data).TrimStart((byte)'0');
        writer.Add("Content-Length: "u8);
        writer.Add(digits.IsEmpty ? "0"u8 : digits);
        writer.Add("\r\n"u8);
    }

    private static void WriteForwarded(
        ref ByteWriter writer, ReadOnlySpan<byte> data, Head head, in RequestFacts facts, in ForwardingContext context)
    {
        if (!context.Prefix.IsEmpty)
        {
            writer.Add("X-Forwarded-Prefix: "u8);
            writer.Add(context.Prefix);
            writer.Add("\r\n"u8);
        }

        if (!context.PeerIsTrusted)
        {
            writer.Add(context.PeerLines);
            writer.Add(HostOf(data, facts, context));
            writer.Add("\r\n"u8);
            if (!context.ClientSubject.IsEmpty)
            {
                writer.Add("X-Forwarded-Client-Subject: "u8);
                writer.Add(context.ClientSubject);
                writer.Add("\r\n"u8);
            }

            return;
        }

        writer.Add("X-Forwarded-For: "u8);
        if (head.Has(KnownField.ForwardedFor))
        {
            foreach (ref readonly HeaderField field in head.Fields)
            {
                if (field.Known == KnownField.ForwardedFor && field.ValueLength > 0)
                {
                    writer.Add(field.Value(data));
                    writer.Add(", "u8);
                }
            }
        }

        writer.Add(context.Peer);
        if (!head.Has(KnownField.ForwardedProto))
        {
            writer.Add("\r\nX-Forwarded-Proto: "u8);
            writer.Add(context.Scheme);
        }

        if (!head.Has(KnownField.ForwardedHost))
        {
            writer.Add("\r\nX-Forwarded-Host: "u8);
            writer.Add(HostOf(data, facts, context));
        }

        writer.Add("\r\n"u8);
    }

    private static ReadOnlySpan<byte> HostOf(ReadOnlySpan<byte> data, in RequestFacts facts, in ForwardingContext context) =>
        facts.Host.Length == 0 ? context.DefaultHost : facts.Host.Of(data);

    private static void WriteResponseEnd(ref ByteWriter writer, ReadOnlySpan<byte> data, Head head, in RelayContext context)
    {
        if (context.IsChunked)
        {
            writer.Add("Transfer-Encoding: chunked\r\n"u8);
        }

        if (!head.Has(KnownField.Date))
        {
            writer.Add("Date: "u8);
            writer.Add(context.Date);
            writer.Add("\r\n"u8);
        }

        WriteConnection(ref writer, context);
        bool setsStrictTransport = false;
        if (context.Fixed is { } always)
        {
            writer.Add(always.Lines);
            setsStrictTransport = always.SetsStrictTransport;
        }

        if (!context.StrictTransportLine.IsEmpty && !setsStrictTransport && !HasStrictTransport(data, head))
        {
            writer.Add(context.StrictTransportLine);
        }
    }

    // Looked for only where there is something to add. A client takes the first of two (RFC 6797 §8.1), so the replica's own stands alone.
    private static bool HasStrictTransport(ReadOnlySpan<byte> data, Head head)
    {
        foreach (ref readonly HeaderField field in head.Fields)
        {
            if (field.Known == KnownField.Other && Ascii.EqualsIgnoreCase(field.Name(data), "strict-transport-security"u8))
            {
                return true;
            }
        }

        return false;
    }

    private static void WriteConnection(ref ByteWriter writer, in RelayContext context)
    {
        if (context.Close)
        {
            writer.Add("Connection: close\r\n"u8);
        }
        else if (context.SayKeepAlive)
        {
            writer.Add("Connection: keep-alive\r\n"u8);
        }
    }

    private static ReadOnlySpan<byte> Reason(int status) => status switch
    {
        200 => "OK"u8,
        308 => "Permanent Redirect"u8,
        400 => "Bad Request"u8,
        401 => "Unauthorized"u8,
        403 => "Forbidden"u8,
        404 => "Not Found"u8,
        405 => "Method Not Allowed"u8,
        408 => "Request Timeout"u8,
        409 => "Conflict"u8,
        411 => "Length Required"u8,
        413 => "Content Too Large"u8,
        414 => "URI Too Long"u8,
        417 => "Expectation Failed"u8,
        421 => "Misdirected Request"u8,
        429 => "Too Many Requests"u8,
        431 => "Request Header Fields Too Large"u8,
        500 => "Internal Server Error"u8,
        501 => "Not Implemented"u8,
        502 => "Bad Gateway"u8,
        503 => "Service Unavailable"u8,
        504 => "Gateway Timeout"u8,
        505 => "HTTP Version Not Supported"u8,
        _ => ""u8,
    };
}
