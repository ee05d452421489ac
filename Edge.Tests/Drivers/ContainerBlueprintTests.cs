using System.Text.Json;
using System.Text.Json.Nodes;
using Edge.Drivers;
using Edge.Fleet;
using static Edge.Tests.Drivers.CreatingEngine;

namespace Edge.Tests.Drivers;

public sealed class ContainerBlueprintTests : IAsyncDisposable
{
    private static readonly string[] s_networks = ["back", "bridge", "net"];

    private static readonly Dictionary<string, string> s_labels = new() { ["edge.by"] = "balancer", ["edge.weight"] = "1" };

    private readonly CreatingEngine _engine = new();

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_blueprint_has_what_the_container_says_of_itself()
    {
        _engine.Container["Config"]!["Healthcheck"] = JsonNode.Parse("""{"Test": ["CMD", "x"], "StartPeriod": 120000000000}""");
        ContainerBlueprint blueprint = await _engine.BlueprintAsync();
        Assert.Equal(("web", "app:1", "sha256:1", "SIGUSR1"), (blueprint.Name, blueprint.Image, blueprint.ImageId, blueprint.StopSignal));
        Assert.Equal((TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(120)), (blueprint.StopTimeout, blueprint.StartPeriod));
        Assert.Equal(DateTimeOffset.Parse("2026-01-02T03:04:05.6Z", System.Globalization.CultureInfo.InvariantCulture), blueprint.Created);
        Assert.Equal([3000], blueprint.ExposedPorts);
    }

    [Fact]
    public async Task A_blueprint_has_nothing_that_the_container_does_not_say()
    {
        _engine.Container["Config"] = JsonNode.Parse("""{"Image": "app:1"}""");
        ContainerBlueprint blueprint = await _engine.BlueprintAsync();
        Assert.Equal(("", null, TimeSpan.Zero), (blueprint.StopSignal, blueprint.StopTimeout, blueprint.StartPeriod));
        Assert.Empty(blueprint.ExposedPorts);
        Assert.Empty(blueprint.Environment);
    }

    [Theory]
    [InlineData("""{"8080/tcp": {}, "80/tcp": {}}""", new[] { 80, 8080 })]
    [InlineData("""{"53/udp": {}, "9/sctp": {}}""", new int[0])]
    [InlineData("""{"3000": {}, "x/tcp": {}, "0/tcp": {}, "65536/tcp": {}}""", new[] { 3000 })]
    public async Task The_ports_are_those_of_TCP(string exposed, int[] ports)
    {
        _engine.Container["Config"]!["ExposedPorts"] = JsonNode.Parse(exposed);
        Assert.Equal(ports, (await _engine.BlueprintAsync()).ExposedPorts);
    }

    [Fact]
    public async Task A_copy_has_everything_that_does_not_belong_to_one_container_alone()
    {
        JsonElement made = await _engine.CreateAsync((await _engine.BlueprintAsync()).Like("server_4", s_labels, ["A=1"]));
        Assert.Contains("POST /containers/create?name=server_4", _engine.Calls);
        Assert.Equal(
            ("app:1", "1000:1000", "/srv", "SIGUSR1", 60),
            (Text(made, "Image"), Text(made, "User"), Text(made, "WorkingDir"), Text(made, "StopSignal"), made.GetProperty("StopTimeout").GetInt32()));
        Assert.Equal(["A=1"], Texts(made.GetProperty("Env")));
        Assert.Equal(["/app"], Texts(made.GetProperty("Entrypoint")));
        Assert.Equal(["serve"], Texts(made.GetProperty("Cmd")));

        JsonElement host = made.GetProperty("HostConfig");
        JsonElement before = JsonSerializer.SerializeToElement(_engine.Container["HostConfig"]);
        string[] kept =
        [
            "NetworkMode", "Memory", "NanoCpus", "Ulimits", "PidsLimit", "LogConfig", "ExtraHosts", "SecurityOpt", "CapAdd", "CapDrop",
            "Tmpfs", "Binds", "ShmSize",
        ];
        foreach (string same in kept)
        {
            Assert.True(JsonElement.DeepEquals(before.GetProperty(same), host.GetProperty(same)), $"{same}: {host.GetProperty(same)}");
        }
    }

