using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Edge.Io;
using Edge.Tests.Tls;

namespace Edge.Tests.Io;

/// <summary>The process's own TLS connections, against the framework's server.</summary>
public sealed class TlsClientStreamTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly X509Certificate2 _root = TestCertificates.MakeAuthority("root");
    private readonly TlsClientContext _trust;

    public TlsClientStreamTests() => _trust = new TlsClientContext([TestCertificates.Pem(_root)]);

    public void Dispose()
    {
        _trust.Dispose();
        _root.Dispose();
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Bytes_go_both_ways_at_once_and_the_end_is_told_from_a_cut(SslProtocols version)
    {
        using X509Certificate2 own = Signed("server.test");
        (TlsClientStream stream, SslStream peer) = await ConnectAsync(own, "server.test", version);
        byte[] sent = new byte[1_000_000];
        new Random(1).NextBytes(sent);
        Task echo = EchoAsync(peer, sent.Length);
        Task writing = stream.WriteAsync(sent, TestContext.Current.CancellationToken).AsTask();
        byte[] got = new byte[sent.Length];
        await stream.ReadExactlyAsync(got, TestContext.Current.CancellationToken).AsTask().WaitAsync(s_patience);
        await writing;
        await echo;
        Assert.Equal(sent, got);
        Assert.Equal(SslApplicationProtocol.Http11, peer.NegotiatedApplicationProtocol);
        await peer.ShutdownAsync();
        Assert.Equal(0, await stream.ReadAsync(got, TestContext.Current.CancellationToken).AsTask().WaitAsync(s_patience));
        await stream.DisposeAsync();
        Assert.Equal(0, await peer.ReadAsync(got, TestContext.Current.CancellationToken).AsTask().WaitAsync(s_patience));
        await peer.DisposeAsync();
    }

    [Fact]
    public async Task An_error_that_something_else_has_left_on_the_thread_is_no_fault_of_the_session()
    {
        using X509Certificate2 own = Signed("server.test");
        (TlsClientStream stream, SslStream peer) = await ConnectAsync(own, "server.test");
        await using TlsClientStream near = stream;
        await using SslStream far = peer;
        byte[] got = new byte[3];

        // Nothing is there yet: the session wants more bytes, on the thread with the error.
        StrayError.Leave();
        ValueTask<int> reading = near.ReadAsync(got, TestContext.Current.CancellationToken);
        await far.WriteAsync("one"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(3, await reading.AsTask().WaitAsync(s_patience));
    }

    [Fact]
    public async Task A_connection_that_ends_without_being_told_is_cut()
    {
        using X509Certificate2 own = Signed("server.test");
        (TlsClientStream stream, SslStream peer) = await ConnectAsync(own, "server.test");
        await using TlsClientStream _ = stream;
        await peer.DisposeAsync();
        IOException cut = await Assert.ThrowsAsync<IOException>(() => stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask());
        Assert.Equal("the connection was cut", cut.Message);
    }

    [Theory]
    [InlineData("server.test", "server.test", true)]
    [InlineData("*.server.test", "www.server.test", true)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("server.test", "other.test", false)]
    [InlineData("*.server.test", "a.www.server.test", false)]
    [InlineData("w*.server.test", "www.server.test", false)]
    [InlineData("server.test", "127.0.0.1", false)]
    [InlineData("127.0.0.1", "127.0.0.2", false)]
    public async Task A_server_has_to_be_who_it_was_called(string name, string called, bool isBelieved)
    {
        using X509Certificate2 own = Signed(name);
        if (isBelieved)
        {
            (TlsClientStream stream, SslStream peer) = await ConnectAsync(own, called);
            await stream.DisposeAsync();
            await peer.DisposeAsync();
            return;
        }

        string why = await RefusedAsync(own, called);
        Assert.Contains("its certificate does not verify:", why, StringComparison.Ordinal);
        Assert.Contains("mismatch", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_no_root_vouches_for_is_not_believed()
    {
        using X509Certificate2 own = Exported(TestCertificates.Make(["server.test"]));
        Assert.Contains("self-signed certificate", await RefusedAsync(own, "server.test"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_speak_TLS_is_told_from_others()
    {
        (Socket near, Socket far) = await PairAsync();
        using Socket _ = far;
        await far.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        IOException failed = await Assert.ThrowsAnyAsync<IOException>(
            () => TlsClientStream.ConnectAsync(new NetworkStream(near, true), _trust, "server.test", TestContext.Current.CancellationToken));
        Assert.Contains("wrong version number", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_closes_or_says_nothing_ends_the_handshake()
    {
        (Socket near, Socket far) = await PairAsync();
        far.Dispose();
        await Assert.ThrowsAnyAsync<IOException>(
            () => TlsClientStream.ConnectAsync(new NetworkStream(near, true), _trust, "server.test", TestContext.Current.CancellationToken));
        (near, far) = await PairAsync();
        using Socket silent = far;
        using var end = new CancellationTokenSource();
        Task<TlsClientStream> connecting = TlsClientStream.ConnectAsync(new NetworkStream(near, true), _trust, "server.test", end.Token);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
    }

    [Fact]
    public void A_text_without_a_root_is_refused() => Assert.Throws<TlsException>(() => new TlsClientContext(["nothing\n"u8.ToArray()]));

    private async Task<string> RefusedAsync(X509Certificate2 own, string called) =>
        (await Assert.ThrowsAnyAsync<IOException>(() => ConnectAsync(own, called))).Message;

    private async Task<(TlsClientStream Stream, SslStream Peer)> ConnectAsync(X509Certificate2 own, string called, SslProtocols version = SslProtocols.None)
    {
        (Socket near, Socket far) = await PairAsync();
        var peer = new SslStream(new NetworkStream(far, true));
        Task shaking = peer.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = own,
            EnabledSslProtocols = version,
            ApplicationProtocols = [SslApplicationProtocol.Http11],
        });
        try
        {
            TlsClientStream stream = await TlsClientStream.ConnectAsync(new NetworkStream(near, true), _trust, called, TestContext.Current.CancellationToken)
                .WaitAsync(s_patience);
            await shaking.WaitAsync(s_patience);
            return (stream, peer);
        }
        catch
        {
            await Assert.ThrowsAnyAsync<Exception>(() => shaking.WaitAsync(s_patience));
            await peer.DisposeAsync();
            throw;
        }
    }

    private static async Task EchoAsync(SslStream peer, int length)
    {
        byte[] area = new byte[10_000];
        while (length > 0)
        {
            int got = await peer.ReadAsync(area);
            await peer.WriteAsync(area.AsMemory(0, got));
            length -= got;
        }
    }

    private X509Certificate2 Signed(string name) => Exported(TestCertificates.Sign(_root, [name]));

    // The framework's server needs the key in a store of its own.
    private static X509Certificate2 Exported(X509Certificate2 made)
    {
        using X509Certificate2 _ = made;
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private static async Task<(Socket Near, Socket Far)> PairAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await near.ConnectAsync(listener.LocalEndpoint);
        return (near, await listener.AcceptSocketAsync());
    }
}
