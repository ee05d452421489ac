using System.Net;
using System.Threading.Channels;
using Edge.Fleet;
using Edge.Options;
using Edge.Tests.Backends;

namespace Edge.Tests.Fleet;

public sealed class HealthProberTests
{
    private static readonly HealthOptions Quick = new()
    {
        Interval = TimeSpan.FromMilliseconds(1),
        StartInterval = TimeSpan.FromMilliseconds(1),
        Timeout = TimeSpan.FromSeconds(10),
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(200, true, true)]
    [InlineData(204, true, true)]
    [InlineData(302, false, true)]
    [InlineData(404, false, true)]
    [InlineData(500, false, false)]
    [InlineData(503, false, false)]
    public async Task Owned_replicas_have_to_answer_2xx_and_others_anything_below_500(int status, bool passesOwned, bool passesOther)
    {
        await using var server = new TinyServer(_ => TinyServer.Response(status));
        Assert.Equal(passesOwned ? null : $"{server.Url}x answered {status}", await CheckAsync(server, "/x", owned: true));
        Assert.Equal(passesOther ? null : $"{server.Url}x answered {status}", await CheckAsync(server, "/x", owned: false));
    }

    [Fact]
    public async Task Each_check_has_a_connection_of_its_own()
    {
        await using var server = new TinyServer(_ => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        var prober = new HealthProber(Quick, TimeSpan.FromSeconds(1), owned: true, TimeProvider.System);
        Assert.Null(await prober.CheckAsync(new HealthCheck(server.Address, "/"), Cancellation));
        Assert.Null(await prober.CheckAsync(new HealthCheck(server.Address, "/"), Cancellation));
        Assert.All(server.Requests, r => Assert.Contains("Connection: close", r, StringComparison.Ordinal));
        Assert.StartsWith("GET / HTTP/1.1\r\n", server.Requests.First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_connection_is_a_reason()
    {
        var server = new TinyServer(_ => null);
        await server.DisposeAsync();
        Assert.Equal($"{server.Url} failed: Connection refused", await CheckAsync(server, "/", owned: true));
    }

    [Fact]
    public async Task No_answer_in_time_is_a_reason()
    {
        await using var server = new TinyServer(_ => null);
        var options = new HealthOptions { Timeout = TimeSpan.FromMilliseconds(50) };
        var prober = new HealthProber(options, TimeSpan.FromSeconds(1), owned: true, TimeProvider.System);
        Assert.Equal($"{server.Url} did not answer within 0.05 s", await prober.CheckAsync(new HealthCheck(server.Address, "/"), Cancellation));
    }

    [Fact]
    public async Task Verdicts_follow_a_replica_through_good_and_bad_times()
    {
        int checks = 0;
        bool[] script = [false, true, true, false, false, true, false, false, false, true, true];
        await using var server = new TinyServer(_ =>
        {
            int check = Interlocked.Increment(ref checks) - 1;
            return TinyServer.Response(check >= script.Length || script[check] ? 200 : 500);
        });
        Assert.Equal(
            [
                HealthVerdict.NotYet, HealthVerdict.Passed, HealthVerdict.Wavered, HealthVerdict.Passed,
                HealthVerdict.Wavered, HealthVerdict.Failed, HealthVerdict.Passed,
            ],
            await VerdictsAsync(server.Address, Quick, TimeSpan.FromMinutes(1), 7));
    }

    [Fact]
    public async Task One_that_never_passes_is_wedged_after_the_start_timeout()
    {
        await using var server = new TinyServer(_ => TinyServer.Response(500));
        Assert.Equal([HealthVerdict.Wedged], await VerdictsAsync(server.Address, Quick, TimeSpan.Zero, 1));
    }

    [Theory]
    [InlineData("", "it closed the connection before it answered")]
    [InlineData("HTTP/1.1 20", "it closed the connection before it answered")]
    [InlineData("HTTP/2.0 200 OK\r\n\r\n", "its answer is not HTTP/1.x")]
    [InlineData("220 mail.example ESMTP\r\n", "its answer is not HTTP/1.x")]
    [InlineData("HTTP/1.1 2x0 OK\r\n\r\n", "its answer is not HTTP/1.x")]
    public async Task What_is_no_answer_is_a_reason(string answer, string reason)
    {
        await using var backend = new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync(answer);
        });
        var prober = new HealthProber(Quick, TimeSpan.FromSeconds(1), owned: false, TimeProvider.System);
        Assert.Equal($"http://{backend.Address}/ failed: {reason}", await prober.CheckAsync(new HealthCheck(backend.Address, "/"), Cancellation));
    }

    private static async Task<string?> CheckAsync(TinyServer server, string path, bool owned)
    {
        var prober = new HealthProber(Quick, TimeSpan.FromSeconds(1), owned, TimeProvider.System);
        return await prober.CheckAsync(new HealthCheck(server.Address, path), Cancellation);
    }

    private static async Task<List<HealthVerdict>> VerdictsAsync(IPEndPoint address, HealthOptions options, TimeSpan start, int count)
    {
        var prober = new HealthProber(options, start, owned: true, TimeProvider.System);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var verdicts = Channel.CreateUnbounded<HealthVerdict>();
        Task watching = prober.WatchAsync(address, (verdict, _) => verdicts.Writer.TryWrite(verdict), end.Token);
        var told = new List<HealthVerdict>();
        while (told.Count < count)
        {
            told.Add(await verdicts.Reader.ReadAsync(end.Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
        }

        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
        return told;
    }
}
