using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Edge.Certificates;
using Edge.Config;
using Edge.Io;
using Edge.Tests.Tls;

namespace Edge.Tests.Certificates;

/// <summary>The client that asks authorities, against a server of TLS that says what a test has it say.</summary>
public sealed class HttpsClientTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly X509Certificate2 _root = TestCertificates.MakeAuthority("root");
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly HttpsClient _client;

    public HttpsClientTests()
    {
        _listener.Start();
        _client = Client();
    }

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _client.Dispose();
        _listener.Dispose();
        _root.Dispose();
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello")]
    [InlineData("HTTP/1.0 404 \r\n\r\nto the end", 404, "to the end")]
    [InlineData("HTTP/1.1 200\r\ncontent-length:0\r\n\r\n", 200, "")]
    [InlineData("HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx", 201, "x")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\nA \r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", 200, "abc0123456789")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: https://localhost/\r\nContent-Length: 0\r\n\r\n", 302, "")]
    public async Task An_answer_is_read_whole_and_a_redirect_is_an_answer(string text, int status, string body)
    {
        Task<string> serving = ServeAsync(text);
        HttpsReply reply = await AskAsync(HttpMethod.Get, "/path?query");
        Assert.Equal((status, body), (reply.Status, Encoding.Latin1.GetString(reply.Body)));
        Assert.Equal(
            $"GET /path?query HTTP/1.1\r\nHost: localhost:{Port}\r\nConnection: close\r\nUser-Agent: edge-tests\r\nAccept-Language: en\r\n\r\n", await serving);
    }

    [Fact]
    public async Task What_is_posted_has_its_type_and_fields_are_found_whatever_they_are_about()
    {
        Task<string> serving = ServeAsync(
            "HTTP/1.1 201 X\r\nreplay-nonce: a\r\nReplay-Nonce: b\r\nLocation: https://x/1\r\nRetry-After: soon\r\nContent-Type: a/b; c\r\n\r\n");
        HttpsReply reply = await AskAsync(HttpMethod.Post, "/", "{}");
        Assert.Equal(("a", "https://x/1", "soon"), (reply.Field("Replay-Nonce"), reply.Field("Location"), reply.Field("Retry-After")));
        Assert.Equal(("a/b; c", null), (reply.Field("content-type"), reply.Field("Link")));
        string request = await serving;
        Assert.Contains("\r\nContent-Type: application/jose+json\r\n", request, StringComparison.Ordinal);
        Assert.EndsWith("\r\nContent-Length: 2\r\n\r\n{}", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_to_HEAD_has_no_body()
    {
        Task<string> serving = ServeAsync("HTTP/1.1 200 OK\r\nReplay-Nonce: n\r\nContent-Length: 700\r\n\r\n");
        HttpsReply reply = await AskAsync(HttpMethod.Head, "/");
        Assert.Equal(("n", 0), (reply.Field("Replay-Nonce"), reply.Body.Length));
        Assert.StartsWith("HEAD / HTTP/1.1\r\n", await serving, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 200")]
    [InlineData("HTTP/2 200\r\n\r\n")]
    [InlineData("HTTP/1.1 2000\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2p1\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nNoColon\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")]
    public async Task What_is_malformed_or_cut_is_no_answer(string text)
    {
        Task<string> serving = ServeAsync(text);
        IOException refused = await Assert.ThrowsAsync<IOException>(() => AskAsync(HttpMethod.Get, "/"));
        Assert.DoesNotContain("localhost", refused.Message, StringComparison.Ordinal);
        await serving;
    }

    [Fact]
    public async Task A_server_that_closes_without_a_word_is_asked_a_few_times_and_given_up()
    {
        int times = 0;
        using var enough = new CancellationTokenSource();
        Task serving = Task.Run(async () =>
        {
            while (true)
            {
                await ServeAsync("", cancellation: enough.Token);
                times++;
            }
        });
        await Assert.ThrowsAsync<IOException>(() => AskAsync(HttpMethod.Get, "/"));
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving.WaitAsync(s_patience));
        Assert.InRange(times, 1, 4);
    }

    [Fact]
    public async Task An_answer_without_a_length_is_cut_where_TLS_does_not_say_its_end()
    {
        Task<string> serving = ServeAsync("HTTP/1.1 200 OK\r\n\r\nhalf of a certific", saysEnd: false);
        IOException cut = await Assert.ThrowsAsync<IOException>(() => AskAsync(HttpMethod.Get, "/"));
        Assert.Equal("the connection was cut", cut.Message);
        await serving;
    }

    [Fact]
    public async Task What_is_too_large_is_no_answer()
    {
        string large = new('x', Limits.AcmeAnswerBytes + 1);
        string chunks = string.Concat(Enumerable.Repeat($"80000\r\n{new string('x', 0x80000)}\r\n", 3));
        string[] answers =
        [
            $"HTTP/1.1 200 OK\r\n{string.Concat(Enumerable.Range(0, 9000).Select(i => $"F{i}: x\r\n"))}\r\n",
            $"HTTP/1.1 200 OK\r\nLong: {new string('x', Limits.AcmeHeadBytes)}\r\n\r\n",
            $"HTTP/1.1 200 OK\r\n\r\n{large}",
            $"HTTP/1.1 200 OK\r\nContent-Length: {large.Length}\r\n\r\n{large}",
            $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n",
        ];
        foreach (string answer in answers)
        {
            Task<string> serving = ServeAsync(answer);
            IOException refused = await Assert.ThrowsAsync<IOException>(() => AskAsync(HttpMethod.Get, "/"));
            Assert.Equal("the answer is longer than 1048576 bytes, or its head than 65536", refused.Message);
            await serving;
        }
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_given_up_before_and_after_its_handshake()
    {
        using HttpsClient client = Client(TimeSpan.FromMilliseconds(200));
        Task<Socket> accepting = _listener.AcceptSocketAsync();
        IOException late = await Assert.ThrowsAsync<IOException>(() => AskAsync(HttpMethod.Get, "/", client: client));
        Assert.Equal("no answer within 0.2 s", late.Message);
        using Socket accepted = await accepting;

        // The client has left, too: this reads its hello, and then the end.
        byte[] area = new byte[4096];
        while (await accepted.ReceiveAsync(area) > 0)
        {
        }

        var end = new TaskCompletionSource();
        Task<string> serving = ServeAsync("HTTP/1.1 200 OK\r\n", until: end.Task);
        late = await Assert.ThrowsAsync<IOException>(() => AskAsync(HttpMethod.Get, "/", client: client));
        Assert.Equal("no answer within 0.2 s", late.Message);
        end.SetResult();
        await serving;
    }

    [Fact]
    public async Task Who_calls_it_off_is_told_so()
    {
        using var end = new CancellationTokenSource();
        Task<Socket> accepting = _listener.AcceptSocketAsync();
        Task<HttpsReply> asking = AskAsync(HttpMethod.Get, "/", cancellation: end.Token);
        using Socket accepted = await accepting;
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking.WaitAsync(s_patience));
    }

    [Fact]
    public async Task A_client_that_is_disposed_of_leaves_no_connection_and_no_later_one_begins()
    {
        HttpsClient client = Client();
        Task<Socket> accepting = _listener.AcceptSocketAsync();
        Task<HttpsReply> asking = AskAsync(HttpMethod.Get, "/", client: client);
        using Socket accepted = await accepting;
        client.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => asking.WaitAsync(s_patience));
        byte[] area = new byte[4096];
        while (await accepted.ReceiveAsync(area).WaitAsync(s_patience) > 0)
        {
        }

        var gone = new TlsClientContext([TestCertificates.Pem(_root)]);
        gone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => new TlsClientSession(gone, "localhost"));
    }

    [Fact]
    public async Task Nothing_is_ever_asked_without_TLS()
    {
        // A server that speaks plainly gets a hello of TLS, and no request.
        Task<string> hearing = HearPlainlyAsync();
        IOException refused = await Assert.ThrowsAsync<IOException>(() => AskAsync(HttpMethod.Post, "/", "secret"));
        Assert.StartsWith("TLS failed: ", refused.Message, StringComparison.Ordinal);
        string heard = await hearing.WaitAsync(s_patience);
        Assert.Equal('\u0016', heard[0]);
        Assert.DoesNotContain("secret", heard, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1", heard, StringComparison.Ordinal);

        foreach (string address in new[] { $"http://localhost:{Port}/", $"ws://localhost:{Port}/", "/path" })
        {
            await Assert.ThrowsAsync<IOException>(
                () => _client.SendAsync(HttpMethod.Get, new Uri(address, UriKind.RelativeOrAbsolute), null, null, TestContext.Current.CancellationToken));
        }

        Assert.False(_listener.Pending());
    }

    [Fact]
    public async Task A_server_that_cannot_be_believed_or_reached_is_told_without_its_address()
    {
        using X509Certificate2 other = TestCertificates.MakeAuthority("other");
        Task serving = ServeAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", other);
        IOException refused = await Assert.ThrowsAsync<IOException>(() => AskAsync(HttpMethod.Get, "/"));
        Assert.StartsWith("its certificate does not verify: ", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => serving);
        _listener.Stop();
        refused = await Assert.ThrowsAsync<IOException>(() => AskAsync(HttpMethod.Get, "/"));
        Assert.Equal("Connection refused", refused.Message);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task An_address_in_the_place_of_a_name_is_dialled_and_verified_as_one(string address)
    {
        using var listener = new TcpListener(IPAddress.Parse(address), 0);
        listener.Start();
        var url = new Uri($"https://{listener.LocalEndpoint}/");
        Task<string> serving = ServeAsync("HTTP/1.1 204 X\r\n\r\n", _root, listener: listener, name: address);
        HttpsReply reply = await _client.SendAsync(HttpMethod.Get, url, null, null, TestContext.Current.CancellationToken).WaitAsync(s_patience);
        Assert.Equal(204, reply.Status);
        Assert.Contains($"\r\nHost: {listener.LocalEndpoint}\r\n", await serving, StringComparison.Ordinal);
    }

    private HttpsClient Client(TimeSpan? patience = null) =>
        new(new TlsClientContext([TestCertificates.Pem(_root)]), "edge-tests") { Patience = patience ?? s_patience };

    private Task<HttpsReply> AskAsync(
        HttpMethod method, string path, string? body = null, HttpsClient? client = null, CancellationToken? cancellation = null) =>
        (client ?? _client).SendAsync(
            method, new Uri($"https://localhost:{Port}{path}"), body is null ? null : Encoding.ASCII.GetBytes(body), "application/jose+json",
            cancellation ?? TestContext.Current.CancellationToken).WaitAsync(s_patience);

    // Answers one request. Returns the request.
    private async Task<string> ServeAsync(
        string answer, X509Certificate2? authority = null, TcpListener? listener = null, string name = "localhost", bool saysEnd = true,
        Task? until = null, CancellationToken cancellation = default)
    {
        using X509Certificate2 signed = TestCertificates.Sign(authority ?? _root, [name]);
        using X509Certificate2 own = X509CertificateLoader.LoadPkcs12(signed.Export(X509ContentType.Pkcs12), null);
        Socket socket = await (listener ?? _listener).AcceptSocketAsync(cancellation);
        await using var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = own }, cancellation);
        byte[] area = new byte[8192];
        var text = new StringBuilder();
        do
        {
            text.Append(Encoding.Latin1.GetString(area, 0, await stream.ReadAsync(area, cancellation)));
        }
        while (!IsWhole(text.ToString()));

        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), cancellation);
            await (until ?? Task.CompletedTask);
            if (saysEnd)
            {
                await stream.ShutdownAsync();
            }
        }
        catch (IOException)
        {
            // The client has had enough.
        }

        return text.ToString();
    }

    private static bool IsWhole(string request) =>
        request.Contains("\r\n\r\n", StringComparison.Ordinal) && !request.EndsWith("Content-Length: 2\r\n\r\n", StringComparison.Ordinal);

    // Answers plainly to whatever comes first. Returns all that came.
    private async Task<string> HearPlainlyAsync()
    {
        using Socket socket = await _listener.AcceptSocketAsync();
        byte[] area = new byte[8192];
        int got = await socket.ReceiveAsync(area);
        var heard = new StringBuilder(Encoding.Latin1.GetString(area, 0, got));
        await socket.SendAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        while ((got = await socket.ReceiveAsync(area)) > 0)
        {
            heard.Append(Encoding.Latin1.GetString(area, 0, got));
        }

        return heard.ToString();
    }
}
