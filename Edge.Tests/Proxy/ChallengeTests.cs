using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Certificates;
using Edge.Io;
using Edge.Tests.Backends;
using Edge.Tests.Tls;

namespace Edge.Tests.Proxy;

/// <summary>What a certificate authority gets to see on the listeners, and what all others do.</summary>
public sealed class ChallengeTests
{
    private const string Path = "/.well-known/acme-challenge/";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly SslApplicationProtocol s_challenge = new("acme-tls/1");

    [Fact]
    public async Task A_token_is_answered_over_plain_HTTP_while_it_is_there_and_all_else_is_the_replicas()
    {
        await using var balancer = new TestBalancer(Replica());
        Assert.Equal("replica", (await balancer.GetAsync(Path + "abc")).Text);
        balancer.Plane.Tokens.Put("abc", "abc.thumb");
        balancer.Plane.Tokens.Put("def", "def.thumb");
        Message answer = await balancer.GetAsync(Path + "abc");
        Assert.Equal((200, "abc.thumb"), (answer.Status, answer.Text));
        Assert.Equal("abc.thumb", (await balancer.GetAsync(Path + "abc?query")).Text);
        Assert.Equal("def.thumb", (await balancer.GetAsync(Path + "def")).Text);
        Assert.Equal("replica", (await balancer.GetAsync(Path + "abcd")).Text);
        Assert.Equal("replica", (await balancer.GetAsync(Path)).Text);
        Assert.Equal("replica", (await balancer.GetAsync("/.well-known/security.txt")).Text);
        Message posted = await balancer.AskAsync($"POST {Path}abc HTTP/1.1\r\nHost: example.org\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal((405, "GET, HEAD"), (posted.Status, posted.Field("Allow")));
        balancer.Plane.Tokens.Remove("abc");
        Assert.Equal("replica", (await balancer.GetAsync(Path + "abc")).Text);
        Assert.Equal("def.thumb", (await balancer.GetAsync(Path + "def")).Text);
    }

    [Fact]
    public async Task Over_TLS_a_token_is_a_path_as_any_other()
    {
        await using TestBalancer balancer = TestBalancer.WithTls(TestFrontend.New(), null, Replica());
        balancer.Plane.Tokens.Put("abc", "abc.thumb");
        Assert.Equal("replica", (await balancer.GetAsync(Path + "abc")).Text);
    }

    [Fact]
    public async Task The_authority_gets_the_proof_by_its_protocol_and_the_connection_ends_and_others_notice_nothing()
    {
        using TlsFrontend frontend = TestFrontend.New();
        await using TestBalancer balancer = TestBalancer.WithTls(frontend, null, Replica());
        var board = new ChallengeBoard(balancer.Plane.Tokens, proofs => frontend.Challenges = proofs, frontend.Tickets, TimeProvider.System);
        await Assert.ThrowsAnyAsync<Exception>(() => ShakeAsync(balancer, "example.org", s_challenge));
        using (board.Put(ChallengeKind.TlsAlpn, "example.org", "token", "token.thumb"))
        {
            await using SslStream authority = await ShakeAsync(balancer, "EXAMPLE.org", s_challenge);
            Assert.Equal(s_challenge, authority.NegotiatedApplicationProtocol);
            X509Extension proof = ((X509Certificate2)authority.RemoteCertificate!).Extensions["1.3.6.1.5.5.7.1.31"]!;
            Assert.Equal([0x04, 0x20, .. SHA256.HashData("token.thumb"u8)], proof.RawData);
            Assert.Equal(0, await authority.ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask().WaitAsync(s_patience));

            // Another name, another protocol beside it, or none of it.
            await Assert.ThrowsAnyAsync<Exception>(() => ShakeAsync(balancer, "other.example", s_challenge));
            await using SslStream both = await ShakeAsync(balancer, "example.org", s_challenge, SslApplicationProtocol.Http11);
            Assert.Equal(SslApplicationProtocol.Http11, both.NegotiatedApplicationProtocol);
            Assert.Null(((X509Certificate2)both.RemoteCertificate!).Extensions["1.3.6.1.5.5.7.1.31"]);
            Assert.Equal("replica", (await balancer.GetAsync()).Text);
        }

        Assert.Null(frontend.Challenges);
        await Assert.ThrowsAnyAsync<Exception>(() => ShakeAsync(balancer, "example.org", s_challenge));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Where_clients_have_to_show_a_certificate_the_authority_needs_none_and_gets_the_proof_alone(SslProtocols version)
    {
        using X509Certificate2 clients = TestCertificates.MakeAuthority("clients");
        using TlsFrontend frontend = TestFrontend.New();
        frontend.Verify(ClientVerification.Read(TestCertificates.Pem(clients), isRequired: true))();
        await using TestBalancer balancer = TestBalancer.WithTls(frontend, null, Replica());
        var board = new ChallengeBoard(balancer.Plane.Tokens, proofs => frontend.Challenges = proofs, frontend.Tickets, TimeProvider.System);
        Assert.Equal("", await RequestAsync(balancer, version, SslApplicationProtocol.Http11));
        using (board.Put(ChallengeKind.TlsAlpn, "example.org", "token", "token.thumb"))
        {
            await using SslStream authority = await ShakeAsync(balancer, "example.org", version, s_challenge);
            Assert.Equal(s_challenge, authority.NegotiatedApplicationProtocol);
            Assert.NotNull(((X509Certificate2)authority.RemoteCertificate!).Extensions["1.3.6.1.5.5.7.1.31"]);
            Assert.Equal(0, await authority.ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask().WaitAsync(s_patience));

            // A request behind the proof's handshake is nobody's, and all other handshakes need a certificate.
            Assert.Equal("", await RequestAsync(balancer, version, s_challenge));
            Assert.Equal("", await RequestAsync(balancer, version, s_challenge, SslApplicationProtocol.Http11));
            Assert.Equal("", await RequestAsync(balancer, version, SslApplicationProtocol.Http11));
            Assert.Equal("", await RequestAsync(balancer, version));
        }

        Assert.Equal("", await RequestAsync(balancer, version, s_challenge));
    }

    // What comes back for a request: nothing where the handshake fails, or the connection ends.
    private static async Task<string> RequestAsync(TestBalancer balancer, SslProtocols version, params SslApplicationProtocol[] protocols)
    {
        try
        {
            await using SslStream stream = await ShakeAsync(balancer, "example.org", version, protocols);
            await stream.WriteAsync("GET / HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(s_patience);
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            return "";
        }
    }

    private static Backend Replica() => new(Scripts.Always("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nreplica"));

    private static Task<SslStream> ShakeAsync(TestBalancer balancer, string name, params SslApplicationProtocol[] protocols) =>
        ShakeAsync(balancer, name, SslProtocols.None, protocols);

    private static async Task<SslStream> ShakeAsync(TestBalancer balancer, string name, SslProtocols version, params SslApplicationProtocol[] protocols)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(balancer.Plane.Endpoint);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = name,
                ApplicationProtocols = [.. protocols],
                EnabledSslProtocols = version,
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            }).WaitAsync(s_patience);
            return stream;
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            await stream.DisposeAsync();
            throw;
        }
    }
}
