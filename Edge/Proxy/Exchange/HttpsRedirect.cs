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

    /// <summary>
    /// Whether a path is one that a certificate authority asks for over plain HTTP (RFC 8555 §8.3). It may be a replica that asked for the certificate, so
    /// these paths are redirected nowhere.
    /// </summary>
    internal static bool IsChallenge(ReadOnlySpan<byte> path) => path.StartsWith("/.well-known/acme-challenge/"u8);

    /// <summary>Whether the request is answered in this way: it came over plain HTTP, as far as a trusted proxy does not say otherwise.</summary>
    /// <param name="client">Came in without TLS.</param>
    /// <param name="data">The bytes that the head was parsed from.</param>
    /// <param name="head">As it came.</param>
    /// <param name="facts">As derived from the head.</param>
    internal static bool IsFor(ClientStream client, ReadOnlySpan<byte> data, Head head, in RequestFacts facts) =>
        !IsChallenge(facts.Path.Of(data)) && !ClientScheme.IsHttps(client, data, head, facts);

    /// <summary>Takes a request whose head has been found sound.</summary>
    /// <param name="client">Gets the answer.</param>
    /// <param name="port">The port at which clients find https.</param>
    /// <param name="data">The bytes that the head was parsed from.</param>
    /// <param name="facts">As derived from the head.</param>
    internal static void Answer(ClientStream client, int port, ReadOnlySpan<byte> data, in RequestFacts facts)
    {
        if (facts.Host.Length == 0)
        {
            // A request of HTTP/1.0 that does not say which host it is for.
            LocalReply.Refuse(client, MessageError.MissingHost);
        }
        else
        {
            LocalReply.Redirect(client, facts.Body, LocationOf(port, data, facts));
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
}
