using System.Text;
using System.Text.Json;
using Edge.Config;
using Edge.Contract;
using Edge.Control;
using Edge.Fleet;
using Edge.Routing;
using Edge.Tests.Backends;
using Edge.Tests.Fleet;

namespace Edge.Tests.Control;

/// <summary>Holds the description at /edge/openapi.json against what the balancer answers, in both directions.</summary>
public partial class OpenApiTests
{
    private const string One = """{"n": 1}""";
    private const string Named = """{"n": 1, "hostnames": ["server_1"]}""";
    private const string Token = "Authorization: Bearer secret";

    private static readonly JsonElement s_document = JsonDocument.Parse(LivePage.Resource("openapi.json")).RootElement;
    private static readonly Dictionary<string, string> s_paths = ControlPaths.All
        .Concat(ControlPaths.OfService.Select(path => new ControlPath(path.Operation, ControlPaths.ServicesPrefix + "{name}" + path.Text, path.Methods)))
        .ToDictionary(path => path.Text, path => path.Methods);
    private static readonly Dictionary<string, string> s_bodies = new()
    {
        ["/add"] = One,
        ["/rm"] = One,
        ["/edge/weight"] = """{"hostnames": ["server_1"], "weight": 2}""",
        ["/edge/drill"] = """{"replica": "server_2", "fault": "kill"}""",
        ["/edge/scale"] = """{"minimum": 0, "maximum": 4}""",
        ["/edge/deploy"] = """{"image": "app:2", "wait": false}""",
    };

    private static readonly string[] s_modes =
        [.. s_paths.Keys.Where(path => path.Split('/')[^1] is "pause" or "stop" or "resume" && !path.Contains("/deploy/", StringComparison.Ordinal))];

    private readonly Schema _schema = new(s_document);
    private readonly HashSet<string> _done = [];

    [Fact]
    public void It_has_every_path_with_every_method_and_no_other() => Assert.Equal(
        s_paths.Select(p => $"{p.Key} {p.Value}").Order(StringComparer.Ordinal),
        s_document.GetProperty("paths").EnumerateObject()
            .Select(p => $"{p.Name} {string.Join(", ", p.Value.EnumerateObject().Select(m => m.Name.ToUpperInvariant()))}").Order(StringComparer.Ordinal));

    [Fact]
    public async Task Every_answer_that_is_described_is_given_and_is_as_described()
    {
        await AskForAllThatIsWellAsync();
        await AskWithoutLeaveAsync();
        await AskForTooMuchAsync();
        await AskForWhatCannotBeAsync();
        await AskForSizesAsync();
        await AskADriverThatFailsAsync();
        await AskADriverThatSeesNothingAsync();
        await ListenAsync();
        IEnumerable<string> described =
            from path in s_document.GetProperty("paths").EnumerateObject()
            from method in path.Value.EnumerateObject()
            from response in method.Value.GetProperty("responses").EnumerateObject()
            select $"{method.Name.ToUpperInvariant()} {path.Name} {response.Name}";
        Assert.Equal(described.Order(StringComparer.Ordinal), _done.Order(StringComparer.Ordinal));

        // Of the envelopes' own names nothing has to be seen, nor of what only a call may hold.
        string[] asked = ["Addition", "Removals", "Reweighing", "DrillOrder", "DeployOrder", "Bounds"];
        Assert.Empty(_schema.Described.Where(p => !asked.Contains(p.Split('.')[0])).Except(_schema.Seen));
    }

