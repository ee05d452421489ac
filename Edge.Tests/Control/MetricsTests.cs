using System.Diagnostics;
using System.Text;
using Edge.Config;
using Edge.Control;
using Edge.Fleet;
using Edge.Http;
using Edge.Io;
using Edge.Routing;
using Edge.Services;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Certificates;
using Edge.Tests.Fleet;
using Edge.Tests.Services;
using Edge.Tests.Tls;

namespace Edge.Tests.Control;

public sealed class MetricsTests : IAsyncLifetime
{
    private static readonly TestSource s_certificates = new TestSource()
        .With(TestCertificates.Make(["shop.test"], until: DateTimeOffset.FromUnixTimeSeconds(1924992000)), "/shop.pem")
        .With(TestCertificates.Make(["acme.test"], rsa: true), "acme", "the authority is away", DateTimeOffset.FromUnixTimeSeconds(1800000000))
        .WithFault("/none.pem", "there is no such file");

    private FleetFixture _fleet = null!;
    private readonly Loops _loops = new();

    public async ValueTask InitializeAsync()
    {
        _fleet = await FleetFixture.StartAsync(maximum: 256);
        _fleet.Manager.Reconfigure(new ServiceOptions { Fleet = new() { Replicas = 3, Maximum = 256 }, Scale = new() { Maximum = 200, Minimum = "0" } });
        await _fleet.SettleAsync();
    }

    public ValueTask DisposeAsync() => _fleet.DisposeAsync();

    [Fact]
    public async Task The_page_is_what_promtool_calls_good()
    {
        Used();
        Assert.Equal((0, ""), await PromtoolAsync(Text(), "check", "metrics"));
    }

    [Fact]
    public void The_documentation_has_every_family_and_no_other()
    {
        Used();
        var table = new StringBuilder("| Metric | Type | Labels | What it says |\n|---|---|---|---|\n");
        foreach (PrometheusFamily family in PrometheusPage.Parse(Text()).Families)
        {
            string labels = family.Labels.Count == 0 ? "" : string.Join(", ", family.Labels.Select(l => $"`{l}`"));
            table.Append($"| `{family.Name}` | {family.Type} | {labels} | {family.Help} |\n");
        }

        Assert.True(Repository.Read("docs/observability.md").Contains(table.ToString(), StringComparison.Ordinal),
            $"docs/observability.md has to contain this table:\n\n{table}");
    }

    [Fact]
    public async Task A_size_that_follows_the_load_is_told_and_a_fixed_one_is_not()
    {
        PrometheusPage page = PrometheusPage.Parse(Text());
        Assert.Equal((1, 0), (page["edge_fleet_scale_state", ("state", "awake")], page["edge_fleet_scale_state", ("state", "asleep")]));
        Assert.Equal(3, page["edge_fleet_needed_replicas"]);
        _fleet.Manager.Reconfigure(new ServiceOptions { Fleet = new() { Replicas = 3, Maximum = 256 } });
        await _fleet.SettleAsync();
        Assert.DoesNotContain(PrometheusPage.Parse(Text()).Families, family => family.Name is "edge_fleet_scale_state" or "edge_fleet_needed_replicas");
    }

    [Fact]
    public void Figures_of_the_loops_are_summed_and_told()
    {
        Used();
        PrometheusPage page = PrometheusPage.Parse(Text());
        Assert.Equal(2, page["edge_http_requests_total", ("method", "PUT"), ("code", "204")]);
        Assert.Equal(1, page["edge_http_requests_total", ("method", "PROPFIND"), ("code", "207")]);
        Assert.Equal(1, page["edge_http_requests_total", ("method", "other"), ("code", "other")]);
        Assert.Equal(0, page["edge_http_requests_total", ("method", "GET"), ("code", "none")]);
        Assert.Equal(0, page["edge_http_requests_total", ("method", "GET"), ("code", "503")]);
        Assert.Equal(1, page["edge_own_requests_total", ("method", "GET"), ("code", "200")]);
        Assert.Equal(2, page["edge_http_requests_in_flight"]);
        Assert.Equal(4, page["edge_retries_total", ("reason", "connect_failed")]);
        Assert.Equal(0, page["edge_http_failures_total", ("reason", "no_replica")]);
        Assert.Equal(2, page["edge_client_connections", ("state", "active")]);
        Assert.Equal(3, page["edge_fleet_replicas", ("state", "healthy")]);
        Assert.Equal(3, page["edge_fleet_target_replicas"]);
        Assert.Equal(3, page["edge_driver_calls_total", ("operation", "start")]);
        Assert.Equal(3, page["edge_fleet_health_verdicts_total", ("verdict", "passed")]);
        Assert.Equal(1, page["edge_replica_requests_total", ("replica", "server_1"), ("method", "GET"), ("code", "502")]);
        Assert.Equal(1.5, page["edge_loop_busy_seconds_total", ("loop", "1")]);
        Assert.Equal(1, page["edge_build_info", ("version", "1.2.3"), ("commit", "abc"), ("tls", "a library")]);
        Assert.Equal((0, 6), (page["edge_tls_handshakes_total", ("version", "1.2")], page["edge_tls_handshakes_total", ("version", "1.3")]));
        Assert.Equal(4, page["edge_tls_handshakes_resumed_total"]);
        Assert.Equal(2, page["edge_tls_handshake_failures_total", ("reason", "client_certificate")]);
        Assert.Equal(0, page["edge_tls_handshake_failures_total", ("reason", "too_many")]);
        Assert.Equal(2, page["edge_tls_handshake_duration_seconds_count"]);
    }

