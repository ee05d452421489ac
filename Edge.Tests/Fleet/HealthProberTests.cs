using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Edge.Config;
using Edge.Drivers;
using Edge.Fleet;
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
    [InlineData(302, true, true)]
    [InlineData(404, false, true)]
    [InlineData(500, false, false)]
    [InlineData(503, false, false)]
    public async Task At_a_configured_path_a_good_answer_is_expected_and_at_none_one_below_500(int status, bool passesPath, bool passesNone)
    {
        await using var server = new TinyServer(_ => TinyServer.Response(status));
        Assert.Equal(passesPath, await CheckAsync(server, Quick with { Path = "/x" }) is null);
        Assert.Equal(passesNone, await CheckAsync(server, Quick) is null);
        Assert.Equal(["/x", "/heartbeat"], server.Requests.Select(r => r.Split(' ')[1]));
    }

    [Fact]
    public async Task Each_check_has_a_connection_of_its_own()
    {
        await using var server = new TinyServer(_ => TinyServer.Response(200));
        HealthProber prober = Prober(Quick);
        Assert.Null(await prober.CheckAsync(Check(server.Address, Quick), Cancellation));
        Assert.Null(await prober.CheckAsync(Check(server.Address, Quick), Cancellation));
        Assert.All(server.Requests, r => Assert.Contains("Connection: close", r, StringComparison.Ordinal));
        Assert.StartsWith($"GET /heartbeat HTTP/1.1\r\nHost: {server.Address}\r\n", server.Requests.First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_Host_is_the_one_that_an_application_insists_on()
    {
        await using var server = new TinyServer(r => TinyServer.Response(r.Contains("\r\nHost: shop.example\r\n", StringComparison.Ordinal) ? 200 : 400));
        HealthOptions options = Quick with { Path = "/up" };
        Assert.Equal(
            $"{server.Url}up answered 400 (it may not know the Host {server.Address}: Edge:Health:Host says which one is sent)",
                await CheckAsync(server, options));
        Assert.Null(await CheckAsync(server, options with { Host = "shop.example" }));
    }

    [Fact]
    public async Task A_refused_connection_is_a_reason()
    {
        var server = new TinyServer(_ => null);
        await server.DisposeAsync();
        Assert.StartsWith($"{server.Url}heartbeat failed: Connection refused (the label edge.port", await CheckAsync(server, Quick), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_answer_in_time_is_a_reason()
    {
        await using var server = new TinyServer(_ => null);
        HealthOptions options = Quick with { Timeout = TimeSpan.FromMilliseconds(50) };
        Assert.Equal($"{server.Url}heartbeat did not answer within 0.05 s (Edge:Health:Timeout)", await CheckAsync(server, options));
    }

    [Fact]
    public async Task No_connection_in_time_is_another_reason()
    {
        // A listener whose queue is full accepts no connection, and refuses none.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var address = (IPEndPoint)listener.LocalEndPoint!;
        using var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(address, Cancellation);
        HealthOptions options = Quick with { Timeout = TimeSpan.FromMilliseconds(50) };
        string? reason = await Prober(options).CheckAsync(Check(address, options), Cancellation);
        Assert.StartsWith($"http://{address}/heartbeat could not be reached within 0.05 s (is Edge:Docker:Network", reason, StringComparison.Ordinal);
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
        await using var watched = new Watched(Prober(Quick), Replica(server.Address));
        Assert.Equal(
            [
                HealthVerdict.NotYet, HealthVerdict.Passed, HealthVerdict.Wavered, HealthVerdict.Passed,
                HealthVerdict.Wavered, HealthVerdict.Failed, HealthVerdict.Passed,
            ],
            [
                await watched.NextAsync(), await watched.NextAsync(), await watched.NextAsync(), await watched.NextAsync(),
                await watched.NextAsync(), await watched.NextAsync(), await watched.NextAsync(),
            ]);
    }

    [Fact]
    public async Task A_replica_that_never_passes_is_reported_once_per_start_timeout_and_checked_less_often_then()
    {
        await using var server = new TinyServer(_ => TinyServer.Response(500));
        var clock = new Clock();
        var options = new HealthOptions { StartInterval = TimeSpan.FromSeconds(1.5), Interval = TimeSpan.FromSeconds(2) };
        var prober = new HealthProber(options, TimeSpan.FromSeconds(3), DockerDriver.Abilities, clock.Time);
        await using var watched = new Watched(prober, Replica(server.Address));
        Assert.Equal(HealthVerdict.NotYet, await watched.NextAsync());
        await clock.AdvanceAsync(1.5);
        Assert.Equal(HealthVerdict.NotYet, await watched.NextAsync());
        await clock.AdvanceAsync(1.5);
        Assert.Equal(HealthVerdict.NeverWell, await watched.NextAsync());
        await clock.AdvanceAsync(2);
        Assert.Equal(HealthVerdict.NotYet, await watched.NextAsync());
        await clock.AdvanceAsync(2);
        Assert.Equal(HealthVerdict.NeverWell, await watched.NextAsync());
    }

    [Fact]
    public async Task A_start_period_of_its_own_comes_on_top_of_the_start_timeout()
    {
        await using var server = new TinyServer(_ => TinyServer.Response(500));
        var clock = new Clock();
        var options = new HealthOptions { StartInterval = TimeSpan.FromSeconds(4) };
        var prober = new HealthProber(options, TimeSpan.FromSeconds(4), DockerDriver.Abilities, clock.Time);
        await using var watched = new Watched(prober, Replica(server.Address) with { StartPeriod = TimeSpan.FromSeconds(8) });
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(HealthVerdict.NotYet, await watched.NextAsync());
            await clock.AdvanceAsync(4);
        }

        Assert.Equal(HealthVerdict.NeverWell, await watched.NextAsync());
    }

    [Fact]
    public async Task A_replica_that_fails_for_the_patience_after_it_was_well_is_wedged()
    {
        bool isWell = true;
        await using var server = new TinyServer(_ => TinyServer.Response(Volatile.Read(ref isWell) ? 200 : 500));
        var clock = new Clock();
        var options = new HealthOptions { Interval = TimeSpan.FromSeconds(2), Fall = 1, Patience = TimeSpan.FromSeconds(4) };
        var prober = new HealthProber(options, TimeSpan.FromSeconds(3), DockerDriver.Abilities, clock.Time);
        await using var watched = new Watched(prober, Replica(server.Address));
        Assert.Equal(HealthVerdict.Passed, await watched.NextAsync());
        Volatile.Write(ref isWell, false);
        await clock.AdvanceAsync(2);
        Assert.Equal(HealthVerdict.Failed, await watched.NextAsync());
        await clock.AdvanceAsync(2);
        await clock.AdvanceAsync(2);
        Assert.Equal(HealthVerdict.Wedged, await watched.NextAsync());
        Assert.Equal(4, server.Requests.Count);
    }

    [Fact]
    public async Task Without_health_checks_no_replica_is_asked_and_an_unhealthy_one_is_back()
    {
        await using var server = new TinyServer(_ => TinyServer.Response(500));
        var clock = new Clock();
        var options = new HealthOptions { Interval = TimeSpan.FromSeconds(2), Fall = 1 };
        var prober = new HealthProber(options, TimeSpan.FromSeconds(3), StaticDriver.Abilities, clock.Time);
        await using var watched = new Watched(prober, Replica(server.Address));
        Assert.Equal(HealthVerdict.Failed, await watched.NextAsync());
        prober.Reconfigure(options with { Off = true }, TimeSpan.FromSeconds(3));
        await clock.AdvanceAsync(2);
        Assert.Equal(HealthVerdict.Passed, await watched.NextAsync());
        await clock.AdvanceAsync(2);
        await clock.AdvanceAsync(2);
        prober.Reconfigure(options, TimeSpan.FromSeconds(3));
        await clock.AdvanceAsync(2);
        Assert.Equal(HealthVerdict.Failed, await watched.NextAsync());
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData("", "it closed the connection before it answered")]
    [InlineData("HTTP/1.1 20", "it closed the connection before it answered")]
    [InlineData("HTTP/2.0 200 OK\r\n\r\n", "its answer is not HTTP/1.x")]
    [InlineData("220 mail.example ESMTP\r\n", "its answer is not HTTP/1.x")]
    [InlineData("HTTP/1.1 2x0 OK\r\n\r\n", "its answer is not HTTP/1.x")]
    public async Task An_answer_that_is_not_HTTP_is_a_reason(string answer, string reason)
    {
        await using var backend = new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync(answer);
        });
        string? told = await Prober(Quick).CheckAsync(Check(backend.Address, Quick), Cancellation);
        Assert.StartsWith($"http://{backend.Address}/heartbeat failed: {reason} (the label edge.port", told, StringComparison.Ordinal);
    }

    private static HealthProber Prober(HealthOptions options) => new(options, TimeSpan.FromMinutes(1), DockerDriver.Abilities, TimeProvider.System);

    private static ObservedReplica Replica(IPEndPoint address) => new("id", "app", address, 1);

    private static HealthCheck Check(IPEndPoint address, HealthOptions options) => new(Replica(address), options);

    private static Task<string?> CheckAsync(TinyServer server, HealthOptions options) =>
        Prober(options).CheckAsync(Check(server.Address, options), Cancellation);

    /// <summary>A clock that goes forward when the prober has begun to wait for that.</summary>
    private sealed class Clock
    {
        private readonly Journal _journal = new();
        private readonly Dictionary<string, int> _waits = [];

        internal Clock() => Time = new FakeTime(_journal);

        internal FakeTime Time { get; }

        internal async Task AdvanceAsync(double seconds)
        {
            string entry = string.Create(CultureInfo.InvariantCulture, $"timer {seconds:0.###}");
            await _journal.WaitAsync(entry, _waits[entry] = _waits.GetValueOrDefault(entry) + 1);
            Time.Advance(TimeSpan.FromSeconds(seconds));
        }
    }

    /// <summary>A replica under watch, and what is reported of it.</summary>
    private sealed class Watched : IAsyncDisposable
    {
        private readonly Channel<HealthVerdict> _verdicts = Channel.CreateUnbounded<HealthVerdict>();
        private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        private readonly Task _watching;

        internal Watched(HealthProber prober, ObservedReplica replica) =>
            _watching = prober.WatchAsync(replica, (verdict, _) => _verdicts.Writer.TryWrite(verdict), _end.Token);

        internal Task<HealthVerdict> NextAsync() => _verdicts.Reader.ReadAsync(_end.Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancellation);

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _watching);
            _end.Dispose();
        }
    }
}
