using System.Net;
using System.Text;
using System.Text.Json;
using Edge.Config;
using Edge.Contract;
using Edge.Control;
using Edge.Fleet;
using Edge.Routing;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Fleet;

namespace Edge.Tests.Control;

public sealed class ControlApiTests : IAsyncLifetime
{
    private const string Added = "<Error> Length of hostname list is more than newly added instances";
    private const string Removed = "<Error> Length of hostname list is more than removable instances";

    private readonly EventFeed _events = new(TimeProvider.System);
    private FleetFixture _fleet = null!;
    private (string? Refusal, IReadOnlyList<string> Changed) _reloaded;
    private bool _allowsDrills;

    public async ValueTask InitializeAsync() => _fleet = await FleetFixture.StartAsync(maximum: 10);

    public ValueTask DisposeAsync() => _fleet.DisposeAsync();

    [Fact]
    public async Task The_list_is_to_the_letter()
    {
        ControlResponse response = await CallAsync("GET", "/rep");
        Assert.Equal(200, response.Status);
        Assert.Equal("""{"message":{"N":3,"replicas":["server_1","server_2","server_3"]},"status":"successful"}""", Text(response));
        Assert.Contains(new("Content-Type", "application/json"), response.Fields);
    }

    [Fact]
    public async Task A_removal_says_how_each_replica_left()
    {
        _fleet.Plane.Drained = new Edge.Routing.DrainReport(3, 2, 1, 40);
        ControlResponse response = await CallAsync("DELETE", "/rm", """{"n": 1, "hostnames": ["server_2"]}""");
        const string Drained = """[{"name":"server_2","finished":3,"retried":2,"cut":1,"longestMilliseconds":40,"exitCode":0,"outOfMemory":false}]""";
        Assert.Equal($$"""{"message":{"N":2,"replicas":["server_1","server_3"]},"status":"successful","drained":{{Drained}}}""", Text(response));
    }

    [Fact]
    public async Task A_drill_says_what_it_came_to()
    {
        _allowsDrills = true;
        _fleet.Plane.Seen = new Edge.Routing.ClientView(10, 2, 0, 30);
        _fleet.Driver.OnFault = async (name, _) =>
        {
            _fleet.Driver.Kill(name);
            await Quiet.UntilAsync(() => _fleet.Manager.Snapshot.Replicas.Single(r => r.Name == name).State == ReplicaState.Gone, "it is gone");
            await _fleet.RespawnPlannedAsync();
            _fleet.Time.Advance(TimeSpan.FromSeconds(2));
        };
        ControlResponse response = await CallAsync("POST", "/edge/drill", """{"replica": "server_2", "fault": "kill"}""");
        const string Report =
            """{"replica":"server_2","fault":"kill","noticedMilliseconds":0,"healedMilliseconds":2000"""
            + ""","answered":10,"retried":2,"failed":0,"slowestMilliseconds":30}""";
        Assert.Equal($$"""{"message":{{Report}},"status":"successful"}""", Text(response));
    }

    [Theory]
    [InlineData(false, """{"replica": "server_2", "fault": "kill"}""", 403, "<Error> drills are off")]
    [InlineData(true, "", 400, "<Error> the body is no JSON object")]
    [InlineData(true, """{"replica": "server_2", "fault": "kill", "more": 1}""", 400, "<Error> the body is no JSON object")]
    [InlineData(true, """{"fault": "kill"}""", 400, "<Error> the replica is missing")]
    [InlineData(true, """{"replica": "server_2", "fault": "explode"}""", 400, "<Error> the fault is neither kill nor freeze")]
    [InlineData(true, """{"replica": "nobody", "fault": "freeze"}""", 404, "<Error> 'nobody' is no replica")]
    public async Task A_drill_that_cannot_be_is_refused(bool allowed, string body, int status, string message)
    {
        _allowsDrills = allowed;
        AssertFailure(await CallAsync("POST", "/edge/drill", body), status, message);
        await AssertUnchangedAsync();
    }