    [Fact]
    public async Task Each_service_has_series_of_its_own_and_all_series_together_count_each_request_once()
    {
        Used();
        _loops.CountShop();
        await using var services = new ServiceRegistry(
            new FakeServicePlane(), (_, _) => new FakeDriver(new Journal()), trust: null, _fleet.Time, new Log(_fleet.LogText, _fleet.Time));
        services.Apply([new NamedServiceOptions { Name = "shop", Hosts = ["shop.test"], Health = new HealthOptions { Off = true } }]);
        string text = Text(services);
        PrometheusPage page = PrometheusPage.Parse(text);
        (string, string)[] shop = [("service", "shop")];
        Assert.Equal(7, page["edge_http_requests_total", [.. shop, ("method", "GET"), ("code", "200")]]);
        Assert.Equal(0, page["edge_http_requests_total", [.. shop, ("method", "GET"), ("code", "503")]]);
        Assert.Equal((4 + 7, 7), (page.Sum("edge_http_requests_total"), page.Sum("edge_http_requests_total", shop)));
        Assert.Equal((3, 2), (page["edge_http_requests_in_flight", shop], page["edge_http_requests_in_flight"]));
        Assert.Equal((2, 5, 1), (page["edge_queue_requests", shop], page["edge_queue_turned_away_total", shop], page["edge_tunnels", shop]));
        Assert.Equal(1, page["edge_http_request_duration_seconds_count", shop]);
        Assert.Equal(6, page["edge_http_failures_total", [.. shop, ("reason", "no_replica")]]);

        // Only what has happened, and a queue that was never used has no times.
        Assert.Equal(6, page.Sum("edge_http_failures_total", shop));
        Assert.DoesNotContain("edge_queue_duration_seconds_count{service=\"shop\"}", text, StringComparison.Ordinal);
        Assert.Equal((0, ""), await PromtoolAsync(text, "check", "metrics"));
    }

    [Fact]
    public void Certificates_are_told_with_their_ends_renewals_and_faults()
    {
        PrometheusPage page = PrometheusPage.Parse(Text());
        (string, string)[] shop = [("certificate", "shop.test"), ("key", "ecdsa"), ("source", "/shop.pem")];
        (string, string)[] acme = [("certificate", "acme.test"), ("key", "rsa"), ("source", "acme")];
        Assert.Equal(1924992000, page["edge_certificate_not_after_seconds", shop]);
        Assert.Equal(1800000000, page["edge_certificate_renewal_seconds", acme]);
        Assert.Equal(0, page.Sum("edge_certificate_renewal_seconds", shop));
        Assert.Equal((0, 1), (page["edge_certificate_failing", shop], page["edge_certificate_failing", acme]));
        Assert.Equal(1, page["edge_certificate_failing", ("certificate", ""), ("key", ""), ("source", "/none.pem")]);
        Assert.Equal(2, page["edge_certificate_errors_total"]);
    }

    [Fact]
    public async Task A_replica_that_is_started_again_goes_on_counting_and_one_that_left_is_gone()
    {
        _fleet.Plane.Table.Replicas[0].CountersOf(0).Requests = 5;
        _fleet.Plane.Table.Replicas[0].AnswersOf(0).Count((int)Method.Get, 200);
        _fleet.Plane.Table.Replicas[1].AnswersOf(0).Count((int)Method.Get, 200);
        _fleet.Driver.Kill("server_1");
        await Quiet.UntilAsync(() => _fleet.Manager.Snapshot.Replicas[0] is { State: ReplicaState.Gone, Counting: null }, "it is released");
        PrometheusPage page = PrometheusPage.Parse(Text());
        Assert.Equal(1, page["edge_replica_requests_total", ("replica", "server_1"), ("method", "GET"), ("code", "200")]);
        Assert.Equal((0, 1), (page["edge_replica_up", ("replica", "server_1")], page["edge_replica_up", ("replica", "server_2")]));

        await _fleet.RemoveAsync(1, "server_2");
        page = PrometheusPage.Parse(Text());
        Assert.Equal(0, page.Sum("edge_replica_up", ("replica", "server_2")));
        Assert.Equal(1, page.Sum("edge_replica_requests_total"));
    }