    private async Task AskForAllThatIsWellAsync()
    {
        await using ControlServer server = await StartAsync(allowsDrills: true);
        server.ServiceDriver.Ignored.Add(new IgnoredReplica("shop_web", "it is on another network"));
        server.Fleet.Plane.Seen = new ClientView(10, 2, 0, 30);
        server.Fleet.Plane.Counted = Counted();
        server.Fleet.Driver.Ignored.Add(new IgnoredReplica("web", "it is on another network"));
        server.Fleet.Driver.Say(new DriverEvent.Watching());
        await Quiet.UntilAsync(() => server.Fleet.Manager.Snapshot.Ignored.Count > 0, "what is passed over is known");
        await AskAsync(server, "GET", "/heartbeat", 200);
        await AskAsync(server, "HEAD", "/heartbeat", 200);
        await AskAsync(server, "GET", "/rep", 200);
        await AskAsync(server, "POST", "/add", 200, """{"n": 1, "hostnames": ["blue"], "weight": 3}""");
        await AskAsync(server, "DELETE", "/rm", 200, Named);
        await AskAsync(server, "POST", "/edge/weight", 200, """{"hostnames": ["blue"], "weight": 2}""");
        await AskAsync(server, "GET", "/edge/", 200);
        await AskAsync(server, "GET", "/edge/status", 200);
        server.Time.Advance(LastMinute.Interval);
        server.Time.Advance(LastMinute.Interval);
        await AskAsync(server, "GET", "/edge/history", 200);
        await AskAsync(server, "GET", "/edge/metrics", 200);
        await AskAsync(server, "POST", "/edge/reload", 200);
        await AskAsync(server, "GET", "/edge/openapi.json", 200);
        foreach (string path in s_modes)
        {
            await AskAsync(server, "POST", path, 200);
        }

        server.Fleet.Driver.OnFault = (name, _) =>
        {
            server.Fleet.Driver.Kill(name);
            return Task.CompletedTask;
        };
        Task drill = AskAsync(server, "POST", "/edge/drill", 200);
        await Quiet.UntilAsync(() => server.Fleet.Manager.Snapshot.Replicas.Any(r => r.State == ReplicaState.Gone), "the replica is gone");

        // When the pause before its next start is armed cannot be seen from here, so the clock goes on until it is over.
        await Quiet.UntilAsync(
            () =>
            {
                server.Time.Advance(TimeSpan.FromSeconds(1));
                return drill.IsCompleted;
            },
            "the replica is back");
        await drill;
        await AskForDeploysAsync(server);
        foreach ((string path, string methods) in s_paths)
        {
            string asked = path.Replace("{name}", "shop", StringComparison.Ordinal);
            await AskWronglyAsync(server, "PATCH", asked, 405, "WrongMethod");
            Assert.Equal(methods, (await server.CallAsync($"PATCH {asked}")).Field("Allow"));
        }

        await AskWronglyAsync(server, "GET", "/edge/other", 404, "NoSuchPath");
    }

    private async Task AskWithoutLeaveAsync()
    {
        await using ControlServer open = await StartAsync();
        await using ControlServer closed = await StartAsync("secret");
        await ForEachAsync(async (method, path, body) =>
        {
            await AskAsync(open, method, path, 403, body, "X-Forwarded-For: 1.2.3.4");
            if (path != "/edge/")
            {
                await AskAsync(closed, method, path, 401, body);
            }
        });
        for (int i = 0; i < Limits.AttemptsInARow; i++)
        {
            await closed.CallAsync("GET /rep", ["Authorization: Bearer wrong"]);
        }

        await ForEachAsync((method, path, body) => AskAsync(closed, method, path, 429, body, Token));
        await AskAsync(closed, "GET", "/heartbeat", 200);
    }

    private async Task AskForTooMuchAsync()
    {
        await using ControlServer server = await StartAsync(allowsDrills: true);
        string large = new(' ', Limits.ControlBodyBytes + 1);
        await ForEachAsync(async (method, path, body) =>
        {
            if (body.Length > 0)
            {
                await AskAsync(server, method, path, 413, large);
                await AskAsync(server, method, path, 400, "[]");
            }
        });
    }

    private async Task AskForWhatCannotBeAsync()
    {
        await using ControlServer server = await StartAsync(allowsDrills: true);
        await AskAsync(server, "POST", "/add", 409, Named);
        await AskAsync(server, "DELETE", "/rm", 404, """{"n": 1, "hostnames": ["nobody"]}""");
        await AskAsync(server, "POST", "/edge/weight", 404, """{"hostnames": ["nobody"], "weight": 2}""");
        await AskAsync(server, "POST", "/edge/drill", 404, """{"replica": "nobody", "fault": "freeze"}""");
        server.Reloaded = ("Edge:Loops is \"x\": allowed is 0 to 256", []);
        await AskAsync(server, "POST", "/edge/reload", 409);
        await AskOneAsync(server, "GET", "/edge/events?past=2000", "/edge/events", 400, "", []);
        foreach (ControlPath path in ControlPaths.OfService)
        {
            string described = $"{ControlPaths.ServicesPrefix}{{name}}{path.Text}";
            foreach (string method in path.Methods.Split(", "))
            {
                await AskOneAsync(server, method, $"{ControlPaths.ServicesPrefix}nothing{path.Text}", described, 404, "", []);
            }
        }

        string[] commands = [.. s_paths.Keys.Where(path => path.StartsWith("/edge/deploy/", StringComparison.Ordinal))];
        foreach (string path in commands)
        {
            await AskAsync(server, "POST", path, 409);
        }

        await server.Changes.CloseAsync();
        foreach (string path in s_modes.Concat(commands).Concat(["/edge/deploy", "/edge/scale", "/edge/sleep", "/edge/wake"]))
        {
            await AskAsync(server, "POST", path, 503);
        }

        await using ControlServer others = await StartAsync(allowsDrills: true, owned: false);
        await AskAsync(others, "DELETE", "/rm", 409, One);
        await AskAsync(others, "POST", "/edge/drill", 409);
        await AskAsync(others, "POST", "/edge/scale", 409);
    }

