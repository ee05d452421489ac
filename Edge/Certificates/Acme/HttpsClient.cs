using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Edge.Io;

namespace Edge.Certificates;

/// <summary>
/// Sends requests over HTTPS, each on a connection of its own: an authority is asked a few dozen times in two months. It follows no redirect. The framework's
/// own client has no TLS in the static binary.
/// </summary>
/// <param name="trust">Whom to believe.</param>
/// <param name="agent">What the requests call their sender (RFC 8555 §6.1).</param>
internal sealed class HttpsClient(TlsClientContext trust, string agent) : IDisposable
{
    /// <summary>For a request and its answer.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>To reach one address; a host may have several, and some of them lead nowhere.</summary>
    internal TimeSpan ConnectPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <param name="method">GET, HEAD or POST.</param>
    /// <param name="uri">https.</param>
    /// <param name="body">What is posted; null for none.</param>
    /// <param name="fields">Further fields, as <c>Name: value</c>.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="IOException">There is no answer, or none that can be believed; the message says why, without the address.</exception>
    internal async Task<HttpsReply> SendAsync(string method, Uri uri, byte[]? body, string[] fields, CancellationToken cancellation)
    {
        if (!uri.IsAbsoluteUri || uri.Scheme != Uri.UriSchemeHttps)
        {
            throw new IOException("the address is not one of https");
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Patience);
        try
        {
            var connection = new NetworkStream(await ConnectAsync(uri, deadline.Token), ownsSocket: true);
            await using TlsClientStream stream = await TlsClientStream.ConnectAsync(connection, trust, uri.IdnHost.Trim('[', ']'), deadline.Token);
            await stream.WriteAsync(Request(method, uri, body, fields), deadline.Token);
            return await new HttpsReplyReader(stream).ReadAsync(hasNoBody: method == "HEAD", deadline.Token);
        }
        catch (SocketException failed)
        {
            throw new IOException(failed.Message, failed);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"no answer within {Patience.TotalSeconds:0.###} s"));
        }
    }

    public void Dispose() => trust.Dispose();

    // Tries one address after the other.
    private async Task<Socket> ConnectAsync(Uri uri, CancellationToken cancellation)
    {
        IPAddress[] addresses = IPAddress.TryParse(uri.IdnHost.Trim('[', ']'), out IPAddress? one)
            ? [one]
            : await Dns.GetHostAddressesAsync(uri.IdnHost, cancellation);
        SocketException? last = null;
        foreach (IPAddress address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(ConnectPatience);
            try
            {
                await socket.ConnectAsync(address, uri.Port, patience.Token);
                return socket;
            }
            catch (SocketException failed)
            {
                socket.Dispose();
                last = failed;
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                socket.Dispose();
                last = new SocketException((int)SocketError.TimedOut);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    private byte[] Request(string method, Uri uri, byte[]? body, string[] fields)
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"{method} {uri.PathAndQuery} HTTP/1.1\r\nHost: {uri.IdnHost}");
        if (!uri.IsDefaultPort)
        {
            head.Append(CultureInfo.InvariantCulture, $":{uri.Port}");
        }

        head.Append(CultureInfo.InvariantCulture, $"\r\nUser-Agent: {agent}\r\nAccept-Language: en\r\nConnection: close\r\n");
        foreach (string field in fields)
        {
            head.Append(field).Append("\r\n");
        }

        if (body is not null)
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        }

        head.Append("\r\n");
        return [.. Encoding.ASCII.GetBytes(head.ToString()), .. body ?? []];
    }
}
