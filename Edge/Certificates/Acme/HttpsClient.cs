using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Edge.Config;
using Edge.Io;

namespace Edge.Certificates;

/// <summary>
/// Sends requests over HTTPS, each on a connection of its own: an authority is asked a few dozen times in two months. It follows no redirect, keeps no
/// cookie and asks no proxy. The framework's client writes and reads HTTP/1.1; since the static binary has left its TLS out, it is told to speak plainly, and
/// the stream that it gets is one of TLS. There is no other way to a connection, so nothing is ever asked without TLS.
/// </summary>
internal sealed class HttpsClient : IDisposable
{
    private readonly TlsClientContext _trust;
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _end = new();

    /// <param name="trust">Whom to believe. It belongs to this from now on.</param>
    /// <param name="agent">What the requests call their sender (RFC 8555 §6.1).</param>
    internal HttpsClient(TlsClientContext trust, string agent)
    {
        _trust = trust;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,

            // No connection serves twice: the field alone that asks the server to close keeps the client from none.
            PooledConnectionLifetime = TimeSpan.Zero,
            MaxResponseHeadersLength = Limits.AcmeHeadBytes / 1024,
            MaxResponseDrainSize = 0,
            ConnectCallback = async (asked, cancellation) => await ConnectAsync(asked.DnsEndPoint, cancellation),
        };
        _http = new HttpClient(handler) { MaxResponseContentBufferSize = Limits.AcmeAnswerBytes, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.ConnectionClose = true;
        _http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", agent);
        _http.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Language", "en");
    }

    /// <summary>For a request and its answer.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>To reach one address; a host may have several, and some of them lead nowhere.</summary>
    internal TimeSpan ConnectPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <param name="method">GET, HEAD or POST.</param>
    /// <param name="uri">https.</param>
    /// <param name="body">What is posted; null for none.</param>
    /// <param name="type">The media type of the body; null where there is none.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="IOException">There is no answer, or none that can be believed; the message says why, without the address.</exception>
    internal async Task<HttpsReply> SendAsync(HttpMethod method, Uri uri, byte[]? body, string? type, CancellationToken cancellation)
    {
        if (!uri.IsAbsoluteUri || uri.Scheme != Uri.UriSchemeHttps)
        {
            throw new IOException("the address is not one of https");
        }

        using var request = new HttpRequestMessage(method, new UriBuilder(uri) { Scheme = Uri.UriSchemeHttp, Port = uri.Port }.Uri);
        string host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        request.Headers.Host = uri.IsDefaultPort ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{uri.Port}");
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _end.Token);
        deadline.CancelAfter(Patience);
        try
        {
            using HttpResponseMessage answer = await _http.SendAsync(request, deadline.Token);
            return new HttpsReply((int)answer.StatusCode, answer.Headers, answer.Content.Headers, await answer.Content.ReadAsByteArrayAsync(deadline.Token));
        }
        catch (Exception late) when (late is OperationCanceledException || (late as HttpRequestException)?.GetBaseException() is OperationCanceledException)
        {
            // The request and its connection have the same time, and either may be the first that finds it over.
            cancellation.ThrowIfCancellationRequested();
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"no answer within {Patience.TotalSeconds:0.###} s"), late);
        }
        catch (HttpRequestException failed)
        {
            throw new IOException(WhyOf(failed), failed);
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        _http.Dispose();
        _trust.Dispose();
    }

    // The client names the address around what this class or the kernel has said; what the client itself says is in its innermost exception.
    private static string WhyOf(HttpRequestException failed) => failed.HttpRequestError switch
    {
        HttpRequestError.ConfigurationLimitExceeded => $"the answer is longer than {Limits.AcmeAnswerBytes} bytes, or its head than {Limits.AcmeHeadBytes}",
        _ => failed.GetBaseException().Message,
    };

    private async Task<TlsClientStream> ConnectAsync(DnsEndPoint to, CancellationToken cancellation)
    {
        // The framework's client goes on with a connection when its request is over, and when it is disposed of itself.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _end.Token);
        deadline.CancelAfter(Patience);
        var connection = new NetworkStream(await ReachAsync(to, deadline.Token), ownsSocket: true);
        return await TlsClientStream.ConnectAsync(connection, _trust, to.Host, deadline.Token);
    }

    // Tries one address after the other.
    private async Task<Socket> ReachAsync(DnsEndPoint to, CancellationToken cancellation)
    {
        IPAddress[] addresses = IPAddress.TryParse(to.Host, out IPAddress? one) ? [one] : await Dns.GetHostAddressesAsync(to.Host, cancellation);
        SocketException? last = null;
        foreach (IPAddress address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(ConnectPatience);
            try
            {
                await socket.ConnectAsync(address, to.Port, patience.Token);
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
}
