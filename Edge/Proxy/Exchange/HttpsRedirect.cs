using System.Globalization;
using System.Text;
using Edge.Http;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>
/// Answers requests that came without TLS: 308, so that method and body stay (RFC 9110 §15.4.9), to the same host, path and query with https. Looked at
/// only where an option asks for it.
/// </summary>
internal static class HttpsRedirect
{
    private const int DefaultPort = 443;

    // A certificate authority asks for these over plain HTTP (RFC 8555 §8.3), be it a replica that asked for the certificate.
    private static ReadOnlySpan<byte> Challenges => "/.well-known/acme-challenge/"u8;

    /// <summary>Whether the request is answered in this way: it came over plain HTTP, as far as a trusted proxy does not say otherwise.</summary>
    /// <param name="client">Came in without TLS.</param>
    /// <param name="data">The bytes that the head was parsed from.</param>
    /// <param name="head">As it came.</param>
    /// <param name="facts">As derived from the head.</param>
    internal static bool IsFor(ClientStream client, ReadOnlySpan<byte> data, Head head, in RequestFacts facts) =>
        !facts.Path.Of(data).StartsWith(Challenges) && !(client.IsTrusted && WasHttps(data, head, facts));

    /// <summary>Takes a request whose head has been found sound.</summary>
    /// <param name="client">Gets the answer.</param>
    /// <param name="port">The port at which clients find https.</param>
    /// <param name="data">The bytes that the head was parsed from.</param>
    /// <param name="head">As it came.</param>
    /// <param name="facts">As derived from the head.</param>
    internal static void Answer(ClientStream client, int port, ReadOnlySpan<byte> data, Head head, in RequestFacts facts)
    {
        string? location = facts.Host.Length == 0 ? null : LocationOf(port, data, facts);
        if (!client.BeginBody(facts.Body, decode: true, long.MaxValue, dropTrailers: false, out _))
        {
            LocalReply.Refuse(client, MessageError.MalformedChunk);
        }
        else if (location is null)
        {
            // A request of HTTP/1.0 that does not say which host it is for.
            LocalReply.Refuse(client, MessageError.MissingHost);
        }
        else
        {
            // A client that is told where to go sends its body there, and need not send the rest of it here.
            bool isRead = client.IsBodyRead;
            client.Reply(308, default, [new("Location", location)], keepAlive: isRead, requestRead: isRead);
        }
    }

    private static string LocationOf(int port, ReadOnlySpan<byte> data, in RequestFacts facts)
    {
        ReadOnlySpan<byte> host = RouteHost.WithoutPort(facts.Host.Of(data));
        ReadOnlySpan<byte> path = facts.Path.Of(data);
        var location = new StringBuilder("https://", host.Length + path.Length + 16).Append(Encoding.Latin1.GetString(host));
        if (port != DefaultPort)
        {
            location.Append(CultureInfo.InvariantCulture, $":{port}");
        }

        // "*" is the server as a whole (RFC 9112 §3.2.4), which a URI without a path names.
        if (path.Length > 0 && path[0] != '*')
        {
            location.Append(path[0] == '?' ? "/" : "").Append(Encoding.Latin1.GetString(path));
        }

        return location.ToString();
    }

    // Several proxies may have written several schemes: the first is what the client spoke.
    private static bool WasHttps(ReadOnlySpan<byte> data, Head head, in RequestFacts facts)
    {
        if (facts.IsAbsolute && head.TargetLength > "https:".Length
            && Ascii.EqualsIgnoreCase(data.Slice(head.TargetStart, "https:".Length), "https:"u8))
        {
            return true;
        }

        if (!head.TryGet(KnownField.ForwardedProto, out HeaderField field))
        {
            return false;
        }

        ReadOnlySpan<byte> schemes = field.Value(data);
        int comma = schemes.IndexOf((byte)',');
        return Ascii.EqualsIgnoreCase((comma < 0 ? schemes : schemes[..comma]).Trim(" \t"u8), "https"u8);
    }
}