    [Fact]
    public async Task A_reload_says_which_keys_changed_or_why_it_is_refused()
    {
        _reloaded = (null, ["Edge:Health:Fall", "Edge:Forwarding:Via"]);
        ControlResponse response = await CallAsync("POST", "/edge/reload");
        Assert.Equal("""{"message":{"changed":["Edge:Health:Fall","Edge:Forwarding:Via"]},"status":"successful"}""", Text(response));
        _reloaded = ("Edge:Loops cannot change", []);
        AssertFailure(await CallAsync("POST", "/edge/reload"), 409, "<Error> the options are as before: Edge:Loops cannot change");
        string log = _fleet.LogText.ToString();
        Assert.Contains(" info call_reload peer=127.0.0.1 by=loopback result=done\n", log, StringComparison.Ordinal);
        Assert.Contains(" info call_reload peer=127.0.0.1 by=loopback result=refused\n", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_warns_where_the_driver_sees_nothing()
    {
        Assert.DoesNotContain((await CallAsync("GET", "/rep")).Fields, f => f.Key == "Warning");
        var never = new TaskCompletionSource();
        _fleet.Driver.OnList = () => never.Task;
        _fleet.Driver.LoseSight();
        await Quiet.UntilAsync(() => _fleet.Manager.Snapshot.Blindness is not null, "the loss is noted");
        ControlResponse response = await CallAsync("GET", "/rep");
        Assert.Equal(200, response.Status);
        Assert.Contains(new("Warning", "110 edge \"what was known before the driver lost sight: connection lost\""), response.Fields);
        AssertFailure(await CallAsync("POST", "/add", "{\"n\":1}"), 503, "<Error> the driver (fake) cannot do anything now: connection lost");
        AssertFailure(await CallAsync("DELETE", "/rm", "{\"n\":1}"), 503, "<Error> the driver (fake) cannot do anything now: connection lost");
        await AssertUnchangedAsync();
    }

    [Fact]
    public async Task Adding_answers_with_the_list_in_natural_order()
    {
        ControlResponse response = await CallAsync("POST", "/add", """{"n": 3, "hostnames": ["server_10"], "weight": 3}""");
        Assert.Equal(
            """{"message":{"N":6,"replicas":["server_1","server_2","server_3","server_4","server_5","server_10"]},"status":"successful"}""",
            Text(response));
        Assert.Equal(3, (await _fleet.SettleAsync("server_10")).Weight);
    }

    [Fact]
    public async Task Removing_answers_with_the_list()
    {
        ControlResponse response = await CallAsync("DELETE", "/rm", """{"n":2,"hostnames":["server_3","server_1"]}""");
        Assert.StartsWith("""{"message":{"N":1,"replicas":["server_2"]},"status":"successful","drained":""", Text(response), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "the body is missing")]
    [InlineData("x", "the body is not JSON: 'x' is an invalid start of a value")]
    [InlineData("{\"n\":1} trailing", "the body is not JSON: 't' is invalid after a single JSON value")]
    [InlineData("{\"n\":1,}", "the body is not JSON")]
    [InlineData("{\"n\":1/*c*/}", "the body is not JSON")]
    [InlineData("[[[[[[[[[[[[]]]]]]]]]]]]", "the body is not JSON")]
    [InlineData("{\"hostnames\":[[[[[[[[[[]]]]]]]]]],\"n\":1}", "the body is not JSON")]
    [InlineData("[1]", "the body is [1], which is not a JSON object like {\"n\": 2,")]
    [InlineData("null", "the body is null, which is not a JSON object")]
    [InlineData("\"n\"", "the body is \"n\", which is not a JSON object")]
    [InlineData("{}", "n is missing; it is an integer from 1")]
    [InlineData("{\"hostnames\":[\"a\"]}", "n is missing")]
    [InlineData("{\"n\":1.5}", "n is 1.5; allowed is an integer from 1")]
    [InlineData("{\"n\":1.0}", "n is 1.0; allowed is an integer from 1")]
    [InlineData("{\"n\":1e0}", "n is 1e0; allowed is an integer from 1")]
    [InlineData("{\"n\":\"2\"}", "n is \"2\", which is a text; allowed is an integer from 1")]
    [InlineData("{\"n\":null}", "n is null, which is nothing; allowed is an integer from 1")]
    [InlineData("{\"n\":true}", "n is true, which is a truth value; allowed is an integer from 1")]
    [InlineData("{\"n\":[1]}", "n is [1], which is a list; allowed is an integer from 1")]
    [InlineData("{\"n\":0}", "n is 0; allowed is an integer from 1")]
    [InlineData("{\"n\":-1}", "n is -1; allowed is an integer from 1")]
    [InlineData("{\"n\":99999999999999999999}", "n is 99999999999999999999; allowed is an integer from 1")]
    [InlineData("{\"n\":1,\"n\":2}", "'n' is there more than once")]
    [InlineData("{\"n\":1,\"\\u006e\":2}", "'n' is there more than once")]
    [InlineData("{\"N\":1}", "'N' is unknown; allowed are n")]
    [InlineData("{\"n\":1,\"host\":[]}", "'host' is unknown; allowed are n")]
    [InlineData("{\"n\":1,\"\\ud800\":1}", "a property's name is no valid text")]
    [InlineData("{\"n\":1,\"hostnames\":\"a\"}", "hostnames is \"a\", which is a text; allowed is a list of texts")]
    [InlineData("{\"n\":1,\"hostnames\":null}", "hostnames is null, which is nothing; allowed is a list of texts")]
    [InlineData("{\"n\":1,\"hostnames\":[1]}", "hostnames has 1 in it, which is a number; allowed are texts")]
    [InlineData("{\"n\":1,\"hostnames\":[null]}", "hostnames has null in it")]
    [InlineData("{\"n\":1,\"hostnames\":[\"\\ud800\"]}", "hostnames has a text in it that is not valid Unicode")]
    [InlineData("{\"n\":1,\"hostnames\":[\"\"]}", "a hostname is empty")]
    [InlineData("{\"n\":2,\"hostnames\":[\"a\",\"a\"]}", "hostname 'a' is there more than once")]
    [InlineData("{\"n\":1,\"hostnames\":[\"-a\"]}", "hostname '-a' is not of the form [a-zA-Z0-9][a-zA-Z0-9_.-]*")]
    [InlineData("{\"n\":1,\"hostnames\":[\"a b\"]}", "hostname 'a b' is not of the form")]
    [InlineData("{\"n\":1,\"hostnames\":[\"ä\"]}", "hostname 'ä' is not of the form")]
    [InlineData("{\"n\":1,\"hostnames\":[\"a\\n\"]}", "hostname 'a\n' is not of the form")]
    public async Task A_body_that_makes_no_sense_is_refused_with_its_reason(string body, string reason)
    {
        foreach ((string method, string path) in new[] { ("POST", "/add"), ("DELETE", "/rm") })
        {
            ControlResponse response = await CallAsync(method, path, body);
            AssertFailure(response, 400, "<Error> " + reason);
        }

        await AssertUnchangedAsync();
    }

    [Fact]
    public async Task A_hostname_may_have_63_characters_and_no_more()
    {
        string longest = new('a', 63);
        AssertFailure(await CallAsync("POST", "/add", $$"""{"n":1,"hostnames":["{{longest}}a"]}"""), 400,
            $"<Error> hostname '{longest}a' has 64 characters; allowed are 63");
        Assert.Equal(200, (await CallAsync("POST", "/add", $$"""{"n":1,"hostnames":["{{longest}}"]}""")).Status);
    }

    [Theory]
    [InlineData("POST", "/add", "{\"n\":1,\"hostnames\":[\"a\",\"b\"]}", 400, Added)]
    [InlineData("DELETE", "/rm", "{\"n\":1,\"hostnames\":[\"server_1\",\"server_2\"]}", 400, Removed)]
    [InlineData("POST", "/add", "{\"n\":11}", 400, "<Error> n is 11, and the fleet may have at most 10 replicas")]
    [InlineData("POST", "/add", "{\"n\":8}", 400, "<Error> n is 8, but the fleet has 3 replicas and may have at most 10")]
    [InlineData("POST", "/add", "{\"n\":1,\"weight\":0}", 400, "<Error> weight is 0; allowed is an integer from 1 to 256")]
    [InlineData("POST", "/add", "{\"n\":1,\"weight\":257}", 400, "<Error> weight is 257; allowed is an integer from 1 to 256")]
    [InlineData("POST", "/add", "{\"n\":1,\"weight\":\"1\"}", 400, "<Error> weight is \"1\", which is a text; allowed is an integer from 1 to 256")]
    [InlineData("DELETE", "/rm", "{\"n\":1,\"weight\":1}", 400, "<Error> 'weight' is unknown; allowed are n and hostnames")]
    [InlineData("POST", "/add", "{\"n\":2,\"hostnames\":[\"a\",\"server_2\"]}", 409, "<Error> hostname 'server_2' is taken by another replica")]
    [InlineData("DELETE", "/rm", "{\"n\":1,\"hostnames\":[\"server_9\"]}", 404, "<Error> hostname 'server_9' is no replica")]
    [InlineData("DELETE", "/rm", "{\"n\":4}", 400, "<Error> n is 4, but there are only 3 replicas to remove")]
    public async Task A_call_that_does_not_fit_the_fleet_changes_nothing(string method, string path, string body, int status, string message)
    {
        AssertFailure(await CallAsync(method, path, body), status, message);
        await AssertUnchangedAsync();
    }

    [Theory]
    [InlineData("POST", "/add")]
    [InlineData("DELETE", "/rm")]
    public async Task A_body_over_the_limit_is_too_large_and_one_at_the_limit_is_not(string method, string path)
    {
        string padded = "{\"n\":1000" + new string(' ', Limits.ControlBodyBytes - 9 - 1) + "}";
        Assert.Equal(Limits.ControlBodyBytes, padded.Length);
        AssertFailure(await CallAsync(method, path, padded), 400, "<Error> n is 1000");
        AssertFailure(await CallAsync(method, path, padded + " "), 413, "<Error> the body has 65537 bytes; allowed are 65536");
    }

    [Fact]
    public async Task Invalid_UTF_8_is_refused()
    {
        byte[] body = [.. "{\"n\":1,\"hostnames\":[\""u8, 0xFF, .. "\"]}"u8];
        AssertFailure(
            await CallAsync(new ControlRequest("POST", "/add", "", null, "localhost", IPAddress.Loopback, body)), 400, "<Error> the body is not UTF-8");
    }

    [Theory]
    [InlineData("POST", "/heartbeat", "GET, HEAD")]
    [InlineData("DELETE", "/rep", "GET")]
    [InlineData("HEAD", "/rep", "GET")]
    [InlineData("GET", "/add", "POST")]
    [InlineData("post", "/add", "POST")]
    [InlineData("POST", "/rm", "DELETE")]
    [InlineData("PUT", "/edge/status", "GET")]
    public async Task Another_method_is_refused_with_those_that_are_allowed(string method, string path, string allowed)
    {
        ControlResponse response = await CallAsync(method, path, "{\"n\":1}");
        AssertFailure(response, 405, "<Error> ");
        Assert.Contains(new("Allow", allowed), response.Fields);
        await AssertUnchangedAsync();
    }

    [Theory]
    [InlineData("/edge/other")]
    [InlineData("/edge/nothing")]
    [InlineData("/other")]
    [InlineData("/rep/")]
    public async Task A_path_that_is_not_there_is_told_so(string path) =>
        AssertFailure(await CallAsync("GET", path), 404, $"<Error> the balancer has no path '{path}'");

    [Theory]
    [InlineData("GET", "/rep")]
    [InlineData("POST", "/add")]
    [InlineData("DELETE", "/rm")]
    [InlineData("GET", "/edge/status")]
    [InlineData("GET", "/edge/nothing")]
    public async Task Callers_without_the_right_token_are_told_how_to_get_in(string method, string path)
    {
        ControlResponse unauthorized = await CallAsync(method, path, "{\"n\":1}", token: "secret");
        AssertFailure(unauthorized, 401, "<Error> no token was sent: this path needs 'Authorization: Bearer <token>'");
        Assert.Contains(new("WWW-Authenticate", "Bearer"), unauthorized.Fields);
        AssertFailure(await CallAsync(method, path, "{\"n\":1}", peer: "10.0.0.1"), 403,
            "<Error> callers from 10.0.0.1 are not let in without a token; configure one as Edge:Control:Token");
        await AssertUnchangedAsync();
    }

    [Theory]
    [InlineData(nameof(DriverFailure.Failed), 502)]
    [InlineData(nameof(DriverFailure.Unavailable), 503)]
    [InlineData(nameof(DriverFailure.NameTaken), 409)]
    public async Task A_driver_that_fails_is_quoted(string kind, int status)
    {
        _fleet.Driver.OnStart = (_, _) => throw new DriverException(Enum.Parse<DriverFailure>(kind), "No such image: \"app:latest\"");
        ControlResponse response = await CallAsync("POST", "/add", "{\"n\":1,\"hostnames\":[\"server_4\"]}");
        AssertFailure(response, status, "<Error> 'server_4' could not be started: No such image: \"app:latest\"");
        await AssertUnchangedAsync();
    }

    [Fact]
    public async Task Messages_are_readable_as_they_are_sent() =>
        Assert.StartsWith(
            "{\"message\":\"<Error> hostname 'ä' is not", Text(await CallAsync("POST", "/add", "{\"n\":1,\"hostnames\":[\"ä\"]}")), StringComparison.Ordinal);

    [Fact]
    public async Task The_status_tells_of_the_balancer_and_each_replica()
    {
        _fleet.Plane.Table.Replicas[0].CountersOf(0) = new() { InFlight = 1, Requests = 7, Failures = 2 };
        ControlResponse response = await CallAsync("GET", "/edge/status");
        using JsonDocument document = JsonDocument.Parse(response.Body);
        JsonElement status = document.RootElement.GetProperty("message");
        Assert.Equal("successful", document.RootElement.GetProperty("status").GetString());
        Assert.Equal("1.2.3", status.GetProperty("balancer").GetProperty("version").GetString());
        Assert.Equal("because", status.GetProperty("balancer").GetProperty("why").GetString());
        Assert.Equal(Environment.ProcessId, status.GetProperty("process").GetProperty("pid").GetInt32());
        Assert.Equal(5, status.GetProperty("loops")[0].GetProperty("requests").GetInt64());
        JsonElement first = status.GetProperty("replicas")[0];
        Assert.Equal("server_1", first.GetProperty("name").GetString());
        Assert.Equal("healthy", first.GetProperty("state").GetString());
        Assert.Equal("it passed", first.GetProperty("why").GetString());
        Assert.Equal(1, first.GetProperty("inFlight").GetInt64());
        Assert.Equal(7, first.GetProperty("requests").GetInt64());
        Assert.Equal(2, first.GetProperty("failures").GetInt64());
        Assert.StartsWith("127.0.0.1:", first.GetProperty("address").GetString(), StringComparison.Ordinal);
        Assert.Equal((1, 1.0), (first.GetProperty("weight").GetInt32(), first.GetProperty("effectiveWeight").GetDouble()));
        Assert.Equal(1, status.GetProperty("version").GetInt32());
        JsonElement fleet = status.GetProperty("fleet");
        Assert.Equal(("edge", "fake", "watching", true), (fleet.GetProperty("name").GetString(), fleet.GetProperty("driver").GetString(),
            fleet.GetProperty("driverState").GetString(), fleet.GetProperty("owned").GetBoolean()));
        Assert.Equal((3, 3, 3), (fleet.GetProperty("members").GetInt32(), fleet.GetProperty("running").GetInt32(), fleet.GetProperty("inRotation").GetInt32()));
        Assert.Equal("2", status.GetProperty("options").GetProperty("Edge:Loops").GetString());
    }

    [Fact]
    public async Task The_status_says_that_the_driver_sees_nothing_and_why()
    {
        var never = new TaskCompletionSource();
        _fleet.Driver.OnList = () => never.Task;
        _fleet.Driver.LoseSight();
        await Quiet.UntilAsync(() => _fleet.Manager.Snapshot.Blindness is not null, "the loss is noted");
        using JsonDocument document = JsonDocument.Parse((await CallAsync("GET", "/edge/status")).Body);
        JsonElement fleet = document.RootElement.GetProperty("message").GetProperty("fleet");
        Assert.Equal(("lost", "connection lost"), (fleet.GetProperty("driverState").GetString(), fleet.GetProperty("driverWhy").GetString()));
        never.SetResult();
    }

    [Fact]
    public async Task Listeners_get_a_stream_and_those_beyond_the_limit_503()
    {
        var listeners = new List<ControlStream>();
        for (int i = 0; i < Limits.EventListeners; i++)
        {
            ControlResponse response = await CallAsync("GET", "/edge/events");
            Assert.Equal(200, response.Status);
            Assert.Contains(new("Content-Type", "text/event-stream"), response.Fields);
            listeners.Add(response.Stream!);
        }

        ControlResponse one = await CallAsync("GET", "/edge/events");
        AssertFailure(one, 503, "<Error> ");
        Assert.Contains(one.Fields, f => f.Key == "Retry-After");
        listeners[0].Abandon();
        Assert.NotNull((await CallAsync("GET", "/edge/events")).Stream);
        AssertFailure(await CallAsync("GET", "/edge/events", peer: "10.0.0.1"), 403, "<Error> ");
        AssertFailure(await CallAsync("POST", "/edge/events"), 405, "<Error> ");
    }

    [Fact]
    public async Task Each_change_is_logged_with_its_caller_and_its_result()
    {
        await CallAsync("POST", "/add", "{\"n\":1,\"hostnames\":[\"a\"]}");
        await CallAsync("DELETE", "/rm", "{\"n\":1,\"hostnames\":[\"b\"]}");
        string log = _fleet.LogText.ToString();
        Assert.Contains(" info call_add peer=127.0.0.1 by=loopback n=1 hostnames=a result=done\n", log, StringComparison.Ordinal);
        Assert.Contains(" info call_rm peer=127.0.0.1 by=loopback n=1 hostnames=b result=\"hostname 'b' is no replica\"\n", log, StringComparison.Ordinal);
    }

    private Task<ControlResponse> CallAsync(string method, string path, string body = "", string peer = "127.0.0.1", string token = "") =>
        CallAsync(new ControlRequest(method, path, "", null, "127.0.0.1:5000", IPAddress.Parse(peer), Encoding.UTF8.GetBytes(body)), token);

    private Task<ControlResponse> CallAsync(ControlRequest request, string token = "")
    {
        var balancer = new BalancerReport("1.2.3", _fleet.Time.GetUtcNow(), "edge", "fake", "because", 0, 10);
        var minute = new LastMinute(_fleet.Plane, () => _fleet.Plane.Table.Replicas.ToArray(), () => [Service.Default], _fleet.Time);
        var options = new Dictionary<string, string> { ["Edge:Loops"] = "2" };
        var status = new StatusSource(() => balancer, () => [new LoopReport(0, 1, 2, 5, 4, 0, 0, 0, 0, 0)], () => options, _fleet.Plane, minute, _fleet.Time);
        var log = new Log(_fleet.LogText, _fleet.Time);
        var drill = new Drill(_fleet.Manager, _fleet.Driver, _fleet.Plane, _fleet.Time, log);
        var api = new ControlApi(_fleet.Manager, drill, () => _allowsDrills, () => _reloaded, new Edge.Control.Authorization(token), status, _events, log);
        return api.AnswerAsync(request);
    }

    private async Task AssertUnchangedAsync()
    {
        Assert.Equal(["server_1", "server_2", "server_3"], (await _fleet.SettleAsync()).Running);
        Assert.Equal(["server_1", "server_2", "server_3"], _fleet.Driver.Running);
        Assert.Equal(["server_1", "server_2", "server_3"], _fleet.Plane.Names);
    }

    private static void AssertFailure(ControlResponse response, int status, string message)
    {
        using JsonDocument document = JsonDocument.Parse(response.Body);
        Assert.Equal(["message", "status"], document.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.StartsWith(message, document.RootElement.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("failure", document.RootElement.GetProperty("status").GetString());
        Assert.Equal(status, response.Status);
        Assert.Contains(new("Content-Type", "application/json"), response.Fields);
    }

    private static string Text(ControlResponse response) => Encoding.UTF8.GetString(response.Body.Span);
}