    private async Task AskADriverThatFailsAsync()
    {
        await using ControlServer server = await StartAsync(allowsDrills: true);
        FakeDriver driver = server.Fleet.Driver;
        foreach (FakeDriver one in new[] { driver, server.ServiceDriver })
        {
            one.OnStart = (_, _) => throw new DriverException(DriverFailure.Failed, "no such image");
            one.OnStop = _ => throw new DriverException(DriverFailure.Failed, "no permission");
        }

        driver.OnFault = (_, _) => throw new DriverException(DriverFailure.Failed, "no permission");
        await AskAsync(server, "POST", "/edge/drill", 502);
        await AskAsync(server, "POST", "/add", 502);
        await AskAsync(server, "POST", "/edge/deploy", 502, """{"image": "app:2"}""");
        await AskAsync(server, "DELETE", "/rm", 502);
        driver.OnStop = server.ServiceDriver.OnStop = _ => Task.CompletedTask;
    }

    private async Task AskADriverThatSeesNothingAsync()
    {
        await using ControlServer server = await StartAsync(allowsDrills: true);
        foreach (FakeDriver one in new[] { server.Fleet.Driver, server.ServiceDriver })
        {
            one.OnList = () => new TaskCompletionSource().Task;
            one.LoseSight();
        }

        FleetManager shop = server.Services.Find("shop")!.Fleet;
        await Quiet.UntilAsync(() => server.Fleet.Manager.Snapshot.Blindness is not null && shop.Snapshot.Blindness is not null, "the loss is noted");
        await AskAsync(server, "POST", "/add", 503);
        await AskAsync(server, "DELETE", "/rm", 503);
        await AskAsync(server, "POST", "/edge/drill", 503);
        await AskAsync(server, "GET", "/edge/status", 200);
        Assert.StartsWith("110 edge ", (await server.CallAsync("GET /rep")).Field("Warning"), StringComparison.Ordinal);
    }

    private async Task ListenAsync()
    {
        await using ControlServer server = await StartAsync();
        using (Wire client = await server.Front.ConnectAsync())
        {
            await client.SendAsync($"GET /edge/events HTTP/1.1\r\nHost: {server.Front.Plane.Endpoint}\r\n\r\n");
            CheckHead("GET", "/edge/events", 200, new Message(await client.ReadHeadAsync(), []));
            await server.CallAsync("POST /add", body: """{"n": 1, "hostnames": ["blue"]}""");
            await server.CallAsync("POST /edge/weight", body: """{"hostnames": ["blue"], "weight": 2}""");
            await server.CallAsync("POST /edge/services/shop/weight", body: """{"hostnames": ["shop_1"], "weight": 2}""");
            await server.CallAsync("POST /edge/services/shop/pause");
            await server.CallAsync("POST /edge/services/shop/stop");
            await server.CallAsync("POST /edge/services/default/pause");
            await server.CallAsync("POST /edge/services/default/pause");
            await server.CallAsync("POST /edge/services/default/resume");
            server.Events.Publish("draining", null);
            server.Events.Close();
            var all = new StringBuilder();
            for (string line = ""; line != "0\r\n"; line = await client.ReadLineAsync())
            {
                all.Append(line);
            }

            string[] lines = all.ToString().Split('\n');
            string[] kinds = [.. lines.Where(l => l.StartsWith("event: ", StringComparison.Ordinal)).Select(l => l["event: ".Length..])];
            string[] expected =
            [
                "hello", "replica_added", "replica_state", "call_add", "replica_weight", "call_weight", "replica_weight", "call_weight",
                "service_paused", "service_stopped", "service_paused", "service_resumed", "draining",
            ];
            Assert.Equal(expected, kinds);
            JsonElement schemas = s_document.GetProperty("components").GetProperty("schemas");
            foreach ((string kind, string data) in kinds.Zip(lines.Where(l => l.StartsWith("data: ", StringComparison.Ordinal))))
            {
                JsonElement value = JsonDocument.Parse(data["data: ".Length..]).RootElement;
                using JsonDocument reference = JsonDocument.Parse($$"""{"$ref": "#/components/schemas/{{(kind == "hello" ? "Hello" : "Event")}}"}""");
                Assert.Empty(_schema.Check(value, reference.RootElement));
            }

            // What can happen to a fleet is described, each by its name.
            string[] names = [.. schemas.GetProperty("Event").GetProperty("properties").GetProperty("event").GetProperty("enum").EnumerateArray()
                .Select(e => e.GetString()!)];
            Assert.Empty(Enum.GetNames<FleetEventKind>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName).Except(names));
        }

