using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Edge.Config;
using Edge.Io;
using Edge.Routing;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Io;
using Edge.Tests.Tls;

namespace Edge.Tests.Proxy;

/// <summary>Replicas that speak TLS: what of it the client sees, and what is done with those that cannot be believed.</summary>
public sealed class ReplicaTlsTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

    private static readonly SslServerAuthenticationOptions s_good = Showing(TestReplicas.Name);

    /// <summary>What is wrong with a replica.</summary>
    public enum Wrong
    {
        Name,
        Authority,
        Expired,
        PlainHttp,
        EndsHandshake,
        ResetsHandshake,
    }

    [Fact]
    public async Task Requests_go_over_one_kept_connection_and_one_handshake()
    {
        await using var balancer = new TestBalancer(o => o with { Loops = 1 }, null, Secure(Scripts.Echo));
        using Wire client = await balancer.ConnectAsync();
        for (int i = 0; i < 20; i++)
        {
            await client.SendAsync($"POST /{i} HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\n\r\nhello");
            Message answer = await client.ReadMessageAsync();
            Assert.Equal(200, answer.Status);
            Assert.EndsWith("hello", answer.Text, StringComparison.Ordinal);
        }

        LoopCounters figures = balancer.Plane.Figures(0);
        Assert.Equal((1, 0), (figures.ReplicaHandshakes, figures.ReplicaHandshakesResumed));
        Assert.Equal((1, 19), (figures.PoolMisses, figures.PoolHits));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Large_bodies_go_both_ways_whole(bool isChunked)
    {
        byte[] body = RandomNumberGenerator.GetBytes(3_000_000);
        await using var balancer = new TestBalancer(Secure(async wire =>
        {
            Message asked = await wire.ReadMessageAsync();
            await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {asked.Body.Length}\r\n\r\n");
            await wire.SendAsync(asked.Body);
            await wire.ReadToEndAsync();
        }));
        using Wire client = await balancer.ConnectAsync();
        string framing = isChunked ? "Transfer-Encoding: chunked" : $"Content-Length: {body.Length}";
        Task<Message> reading = client.ReadMessageAsync();
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: example.org\r\n{framing}\r\n\r\n");
        foreach (byte[] piece in body.Chunk(70_001))
        {
            await client.SendAsync(isChunked ? [.. Encoding.ASCII.GetBytes($"{piece.Length:x}\r\n"), .. piece, .. "\r\n"u8] : piece);
        }

        await client.SendAsync(isChunked ? "0\r\n\r\n" : "");
        Assert.Equal(body, (await reading).Body);
    }

    [Fact]
    public async Task Records_that_come_byte_by_byte_are_put_together()
    {
        var backend = new Backend(Scripts.Echo, tls: s_good) { Reshape = stream => new OneByteStream(stream) };
        await using var balancer = new TestBalancer(backend);
        string body = new('x', 3000);
        for (int i = 0; i < 3; i++)
        {
            Message answer = await balancer.AskAsync($"POST / HTTP/1.1\r\nHost: example.org\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            Assert.EndsWith(body, answer.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_later_connection_goes_on_with_the_keys_of_an_earlier_one()
    {
        await using var balancer = new TestBalancer(o => o with { Loops = 1 }, null, Secure(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
        }));
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("hi", (await balancer.GetAsync()).Text);
        }

        LoopCounters figures = balancer.Plane.Figures(0);
        Assert.Equal((5, 4), (figures.ReplicaHandshakes, figures.ReplicaHandshakesResumed));
    }

    [Theory]
    [InlineData(Wrong.Name, nameof(Reason.CertificateInvalid), "has a certificate that does not verify")]
    [InlineData(Wrong.Authority, nameof(Reason.CertificateInvalid), "has a certificate that does not verify")]
    [InlineData(Wrong.Expired, nameof(Reason.CertificateInvalid), "has a certificate that does not verify")]
    [InlineData(Wrong.PlainHttp, nameof(Reason.HandshakeFailed), "broke off the TLS handshake")]
    [InlineData(Wrong.EndsHandshake, nameof(Reason.HandshakeFailed), "broke off the TLS handshake")]
    [InlineData(Wrong.ResetsHandshake, nameof(Reason.HandshakeFailed), "broke off the TLS handshake")]
    public async Task A_replica_that_cannot_be_believed_gets_no_byte_of_a_request_and_another_one_does(Wrong what, string reason, string text)
    {
        bool wasAsked = false;
        await using Backend bad = Make(what, () => wasAsked = true), good = Secure(Scripts.Always(Ok));
        await using var balancer = new TestBalancer(o => o with { Loops = 1, Fleet = new() { Pick = FleetPick.RoundRobin } }, null);
        Replica first = Over(10, bad), second = Over(11, good);
        var ejected = new TaskCompletionSource<Replica>();
        balancer.Plane.EjectionDue += replica => ejected.TrySetResult(replica);
        balancer.Plane.Publish(new ReplicaTable([first]));
        Message alone = await balancer.AskAsync("POST / HTTP/1.1\r\nHost: example.org\r\nContent-Length: 2\r\n\r\nhi");
        Assert.Equal(502, alone.Status);
        Assert.Contains(text, alone.Text, StringComparison.Ordinal);
        balancer.Plane.Publish(new ReplicaTable([first, second]));
        for (int i = 0; i < 4; i++)
        {
            Message answer = await balancer.AskAsync("POST / HTTP/1.1\r\nHost: example.org\r\nContent-Length: 2\r\n\r\nhi");
            Assert.Equal("server_11", answer.Field("X-Edge-Replica"));
        }

        LoopCounters figures = balancer.Plane.Figures(0);
        Assert.InRange(figures.Retries[(int)Enum.Parse<Reason>(reason)], 1, 10);
        Assert.InRange(first.Totals().Failures, 2, 10);
        Assert.Same(first, await ejected.Task.WaitAsync(TestContext.Current.CancellationToken));
        Assert.False(wasAsked);
    }

    [Fact]
    public async Task A_handshake_that_hangs_ends_with_the_time_to_connect_and_another_replica_answers()
    {
        await using Backend hung = Plain(Scripts.NeverAnswers), good = Secure(Scripts.Always(Ok));
        await using var balancer = new TestBalancer(
            o => o with { Loops = 1, Fleet = new() { Pick = FleetPick.RoundRobin }, Timeouts = new() { Connect = TimeSpan.FromMilliseconds(200) } }, null);
        balancer.Plane.Publish(new ReplicaTable([Over(10, hung), Over(11, good)]));
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal("server_11", (await balancer.GetAsync()).Field("X-Edge-Replica"));
        }

        Assert.InRange(balancer.Plane.Figures(0).Retries[(int)Reason.ConnectTimeout], 1, 2);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("", false)]
    [InlineData("Content-Length: 4\r\n", true)]
    [InlineData("Content-Length: 4\r\n", false)]
    public async Task An_answer_that_ends_with_the_connection_is_whole_only_if_the_replica_says_the_end(string length, bool saysEnd)
    {
        await using var balancer = new TestBalancer(Secure(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync($"HTTP/1.1 200 OK\r\n{length}Connection: close\r\n\r\ndata");
            if (saysEnd)
            {
                await wire.SayEndAsync();
            }

            wire.Socket.Dispose();
        }));
        using Wire client = await balancer.ConnectAsync();

        // Version 1.0 knows no chunks: with them, a cut answer would be seen by the missing last one.
        await client.SendAsync("GET / HTTP/1.0\r\nHost: example.org\r\n\r\n");
        await client.ReadHeadAsync();
        if (saysEnd || length.Length > 0)
        {
            Assert.Equal("data", await client.ReadToEndAsync());
        }
        else
        {
            await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(client.ReadToEndAsync);
        }
    }

    [Fact]
    public async Task A_tunnel_passes_both_ways_and_ends_on_one_side_after_the_other()
    {
        await using var balancer = new TestBalancer(Secure(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync(Switching.Answer + "welcome");
            Assert.Equal("hello", Encoding.Latin1.GetString(await wire.ReadExactlyAsync(5)));
            Assert.Equal("", await wire.ReadToEndAsync());
            await wire.SendAsync("bye");
        }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Switching.Offer);
        await client.ReadHeadAsync();
        Assert.Equal("welcome", Encoding.Latin1.GetString(await client.ReadExactlyAsync(7)));
        await client.SendAsync("hello");
        client.Finish();
        Assert.Equal("bye", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_kept_connection_that_the_replica_ends_meanwhile_costs_no_request()
    {
        int served = 0;
        var ended = new SemaphoreSlim(0);
        await using var balancer = new TestBalancer(o => o with { Loops = 1 }, null, Secure(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync(Ok);
            Interlocked.Increment(ref served);
            await wire.SayEndAsync();
            wire.Socket.Dispose();
            ended.Release();
        }));
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal("hi", (await balancer.GetAsync()).Text);
            await ended.WaitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(6, served);
    }

    [Fact]
    public async Task Without_verification_every_certificate_will_do()
    {
        await using Backend any = new(Scripts.Always(Ok), tls: Wrongly(Wrong.Authority));
        await using var balancer = new TestBalancer(o => o with { Loops = 1 }, null);
        balancer.Plane.Use(TestReplicas.Made(new TlsClientContext(null)));
        balancer.Plane.Publish(new ReplicaTable([Over(10, any)]));
        Assert.Equal("hi", (await balancer.GetAsync()).Text);
    }

    [Fact]
    public async Task A_replica_of_which_nobody_is_known_who_could_vouch_for_it_gets_nothing_in_the_clear()
    {
        await using Backend any = Plain(Scripts.Always(Ok));
        await using var balancer = new TestBalancer(o => o with { Loops = 1 }, null);
        balancer.Plane.Use(new Lazy<TlsClientContext>(() => throw new IOException("there are no roots")));
        balancer.Plane.Publish(new ReplicaTable([Over(10, any)]));
        Assert.Equal(502, (await balancer.GetAsync()).Status);
        Assert.Equal(0, any.Connections);
    }

    private static Replica Over(int slot, Backend backend) =>
        new(slot, $"server_{slot}", backend.Address, 1, 1) { TlsName = TestReplicas.Name, EjectAfter = 2 };

    private static Backend Secure(Func<Wire, Task> script) => new(script, tls: s_good);

    private static Backend Plain(Func<Wire, Task> script) => new(script) { IsPlain = true };

    private static Backend Make(Wrong what, Action asked) => what switch
    {
        Wrong.PlainHttp => Plain(async wire =>
        {
            // As a server of plain HTTP answers what it does not understand.
            await wire.ReadExactlyAsync(5);
            await wire.SendAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            await wire.ReadToEndAsync();
        }),
        Wrong.EndsHandshake => Plain(wire => wire.ReadExactlyAsync(5)),
        Wrong.ResetsHandshake => Plain(async wire =>
        {
            await wire.ReadExactlyAsync(5);
            wire.Reset();
        }),
        _ => new Backend(
            async wire =>
            {
                if (await wire.ReadSomeAsync(new byte[1]) > 0)
                {
                    asked();
                }
            },
            tls: Wrongly(what)),
    };

    private static SslServerAuthenticationOptions Wrongly(Wrong what) => what switch
    {
        Wrong.Name => Showing("other.example"),
        Wrong.Authority => TestReplicas.Showing(TestCertificates.Make([TestReplicas.Name])),
        _ => TestReplicas.Showing(TestCertificates.Sign(
            TestReplicas.Authority, [TestReplicas.Name], from: DateTimeOffset.UtcNow.AddHours(-20), until: DateTimeOffset.UtcNow.AddHours(-1))),
    };

    private static SslServerAuthenticationOptions Showing(string name)
    {
        X509Certificate2 certificate = TestCertificates.Sign(TestReplicas.Authority, [name]);
        return TestReplicas.Showing(certificate);
    }
}
