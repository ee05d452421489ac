using System.Text.Json;
using Edge.Config;
using Edge.Http;
using Edge.Proxy;
using Edge.Routing;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Fleet;

namespace Edge.Tests.Proxy;

public sealed class AccessLogTests : IDisposable
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Post = "POST /o HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"edge-{Guid.NewGuid():N}.log");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Each_request_is_one_line_with_what_became_of_it()
    {
        JsonElement[] lines = await LogAsync(s => s, async balancer =>
        {
            using (Wire client = await balancer.ConnectAsync())
            {
                await client.SendAsync(
                    Post + $"GET /a?b HTTP/1.1\r\nHost: h:1\r\nUser-Agent: me\r\nX-Request-ID: id 7\r\ntraceparent: 00-{Trace}-00f067aa0ba902b7-01\r\n\r\n");
                await client.ReadMessageAsync();
                await client.ReadMessageAsync();
            }

            await balancer.AskAsync("GET /\" HTTP/1.1\r\n\r\n");
            await balancer.AskAsync("no request\r\n\r\n");
            await balancer.GetAsync("/heartbeat");
        }, new Backend(Scripts.Echo));
        Assert.Equal(5, lines.Length);
        JsonElement post = lines.Single(l => Text(l, "method") == "POST");
        Assert.Equal(
            ("/o", 200, "server_1", 1, Post.Length, ""),
            (Text(post, "target"), Number(post, "status"), Text(post, "replica"), Number(post, "attempts"), Number(post, "bytes_in"), Text(post, "reason")));
        Assert.True(post.GetProperty("duration_ms").GetDouble() >= post.GetProperty("response_ms").GetDouble());
        Assert.True(post.GetProperty("duration_ms").GetDouble() < 20_000);
        JsonElement get = lines.Single(l => Text(l, "target") == "/a?b");
        Assert.Equal(
            ("h:1", "me", "id 7", Trace, "127.0.0.1"),
            (Text(get, "host"), Text(get, "user_agent"), Text(get, "request_id"), Text(get, "trace_id"), Text(get, "client")));
        Assert.Equal(2, lines.Count(l => Text(l, "reason") == "refused" && Number(l, "status") == 400));
        Assert.Single(lines, l => Text(l, "target") == "/\"");
        JsonElement heartbeat = lines.Single(l => Text(l, "target") == "/heartbeat");
        Assert.Equal((200, null), (Number(heartbeat, "status"), Text(heartbeat, "replica")));
    }

    [Fact]
    public async Task Failures_and_retries_are_told()
    {
        JsonElement[] lines = await LogAsync(s => s, async balancer =>
        {
            Assert.Equal(502, (await balancer.AskAsync(Post)).Status);
            Assert.Equal(502, (await balancer.GetAsync("/g")).Status);
        }, new Backend(Scripts.ResetAfterHead), new Backend(Scripts.ResetAfterHead));
        JsonElement post = lines.Single(l => Text(l, "method") == "POST");
        Assert.Equal((502, 1, "replica_closed"), (Number(post, "status"), Number(post, "attempts"), Text(post, "reason")));
        Assert.Equal(JsonValueKind.Null, post.GetProperty("response_ms").ValueKind);
        JsonElement get = lines.Single(l => Text(l, "method") == "GET");
        Assert.Equal((502, 3, "replica_closed"), (Number(get, "status"), Number(get, "attempts"), Text(get, "reason")));
    }

    [Fact]
    public async Task With_a_sample_every_nth_request_is_logged()
    {
        JsonElement[] lines = await LogAsync(s => s with { AccessLog = s.AccessLog with { Sample = 3 }, Loops = 1 }, async balancer =>
        {
            for (int i = 1; i <= 10; i++)
            {
                await balancer.GetAsync($"/{i}");
            }
        }, new Backend(Scripts.Echo));
        Assert.Equal(["/3", "/6", "/9"], lines.Select(l => Text(l, "target")));
    }

    [Fact]
    public async Task The_access_log_begins_and_ends_with_the_options_without_a_restart()
    {
        JsonElement[] lines = await LogAsync(s => s with { AccessLog = new() { Format = AccessLogFormat.Off }, Loops = 1 }, async balancer =>
        {
            await balancer.GetAsync("/1");
            var options = new EdgeOptions { Listen = $"{balancer.Plane.Endpoint}", Loops = 1, AccessLog = new() { Format = AccessLogFormat.Json } };
            balancer.Plane.Reconfigure(options);
            await balancer.GetAsync("/2");
            balancer.Plane.Reconfigure(options with { AccessLog = new() { Format = AccessLogFormat.Off } });
            await balancer.GetAsync("/3");
        }, new Backend(Scripts.Echo));
        Assert.Equal(["/2"], lines.Select(l => Text(l, "target")));
    }

    [Theory]
    [InlineData(nameof(RequestIdRule.Pass), "X-Request-ID: given\r\n", "given")]
    [InlineData(nameof(RequestIdRule.Pass), "", null)]
    [InlineData(nameof(RequestIdRule.Make), "X-Request-ID: given\r\n", "given")]
    [InlineData(nameof(RequestIdRule.Make), "X-Request-ID: not good\r\n", "")]
    [InlineData(nameof(RequestIdRule.Make), "X-Request-ID: a\r\nX-Request-Id: b\r\n", "")]
    [InlineData(nameof(RequestIdRule.Make), "", "")]
    [InlineData(nameof(RequestIdRule.Replace), "x-request-id: given\r\n", "")]
    public async Task A_request_has_the_id_that_the_options_say(string policy, string field, string? id)
    {
        string request = "";
        JsonElement[] lines = await LogAsync(s => s with { Forwarding = new() { RequestId = Enum.Parse<RequestIdRule>(policy) } }, async balancer =>
            request = (await balancer.AskAsync($"GET / HTTP/1.1\r\nHost: h\r\n{field}\r\n")).Text, new Backend(Scripts.Echo));
        string[] sent = [.. request.Split("\r\n").Where(l => l.StartsWith("x-request-id:", StringComparison.OrdinalIgnoreCase)).Select(l => l[13..].Trim())];
        Assert.Equal(id is null ? 0 : 1, sent.Length);
        Assert.Equal(sent.SingleOrDefault() ?? "", Text(lines[0], "request_id"));
        if (id is { Length: > 0 })
        {
            Assert.Equal(id, sent[0]);
        }
        else if (id is not null)
        {
            Assert.Matches("^[0-9a-f]{32}$", sent[0]);
        }
    }

    [Theory]
    [InlineData($"traceparent: 00-{Trace}-00f067aa0ba902b7-00\r\ntracestate: a=b\r\n", true)]
    [InlineData($"traceparent: 01-{Trace}-00f067aa0ba902b7-00-more\r\ntracestate: a=b\r\n", true)]
    [InlineData("tracestate: a=b\r\n", false)]
    [InlineData("traceparent: 00-00000000000000000000000000000000-00f067aa0ba902b7-00\r\n", false)]
    [InlineData($"traceparent: 00-{Trace}-00f067aa0ba902b7-00-more\r\n", false)]
    [InlineData($"traceparent: ff-{Trace}-00f067aa0ba902b7-00\r\n", false)]
    [InlineData("traceparent: 00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-00\r\n", false)]
    public async Task A_request_without_a_good_trace_begins_one_where_the_options_say_so(string fields, bool isGood)
    {
        foreach (bool starts in new[] { false, true })
        {
            string request = "";
            File.Delete(_file);
            JsonElement[] lines = await LogAsync(s => s with { Forwarding = new() { StartTraces = starts } }, async balancer =>
                request = (await balancer.AskAsync($"GET / HTTP/1.1\r\nHost: h\r\n{fields}\r\n")).Text, new Backend(Scripts.Echo));
            if (isGood || !starts)
            {
                Assert.Contains(fields, request, StringComparison.Ordinal);
                Assert.Equal(isGood ? Trace : "", Text(lines[0], "trace_id"));
                continue;
            }

            string[] sent = [.. request.Split("\r\n").Where(l => l.StartsWith("trace", StringComparison.OrdinalIgnoreCase))];
            Assert.Matches("^traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-01$", Assert.Single(sent));
            Assert.Equal(sent[0].Substring("traceparent: 00-".Length, 32), Text(lines[0], "trace_id"));
        }
    }

    [Fact]
    public async Task A_line_names_the_service_whoever_answered_and_that_of_the_default_service_names_none()
    {
        JsonElement[] lines = await LogAsync(s => s, async balancer =>
        {
            var shop = new Service(1, "shop");
            var table = new ReplicaTable([new Replica(100, "shop_1", balancer.Replicas[0].Address, 1, balancer.Plane.Loops)]);
            balancer.Plane.Change(routing =>
                routing.WithNew(shop, routing.Entries[0]!.Options).With(new RouteMap([new Route("shop.example", "", shop.Number)])));
            Assert.Equal(503, (await balancer.AskAsync("GET /none HTTP/1.1\r\nHost: shop.example\r\n\r\n")).Status);
            balancer.Plane.Publish(shop, table);
            Assert.Equal(200, (await balancer.AskAsync("GET /shop HTTP/1.1\r\nHost: shop.example\r\n\r\n")).Status);
            Assert.Equal(200, (await balancer.AskAsync("GET /other HTTP/1.1\r\nHost: other.example\r\n\r\n")).Status);
        }, new Backend(Scripts.Echo));
        Assert.Equal(
            ["/none shop ", "/other  server_1", "/shop shop shop_1"],
            lines.Select(l => $"{Text(l, "target")} {(l.TryGetProperty("service", out JsonElement service) ? service : "")} {Text(l, "replica")}")
                .Order(StringComparer.Ordinal));
    }

    // Runs what it is given, and returns the lines of its log, all of which are there when the plane and the log have ended.
    private async Task<JsonElement[]> LogAsync(Func<EdgeOptions, EdgeOptions> change, Func<TestBalancer, Task> work, params Backend[] backends)
    {
        using (var log = new AccessLog(_file, new Log(TextWriter.Null, new FakeTime(new Journal()))))
        {
            await using var balancer = new TestBalancer(s => change(s with { AccessLog = new() { Format = AccessLogFormat.Json } }), null, log, null, backends);
            await work(balancer);
        }

        return [.. (File.Exists(_file) ? await File.ReadAllLinesAsync(_file) : []).Select(l => JsonDocument.Parse(l).RootElement)];
    }

    private static string? Text(JsonElement line, string field) => line.GetProperty(field).GetString();

    private static int Number(JsonElement line, string field) => line.GetProperty(field).GetInt32();
}
