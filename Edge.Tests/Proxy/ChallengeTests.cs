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

    private static Backend Replica() => new(Scripts.Always("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nreplica"));

    private static async Task<SslStream> ShakeAsync(TestBalancer balancer, string name, params SslApplicationProtocol[] protocols)
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