    [Fact]
    public async Task A_copy_has_nothing_that_belongs_to_one_container_alone()
    {
        _engine.Container["Config"]!["Hostname"] = "chosen";
        JsonElement made = await _engine.CreateAsync((await _engine.BlueprintAsync()).Like("server_4", s_labels, []));
        JsonElement host = made.GetProperty("HostConfig");
        Assert.Equal("", Text(made, "Hostname"));
        Assert.Equal((false, false), (made.GetProperty("AttachStdout").GetBoolean(), made.GetProperty("StdinOnce").GetBoolean()));
        Assert.False(host.TryGetProperty("PortBindings", out _));
        Assert.Equal((false, false), (host.GetProperty("PublishAllPorts").GetBoolean(), host.GetProperty("AutoRemove").GetBoolean()));
        Assert.Equal("", Text(host, "ContainerIDFile"));
        Assert.Equal("no", Text(host.GetProperty("RestartPolicy"), "Name"));
        Assert.DoesNotContain("10.9.0.9", $"{_engine.Body("/networks/back/connect")}", StringComparison.Ordinal);
        Assert.DoesNotContain("02:42", $"{_engine.Body("/networks/back/connect")}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_joins_every_network_with_its_aliases_before_it_is_started()
    {
        JsonElement made = await _engine.CreateAsync((await _engine.BlueprintAsync()).Like("server_4", s_labels, []));
        JsonElement first = made.GetProperty("NetworkingConfig").GetProperty("EndpointsConfig");
        Assert.Equal(["net"], Names(first));

        // One that only begins as the id does is no id.
        Assert.Equal(["db", "front", "server_4"], Texts(first.GetProperty("net").GetProperty("Aliases")));
        Assert.Equal(["cache:cache"], Texts(first.GetProperty("net").GetProperty("Links")));
        Assert.Equal("b", Text(first.GetProperty("net").GetProperty("DriverOpts"), "a"));

        JsonElement second = _engine.Body("/networks/back/connect");
        Assert.Equal("new", Text(second, "Container"));
        Assert.Equal(["store", "server_4"], Texts(second.GetProperty("EndpointConfig").GetProperty("Aliases")));
        Assert.Equal(["POST /containers/create?name=server_4", "POST /networks/back/connect"], _engine.Calls.TakeLast(2));
    }

    [Theory]
    [InlineData("back", "back")]
    [InlineData("id-of-back", "back")]
    [InlineData("default", "bridge")]
    [InlineData("gone", "net")]
    public async Task The_network_of_its_creation_comes_first(string mode, string first)
    {
        _engine.Container["HostConfig"]!["NetworkMode"] = mode;
        JsonNode networks = _engine.Container["NetworkSettings"]!["Networks"]!;
        networks["back"]!["NetworkID"] = "id-of-back";
        networks["bridge"] = JsonNode.Parse("{}");
        JsonElement made = await _engine.CreateAsync((await _engine.BlueprintAsync()).Like("server_4", s_labels, []));
        Assert.Equal([first], Names(made.GetProperty("NetworkingConfig").GetProperty("EndpointsConfig")));
        Assert.Equal(first, Text(made.GetProperty("HostConfig"), "NetworkMode"));
        Assert.Equal(
            s_networks.Where(n => n != first).Select(n => $"POST /networks/{n}/connect").Order(),
            _engine.Calls.Where(c => c.StartsWith("POST /networks/", StringComparison.Ordinal)).Order());

        // The engine's own network has no names, and refuses them.
        JsonElement bridge = first == "bridge" ? made.GetProperty("NetworkingConfig").GetProperty("EndpointsConfig").GetProperty("bridge")
            : _engine.Body("/networks/bridge/connect").GetProperty("EndpointConfig");
        Assert.False(bridge.TryGetProperty("Aliases", out _));
    }

    [Fact]
    public async Task A_container_that_cannot_join_a_network_is_removed_again_and_the_error_told()
    {
        _engine.Instead = ("POST /networks/back/connect", 404, """{"message":"network back not found"}""");
        ContainerBlueprint blueprint = (await _engine.BlueprintAsync()).Like("server_4", s_labels, []);
        DriverException failed = await Assert.ThrowsAsync<DriverException>(() => _engine.Engine.CreateAsync(blueprint, Cancellation));
        Assert.Equal(
            "it cannot join the network back: network back not found: docker network create back makes it, or Edge:Docker:Network (--network) names "
                + "another one", failed.Message);

        // It is no missing image, for which one might be pulled.
        Assert.False(DockerEngine.IsNotFound(failed));
        Assert.Equal("DELETE /containers/new", _engine.Calls.Last().Split('?')[0]);
        Assert.Contains("v=1", _engine.Calls.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_on_no_network_cannot_be_made_again()
    {
        _engine.Container["NetworkSettings"] = JsonNode.Parse("""{"Networks": {}}""");
        ContainerBlueprint blueprint = (await _engine.BlueprintAsync()).Like("server_4", s_labels, []);
        DriverException failed = await Assert.ThrowsAsync<DriverException>(() => _engine.Engine.CreateAsync(blueprint, Cancellation));
        Assert.Contains("no network", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_engine.Calls, c => c.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Volumes_without_a_name_are_made_anew_and_those_with_one_stay()
    {
        _engine.Container["Config"]!["Volumes"] = JsonNode.Parse("""{"/declared": {}}""");
        _engine.Container["HostConfig"]!["Binds"] = JsonNode.Parse($"""["{CreatingEngine.Hash}:/of-compose-1:rw", "data:/data:ro", "/srv/conf:/conf"]""");
        _engine.Container["HostConfig"]!["Mounts"] = JsonNode.Parse($$"""
            [{"Type": "volume", "Source": "{{CreatingEngine.Hash}}", "Target": "/of-compose-2", "ReadOnly": true},
             {"Type": "volume", "Source": "named", "Target": "/named"}, {"Type": "bind", "Source": "/srv", "Target": "/srv"},
             {"Type": "tmpfs", "Target": "/fast"}]
            """);
        JsonElement made = await _engine.CreateAsync((await _engine.BlueprintAsync()).Like("server_4", s_labels, []));
        Assert.Equal(["/declared", "/of-compose-1"], Names(made.GetProperty("Volumes")));
        Assert.Equal(["data:/data:ro", "/srv/conf:/conf"], Texts(made.GetProperty("HostConfig").GetProperty("Binds")));
        Assert.Equal(
            ["volume  /of-compose-2", "volume named /named", "bind /srv /srv", "tmpfs  /fast"],
            made.GetProperty("HostConfig").GetProperty("Mounts").EnumerateArray().Select(m => $"{Text(m, "Type")} {Text(m, "Source")} {Text(m, "Target")}"));
        Assert.DoesNotContain(CreatingEngine.Hash, $"{made}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_stay_but_those_of_Compose_and_those_that_are_given()
    {
        ContainerBlueprint blueprint = await _engine.BlueprintAsync();
        JsonElement labels = (await _engine.CreateAsync(blueprint.Like("server_4", s_labels, []))).GetProperty("Labels");
        Assert.Equal(["edge.by", "edge.fleet", "edge.health", "edge.weight", "mine"], Names(labels).Order());
        Assert.Equal("1", Text(labels, "edge.weight"));
    }

    [Fact]
    public async Task A_container_that_is_made_again_keeps_its_name_its_environment_and_its_labels()
    {
        ContainerBlueprint blueprint = await _engine.BlueprintAsync();
        Assert.Equal("new", await _engine.Engine.CreateAsync(blueprint.Again("web"), Cancellation));
        JsonElement made = _engine.Body("/containers/create");
        Assert.Contains("POST /containers/create?name=web", _engine.Calls);
        Assert.Equal(["MODE=x=y", "SERVER_ID=web", "PATH=/bin"], Texts(made.GetProperty("Env")));
        Assert.Equal("web", Text(made.GetProperty("Labels"), "com.docker.compose.service"));
        JsonElement first = made.GetProperty("NetworkingConfig").GetProperty("EndpointsConfig").GetProperty("net");
        Assert.Equal(["db", "front", "web"], Texts(first.GetProperty("Aliases")));
        Assert.Equal(["store", "web"], Texts(_engine.Body("/networks/back/connect").GetProperty("EndpointConfig").GetProperty("Aliases")));
    }

    [Fact]
    public async Task One_blueprint_makes_many_and_stays_as_it_is()
    {
        ContainerBlueprint blueprint = await _engine.BlueprintAsync();
        string first = $"{await _engine.CreateAsync(blueprint.Like("server_4", s_labels, ["A=1"]))}";
        await _engine.CreateAsync(blueprint.Like("server_5", new Dictionary<string, string> { ["x"] = "y" }, ["B=1"]));
        await _engine.CreateAsync(blueprint.Again("server_6"));
        Assert.Equal(first, $"{await _engine.CreateAsync(blueprint.Like("server_4", s_labels, ["A=1"]))}");
    }

    [Theory]
    [InlineData("""{"Id": "sha256:1"}""", null, "app:1")]
    [InlineData("""{"Id": "sha256:2"}""", null, "sha256:1")]
    [InlineData(null, null, "sha256:1")]
    [InlineData(null, 403, "sha256:1")]
    public async Task The_image_has_its_name_where_that_still_means_the_same(string? image, int? refusal, string used)
    {
        _engine.Image = image;
        _engine.Instead = refusal is { } status ? ("GET /images/app:1/json", status, "<html>no</html>") : null;
        Assert.Equal(used, Text(await _engine.CreateAsync((await _engine.BlueprintAsync()).Like("server_4", s_labels, [])), "Image"));
    }

    [Fact]
    public async Task A_copy_of_a_container_without_an_entry_point_does_not_get_that_of_the_image()
    {
        _engine.Container["Config"]!["Entrypoint"] = null;
        JsonElement made = await _engine.CreateAsync((await _engine.BlueprintAsync()).Like("server_4", s_labels, []));
        Assert.Equal([""], Texts(made.GetProperty("Entrypoint")));
        Assert.Equal(["serve"], Texts(made.GetProperty("Cmd")));
    }

    private static string Text(JsonElement of, string property) => of.TryGetProperty(property, out JsonElement value) ? value.GetString() ?? "" : "";
}
