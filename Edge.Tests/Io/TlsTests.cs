using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Edge.Io;
using Edge.Tests.Tls;

namespace Edge.Tests.Io;

/// <summary>TLS over a loop's connections, with .NET's own client at the other end.</summary>
public sealed class TlsTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly X509Certificate2 s_default = TestCertificates.Make(["default.test"]);
    private static readonly X509Certificate2 s_shop = TestCertificates.Make(["shop.test", "*.shop.test"]);
    private static readonly X509Certificate2 s_rsa = TestCertificates.Make(["rsa.test"], rsa: true);

    private readonly TlsFrontend _frontend;
    private readonly TicketKeys _tickets = new();

    public TlsTests()
    {
        TlsCertificate[] all = [.. new[] { s_default, s_shop, s_rsa }.Select(c => TestCertificates.ToEdge(c, _tickets))];
        _frontend = new TlsFrontend(new CertificateTable(all, all[0]), _tickets);
    }

    public void Dispose() => _frontend.Dispose();

    [Theory]
    [InlineData(SslProtocols.Tls12, false)]
    [InlineData(SslProtocols.Tls13, false)]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls13, true)]
    public async Task Bytes_of_any_number_come_back_as_they_were(SslProtocols version, bool batchesSends)
    {
        await using var loop = new TestLoop(batchesSends);
        foreach (int length in new[] { 1, 100, 16_383, 16_384, 16_385, 1_000_000 })
        {
            (TlsEcho server, SslStream client) = await ConnectAsync(loop, "shop.test", version);
            await using SslStream _ = client;
            byte[] sent = new byte[length];
            new Random(length).NextBytes(sent);
            Task writing = client.WriteAsync(sent, TestContext.Current.CancellationToken).AsTask();
            byte[] got = new byte[length];
            await client.ReadExactlyAsync(got, TestContext.Current.CancellationToken).AsTask().WaitAsync(s_patience, TestContext.Current.CancellationToken);
            await writing;
            Assert.Equal(sent, got);
            Assert.Equal(version == SslProtocols.Tls13 ? 0x304 : 0x303, server.Facts.Version);
            await loop.RunAsync(() => Assert.Equal((length, length), ((int)server.BytesReceived, (int)server.BytesSent)));
        }
    }

    [Theory]
    [InlineData("shop.test", "shop.test")]
    [InlineData("SHOP.test", "shop.test")]
    [InlineData("a.shop.test", "shop.test")]
    [InlineData("a.b.shop.test", "default.test")]
    [InlineData("rsa.test", "rsa.test")]
    [InlineData("other.test", "default.test")]
    [InlineData("", "default.test")]
    public async Task The_client_gets_the_certificate_of_the_name_that_it_asks_for(string name, string subject)
    {
        await using var loop = new TestLoop();
        (TlsEcho server, SslStream client) = await ConnectAsync(loop, name, SslProtocols.Tls13);
        await using SslStream _ = client;
        Assert.Equal($"CN={subject}", client.RemoteCertificate!.Subject);
        Assert.Equal(name, server.Facts.Name, ignoreCase: true);
        Assert.StartsWith("TLS_AES_", server.Facts.Suite, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_without_a_certificate_is_refused_where_there_is_no_default()
    {
        await using var loop = new TestLoop();
        _frontend.Certificates = new CertificateTable(_frontend.Certificates.All, fallback: null);
        (TlsProgress progress, TlsFailure failure) = await RefusedAsync(loop, "other.test");
        Assert.Equal((TlsProgress.Failed, TlsFailure.Name), (progress, failure));
    }

    [Fact]
    public async Task Plain_HTTP_is_told_from_other_faults()
    {
        await using var loop = new TestLoop();
        (TlsEcho server, Socket socket) = await DialAsync(loop);
        using Socket _ = socket;
        await socket.SendAsync("GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n"u8.ToArray());
        Assert.Equal((TlsProgress.Failed, TlsFailure.PlainHttp), await server.Shaken.Task.WaitAsync(s_patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_version_before_1_2_is_refused()
    {
        await using var loop = new TestLoop();
        (TlsEcho server, Socket socket) = await DialAsync(loop);
        using Socket _ = socket;

        // A ClientHello of TLS 1.1 with one suite.
        byte[] hello = [0x03, 0x02, .. new byte[32], 0, 0, 2, 0xC0, 0x13, 1, 0];
        await socket.SendAsync((byte[])[0x16, 0x03, 0x01, 0, (byte)(hello.Length + 4), 1, 0, 0, (byte)hello.Length, .. hello]);
        Assert.Equal((TlsProgress.Failed, TlsFailure.Version), await server.Shaken.Task.WaitAsync(s_patience, TestContext.Current.CancellationToken));

        // An alert protocol_version (70), then the end.
        byte[] answer = new byte[64];
        int got = await socket.ReceiveAsync(answer);
        Assert.Equal([0x15, 2, 70], (byte[])[answer[0], answer[got - 2], answer[got - 1]]);
    }

    [Fact]
    public async Task An_application_protocol_is_chosen_and_a_client_that_offers_only_others_is_refused()
    {
        await using var loop = new TestLoop();
        (_, SslStream client) = await ConnectAsync(loop, "shop.test", SslProtocols.Tls13, SslApplicationProtocol.Http2, SslApplicationProtocol.Http11);
        await using SslStream first = client;
        Assert.Equal(SslApplicationProtocol.Http11, client.NegotiatedApplicationProtocol);
        Assert.Equal((TlsProgress.Failed, TlsFailure.Alpn), await RefusedAsync(loop, "shop.test", new SslApplicationProtocol("smtp")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_session_tells_an_end_that_was_said_from_a_cut(bool isSaid)
    {
        await using var loop = new TestLoop();
        (TlsEcho server, SslStream client) = await ConnectAsync(loop, "shop.test", SslProtocols.Tls13);
        if (isSaid)
        {
            await client.ShutdownAsync();
        }

        await client.DisposeAsync();
        Assert.Equal(0, await server.Ended.Task.WaitAsync(s_patience, TestContext.Current.CancellationToken));
        Assert.Equal(isSaid, server.WasToldOfTheEnd);
    }

    [Fact]
    public async Task A_handshake_that_comes_byte_by_byte_is_completed()
    {
        await using var loop = new TestLoop();
        Task<(TlsEcho Server, Socket Socket)> dialled = DialAsync(loop);
        (TlsEcho server, Socket socket) = await dialled;
        await using var client = new SslStream(
            new OneByteStream(new NetworkStream(socket, ownsSocket: true)), leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await client.AuthenticateAsClientAsync("shop.test").WaitAsync(s_patience, TestContext.Current.CancellationToken);
        Assert.Equal(TlsProgress.Done, (await server.Shaken.Task.WaitAsync(s_patience, TestContext.Current.CancellationToken)).Progress);
        await client.WriteAsync("one by one"u8.ToArray(), TestContext.Current.CancellationToken);
        byte[] got = new byte[10];
        await client.ReadExactlyAsync(got, TestContext.Current.CancellationToken).AsTask().WaitAsync(s_patience, TestContext.Current.CancellationToken);
        Assert.Equal("one by one", Encoding.ASCII.GetString(got));
    }

    [Fact]
    public async Task An_error_that_something_else_has_left_on_the_thread_is_no_fault_of_a_session()
    {
        await using var loop = new TestLoop();
        await loop.RunAsync(StrayError.Leave);
        (TlsEcho server, Socket socket) = await DialAsync(loop);

        // Records that come in parts: the session wants more bytes.
        var pieces = new OneByteStream(new NetworkStream(socket, ownsSocket: true));
        await using var client = new SslStream(pieces, leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await client.AuthenticateAsClientAsync("shop.test").WaitAsync(s_patience, TestContext.Current.CancellationToken);
        await loop.RunAsync(StrayError.Leave);
        byte[] sent = new byte[100], got = new byte[sent.Length];
        await client.WriteAsync(sent, TestContext.Current.CancellationToken);
        await client.ReadExactlyAsync(got, TestContext.Current.CancellationToken).AsTask().WaitAsync(s_patience, TestContext.Current.CancellationToken);
        Assert.False(server.Ended.Task.IsCompleted);
    }

    [Fact]
    public async Task Garbage_behind_the_handshake_ends_the_connection()
    {
        await using var loop = new TestLoop();
        (TlsEcho server, Socket socket) = await DialAsync(loop);
        await using var client = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await client.AuthenticateAsClientAsync("shop.test").WaitAsync(s_patience, TestContext.Current.CancellationToken);
        await server.Shaken.Task.WaitAsync(s_patience, TestContext.Current.CancellationToken);
        await socket.SendAsync("\x17\x03\x03\x00\x20this is no record of this session"u8.ToArray());
        Assert.Equal(Connection.Broken, await server.Ended.Task.WaitAsync(s_patience, TestContext.Current.CancellationToken));
    }

    private async Task<(TlsEcho Server, SslStream Client)> ConnectAsync(
        TestLoop loop, string name, SslProtocols version, params SslApplicationProtocol[] protocols)
    {
        (TlsEcho server, Socket socket) = await DialAsync(loop);
        var client = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await client.AuthenticateAsClientAsync(Options(name, version, protocols)).WaitAsync(s_patience);
        Assert.Equal((TlsProgress.Done, TlsFailure.None), await server.Shaken.Task.WaitAsync(s_patience));
        return (server, client);
    }

    private async Task<(TlsProgress Progress, TlsFailure Failure)> RefusedAsync(TestLoop loop, string name, params SslApplicationProtocol[] protocols)
    {
        (TlsEcho server, Socket socket) = await DialAsync(loop);
        await using var client = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await Assert.ThrowsAnyAsync<AuthenticationException>(
            () => client.AuthenticateAsClientAsync(Options(name, SslProtocols.None, protocols)).WaitAsync(s_patience));
        return await server.Shaken.Task.WaitAsync(s_patience);
    }

    private static SslClientAuthenticationOptions Options(string name, SslProtocols version, SslApplicationProtocol[] protocols) => new()
    {
        TargetHost = name,
        EnabledSslProtocols = version,
        ApplicationProtocols = protocols.Length == 0 ? null : [.. protocols],
        RemoteCertificateValidationCallback = (_, _, _, _) => true,
    };

    private async Task<(TlsEcho Server, Socket Socket)> DialAsync(TestLoop loop)
    {
        var accepted = new TaskCompletionSource<TlsEcho>(TaskCreationOptions.RunContinuationsAsynchronously);
        Listener listener = await loop.ListenAsync(fd => accepted.SetResult(new TlsEcho(loop, fd, _frontend)));
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, listener.Endpoint.Port));
        return (await accepted.Task.WaitAsync(s_patience), socket);
    }
}
