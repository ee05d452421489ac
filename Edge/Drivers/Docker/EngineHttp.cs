using System.Net;
using System.Net.Sockets;

namespace Edge.Drivers;

/// <summary>
/// Plain GET requests to an engine. For two calls the client library is not used: its model of an image needs twenty other models, and its stream of a
/// container's lines cannot be that of a container with a terminal.
/// </summary>
internal static class EngineHttp
{
    private const int AnswerBytes = 4 * 1024 * 1024;

    // The port of an engine whose address has none, as in Docker's own client.
    private const int HttpPort = 80;

    /// <summary>Asks for a path below the version of the API; returns the status and the body.</summary>
    /// <param name="endpoint">unix:///path or tcp://host:port.</param>
    /// <param name="api">The version of the API.</param>
    /// <param name="path">Without a slash at the beginning.</param>
    /// <param name="cancellation">Calls it off.</param>
    /// <exception cref="HttpRequestException">The engine cannot be reached, or its answer is too large.</exception>
    internal static async Task<(HttpStatusCode Status, byte[] Body)> GetAsync(Uri endpoint, Version api, string path, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectCallback = (_, c) => ConnectAsync(endpoint, c),
        };
        using var client = new HttpClient(handler) { MaxResponseContentBufferSize = AnswerBytes, Timeout = Timeout.InfiniteTimeSpan };
        using HttpResponseMessage answer = await client.GetAsync(new Uri($"http://docker/v{api}/{path}"), cancellation);
        return (answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(cancellation));
    }

    private static async ValueTask<Stream> ConnectAsync(Uri endpoint, CancellationToken cancellation)
    {
        bool isUnix = endpoint.Scheme == "unix";
        var socket = isUnix ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            int port = endpoint.Port > 0 ? endpoint.Port : HttpPort;
            await socket.ConnectAsync(isUnix ? new UnixDomainSocketEndPoint(endpoint.LocalPath) : new DnsEndPoint(endpoint.IdnHost, port), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