    [Fact]
    public async Task Calls_of_the_driver_that_fail_are_counted()
    {
        _fleet.Driver.OnStart = (_, _) => throw new DriverException(DriverFailure.Failed, "no");
        await _fleet.AddAsync(1);
        PrometheusPage page = PrometheusPage.Parse(Text());
        Assert.Equal((4, 1), (page["edge_driver_calls_total", ("operation", "start")], page["edge_driver_errors_total", ("operation", "start")]));
    }

    [Fact]
    public async Task Two_hundred_and_fifty_six_replicas_fit_into_one_answer()
    {
        await _fleet.AddAsync(253);
        Used();
        foreach (Replica replica in _fleet.Plane.Table.Replicas)
        {
            replica.AnswersOf(0).Count((int)Method.Get, 200);
            replica.AnswersOf(0).Count((int)Method.Post, 200);
            replica.AnswersOf(0).Count((int)Method.Get, 502);
        }

        var watch = Stopwatch.StartNew();
        string text = Text();
        TestContext.Current.TestOutputHelper!.WriteLine($"256 replicas: {text.Length} bytes in {watch.Elapsed.TotalMilliseconds:0.0} ms (debug build)");
        Assert.Equal(256, PrometheusPage.Parse(text).Sum("edge_replica_up"));
        Assert.InRange(text.Length, 0, Edge.Config.Limits.OwnBodyBytes);
    }

    private void Used()
    {
        ref LoopCounters loop = ref _loops.Block;
        loop.Requests.Begun = 5;
        loop.Requests.Ended = 4;
        _loops.Counted.Count((int)Method.Put, 204);
        _loops.Counted.Count((int)Method.Put, 204);
        _loops.Counted.Count((int)Method.PropFind, 207);
        _loops.Counted.Count((int)Method.Other, 299);
        _loops.CountedOwn.Count((int)Method.Get, 200);
        loop.Retries[(int)Reason.ConnectFailed] = 2;
        loop.Clients = 1;
        loop.Busy = 1_500_000_000;
        loop.HandshakesTls13 = 3;
        loop.HandshakesResumed = 2;
        loop.HandshakeFailures[(int)TlsFailure.ClientCertificate] = 1;
        loop.Handshake.Add(1_000_000);
        _fleet.Plane.Table.Replicas[0].AnswersOf(0).Count((int)Method.Get, 502);
        _fleet.Plane.Table.Replicas[0].CountersOf(0).Response.Add(1_000_000);
    }

    private string Text(ServiceRegistry? services = null)
    {
        var build = new Build("1.2.3", "abc") { Tls = "a library" };
        var metrics = new Metrics(_fleet.Manager, _loops, build, DateTimeOffset.UnixEpoch) { Certificates = s_certificates.Store(), Services = services };
        return Encoding.UTF8.GetString(metrics.Write().Span);
    }

    /// <summary>Runs it over a text. Returns how it ended, and what it said.</summary>
    internal static async Task<(int ExitCode, string Said)> PromtoolAsync(string input, params string[] arguments)
    {
        using Process promtool = Process.Start(new ProcessStartInfo("promtool", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await promtool.StandardInput.WriteAsync(input);
        promtool.StandardInput.Close();
        Task<string> error = promtool.StandardError.ReadToEndAsync();
        string said = await promtool.StandardOutput.ReadToEndAsync() + await error;
        await promtool.WaitForExitAsync();
        return (promtool.ExitCode, said);
    }

    /// <summary>Two loops that have counted the same.</summary>
    private sealed class Loops : IPlaneFigures
    {
        internal LoopCounters Block;

        int IPlaneFigures.Loops => 2;

        private ServiceCounters _shop;
        private readonly AnswerTable _shopAnswers = new();

        internal AnswerTable Counted { get; } = new();

        internal AnswerTable CountedOwn { get; } = new();

        public LoopCounters Figures(int loop) => Block;

        public IReadOnlyList<string> Methods => Edge.Http.Methods.Names;

        /// <summary>Counts for a service beside the default one.</summary>
        internal void CountShop()
        {
            _shop = new ServiceCounters { Begun = 9, Ended = 7, Waiting = 2, TurnedAway = 5, Tunnels = 1 };
            _shop.Failures[(int)Reason.NoReplica] = 6;
            _shop.Duration.Add(1_000_000);
            for (int i = 0; i < 7; i++)
            {
                _shopAnswers.Count((int)Method.Get, 200);
            }
        }

        public ServiceCounters Figures(Service service)
        {
            if (service != Service.Default)
            {
                return _shop;
            }

            ServiceCounters sum = default;
            Counters.AddTo(ref Block.Requests, ref sum);
            Counters.AddTo(ref Block.Requests, ref sum);
            return sum;
        }

        public AnswerTable Answers() => Counted;

        public AnswerTable Answers(Service service) => service == Service.Default ? Counted : _shopAnswers;

        public AnswerTable ControlAnswers() => CountedOwn;
    }
}
