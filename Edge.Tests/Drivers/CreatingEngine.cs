using System.Text.Json;
using System.Text.Json.Nodes;
using Edge.Drivers;

namespace Edge.Tests.Drivers;

/// <summary>An engine that has one container and one image, and notes what it is told to create.</summary>
internal sealed class CreatingEngine : IAsyncDisposable
{
    internal const string Id = "db34567890ab4567890123456789012345678901234567890123456789012345";
    internal const string OwnId = "0001";
    internal const string Hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private readonly FakeEngine _fake;
    private readonly EngineLine _line;

    internal CreatingEngine()
    {
        _fake = new FakeEngine { OnRequest = Answer };
        _line = new EngineLine(_fake.Endpoint);
        Engine = new DockerEngine(_line, "net");
    }

    internal DockerEngine Engine { get; }

    /// <summary>What the engine says of its container, as an engine of version 20.10 does.</summary>
    internal JsonObject Container { get; } = JsonNode.Parse($$$"""
        {
          "Id": "{{{Id}}}", "Name": "/web", "Created": "2026-01-02T03:04:05.6Z", "Image": "sha256:1",
          "State": {"Status": "running", "Error": ""},
          "Config": {
            "Image": "app:1", "Hostname": "db34567890ab", "User": "1000:1000", 
            "Env": ["MODE=x=y", "SERVER_ID=web", "PATH=/bin"], "Cmd": ["serve"], "Entrypoint": ["/app"],
            "WorkingDir": "/srv", "StopSignal": "SIGUSR1", "StopTimeout": 60, "ExposedPorts": {"3000/tcp": {}}, "AttachStdout": true, "StdinOnce": true,
            "Labels": {"mine": "yes", "edge.fleet": "edge", "edge.weight": "9", "edge.health": "/ok",
                       "com.docker.compose.project": "shop", "com.docker.compose.service": "web", "com.docker.compose.depends_on": "db"}
          },
          "HostConfig": {
            "NetworkMode": "net", "Memory": 67108864, "NanoCpus": 500000000, "Ulimits": [{"Name": "nofile", "Hard": 2048, "Soft": 1024}], "PidsLimit": 77,
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}}, "ExtraHosts": ["old.example:10.0.0.9"], "SecurityOpt": ["no-new-privileges"],
            "CapAdd": ["NET_ADMIN"], "CapDrop": ["CHOWN"], "Tmpfs": {"/cache": "size=1m"}, "Binds": ["data:/data:ro", "/srv/conf:/conf"], "ShmSize": 1048576,
            "PortBindings": {"3000/tcp": [{"HostIp": "", "HostPort": "80"}]}, "PublishAllPorts": true,
            "RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}, "AutoRemove": true, "ContainerIDFile": "/tmp/id"
          },
          "NetworkSettings": {"Networks": {
            "back": {"Aliases": ["store", "db34567890ab"], "IPAMConfig": {"IPv4Address": "10.9.0.9"}, "IPAddress": "10.9.0.9",
                     "MacAddress": "02:42:0a:09:00:09"},
            "net": {"Aliases": ["web", "db", "db34567890ab", "front"], "Links": ["cache:cache"], "DriverOpts": {"a": "b"}, "IPAddress": "10.8.0.2"}
          }}
        }
        """)!.AsObject();

    /// <summary>What it says of its image: the body, or null for 404.</summary>
    internal string? Image { get; set; } = """{"Id": "sha256:1", "Config": {"ExposedPorts": {"3000/tcp": {}, "53/udp": {}}}}""";

    /// <summary>The answer of one call in the place of the usual one.</summary>
    internal (string Call, int Status, string Body)? Instead { get; set; }

    /// <summary>The answers of more calls in the place of the usual ones.</summary>
    internal Dictionary<string, (int Status, string Body)> More { get; } = [];

    internal IEnumerable<string> Calls =>
        _fake.Calls.Select(c => $"{c.Line.Replace("/v1.41", "", StringComparison.Ordinal)}{(c.Query.Length > 0 ? "?" : "")}{c.Query}");

    /// <summary>The body of the last call to such a path.</summary>
    internal JsonElement Body(string path) => JsonDocument.Parse(_fake.Calls.Last(c => c.Line.EndsWith(path, StringComparison.Ordinal)).Body).RootElement;

    internal async Task<ContainerBlueprint> BlueprintAsync() => (await Engine.InspectAsync(Id, TestContext.Current.CancellationToken))!.Value.Blueprint;

    /// <summary>Has it created; returns what the engine was told.</summary>
    internal async Task<JsonElement> CreateAsync(ContainerBlueprint blueprint)
    {
        Assert.Equal("new", await Engine.CreateAsync(blueprint, TestContext.Current.CancellationToken));
        return Body("/containers/create");
    }

    internal static string[] Texts(JsonElement list) => list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(e => e.GetString()!)] : [];

    internal static string[] Names(JsonElement of) => [.. of.EnumerateObject().Select(p => p.Name)];

    public async ValueTask DisposeAsync()
    {
        _line.Dispose();
        await _fake.DisposeAsync();
    }

    private (int Status, string Body) Answer(string line)
    {
        string call = line.Replace("/v1.41", "", StringComparison.Ordinal);
        return call switch
        {
            _ when Instead is { } instead && call == instead.Call => (instead.Status, instead.Body),
            _ when More.TryGetValue(call, out (int Status, string Body) other) => other,
            "GET /containers/" + Id + "/json" => (200, Container.ToJsonString()),
            "GET /containers/" + OwnId + "/json" => (200, """
                {"Id": "0001", "Name": "/edge", "Image": "sha256:9", "State": {"Status": "running"},
                 "Config": {"Image": "edge:local", "Labels": {"com.docker.compose.project": "proxy"}}}
                """),
            "GET /images/edge:local/json" => (200, """{"Id": "sha256:9"}"""),
            "GET /images/app:1/json" => Image is null ? (404, """{"message":"No such image: app:1"}""") : (200, Image),
            "POST /containers/create" => (201, """{"Id": "new", "Warnings": []}"""),
            "POST /images/create" => (200, """{"status": "done"}"""),
            _ when call.StartsWith("POST /networks/", StringComparison.Ordinal) => (200, ""),
            _ when call.StartsWith("DELETE /containers/", StringComparison.Ordinal) => (204, ""),
            _ => (500, $"{{\"message\": \"{call} is not expected\"}}"),
        };
    }
}