        // A feed that is closed accepts no listener.
        await AskAsync(server, "GET", "/edge/events", 503);
    }

    private static async Task ForEachAsync(Func<string, string, string, Task> ask)
    {
        // What there is of a service is asked along with the same of the default one.
        foreach ((string path, string method) in s_paths)
        {
            if (path == "/heartbeat" || (path.StartsWith(ControlPaths.ServicesPrefix, StringComparison.Ordinal) && !s_modes.Contains(path)))
            {
                continue;
            }

            foreach (string one in method.Split(", "))
            {
                await ask(one, path, one == "GET" ? "" : s_bodies.GetValueOrDefault(path, ""));
            }
        }
    }

    private async Task AskAsync(ControlServer server, string method, string path, int status, string? body = null, params string[] fields)
    {
        body ??= s_bodies.GetValueOrDefault(path, "");
        await AskOneAsync(server, method, path.Replace("{name}", "shop", StringComparison.Ordinal), path, status, body, fields);
        string ofService = path.Replace("/edge", "", StringComparison.Ordinal);
        if (ControlPaths.OfService.Any(one => one.Text == ofService))
        {
            await AskOneAsync(
                server, method, $"{ControlPaths.ServicesPrefix}shop{ofService}", $"{ControlPaths.ServicesPrefix}{{name}}{ofService}", status,
                body.Replace("server_", "shop_", StringComparison.Ordinal), fields);
        }
    }

    private async Task AskOneAsync(
        ControlServer server, string method, string path, string described, int status, string body, string[] fields)
    {
        using Wire client = await server.Front.ConnectAsync();
        string all = string.Concat(fields.Select(field => field + "\r\n"));
        await client.SendAsync($"{method} {path} HTTP/1.1\r\nHost: {server.Front.Plane.Endpoint}\r\n{all}Content-Length: {body.Length}\r\n\r\n{body}");
        Message message = await client.ReadMessageAsync(bodiless: method == "HEAD");
        CheckBody(CheckHead(method, described, status, message), message);
    }

    /// <summary>Holds status and fields against the description of an operation; returns the one of the response.</summary>
    private JsonElement CheckHead(string method, string path, int status, Message message)
    {
        Assert.True(status == message.Status, $"{method} {path}: {message.Status} and not {status}: {message.Text}");
        JsonElement operation = s_document.GetProperty("paths").GetProperty(path).GetProperty(method.ToLowerInvariant());
        Assert.True(operation.GetProperty("responses").TryGetProperty($"{status}", out JsonElement response), $"{method} {path} {status} is not described");
        response = _schema.Resolve(response);
        if (response.TryGetProperty("headers", out JsonElement headers))
        {
            Assert.All(
                headers.EnumerateObject().Where(h => h.Value.TryGetProperty("required", out JsonElement required) && required.GetBoolean()),
                h => Assert.NotNull(message.Field(h.Name)));
        }

        if (response.TryGetProperty("content", out JsonElement content))
        {
            Assert.Equal(content.EnumerateObject().Single().Name, message.Field("Content-Type"));
        }

        _done.Add($"{method} {path} {status}");
        return response;
    }

    private void CheckBody(JsonElement response, Message message)
    {
        if (!response.TryGetProperty("content", out JsonElement content))
        {
            Assert.Empty(message.Body);
        }
        else if (content.TryGetProperty("application/json", out JsonElement json))
        {
            Assert.Empty(_schema.Check(JsonDocument.Parse(Encoding.UTF8.GetString(message.Body)).RootElement, json.GetProperty("schema")));
        }
    }

    private static async Task<ControlServer> StartAsync(string token = "", bool allowsDrills = false, bool owned = true)
    {
        ControlServer server = await ControlServer.StartAsync(token, allowsDrills: allowsDrills, owned: owned);
        await server.AddShopAsync();
        return server;
    }

    private async Task AskWronglyAsync(ControlServer server, string method, string path, int status, string component)
    {
        Message message = await server.CallAsync($"{method} {path}");
        Assert.Equal(status, message.Status);
        CheckBody(s_document.GetProperty("components").GetProperty("responses").GetProperty(component), message);
    }

    private static Edge.Telemetry.LoopCounters Counted()
    {
        Edge.Telemetry.LoopCounters counted = default;
        counted.Requests.Ended = 1;
        counted.Requests.Duration.Add(2_000_000);
        counted.HandshakesTls13 = 2;
        counted.HandshakesResumed = 1;
        counted.HandshakeFailures[(int)Edge.Io.TlsFailure.Refused] = 1;
        counted.Handshake.Add(2_000_000);
        return counted;
    }
}
