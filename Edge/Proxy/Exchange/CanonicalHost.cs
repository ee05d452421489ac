using System.Globalization;
using System.Text;
using Edge.Http;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>
/// Where requests are sent whose host is another name of a service: to its own host, with the scheme, port, path and query with which they came.
/// </summary>
internal static class CanonicalHost
{
    /// <param name="host">The service's own.</param>
    /// <param name="isHttps">Whether the request came by https.</param>
    /// <param name="data">The bytes of the head.</param>
    /// <param name="facts">As derived from the head; there is a host.</param>
    internal static string LocationOf(string host, bool isHttps, ReadOnlySpan<byte> data, in RequestFacts facts)
    {
        ReadOnlySpan<byte> path = facts.Path.Of(data), asked = facts.Host.Of(data);
        var location = new StringBuilder(isHttps ? "https://" : "http://", host.Length + path.Length + 16).Append(host);
        ReadOnlySpan<byte> port = asked[RouteHost.WithoutPort(asked).Length..];
        int defaultPort = isHttps ? 443 : 80;
        if (port.Length > 1 && int.Parse(port[1..], NumberStyles.None, CultureInfo.InvariantCulture) is var number && number != defaultPort)
        {
            location.Append(CultureInfo.InvariantCulture, $":{number}");
        }

        // "*" is the server as a whole (RFC 9112 §3.2.4), which a URI without a path names.
        if (path.Length > 0 && path[0] != '*')
        {
            location.Append(path[0] == '?' ? "/" : "").Append(Encoding.ASCII.GetString(path));
        }

        return location.ToString();
    }
}
