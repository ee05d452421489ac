using System.Text.Json;
using System.Text.Json.Nodes;
using Edge.Config;
using Edge.Drivers;
using Edge.Fleet;
using static Edge.Tests.Drivers.CreatingEngine;

namespace Edge.Tests.Drivers;

public sealed class ContainerTemplatesTests : IAsyncDisposable
{
    private static readonly ReplicaSpec s_spec = new("server_4", 3);

    private readonly CreatingEngine _engine = new();

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_configured_image_comes_before_a_replica_that_is_there()
    {
        Assert.Equal("app:1", (await MakeAsync(new() { Image = "app:1", Port = 80 }, null)).GetProperty("Image").GetString());
        JsonElement made = await MakeAsync(new() { Image = "other:2", Port = 80 }, await _engine.BlueprintAsync());
        Assert.Equal("other:2", made.GetProperty("Image").GetString());
        Assert.False(made.TryGetProperty("Cmd", out _));
    }

    [Fact]
    public async Task A_replica_that_is_there_comes_before_the_built_in_one()
    {
        JsonElement made = await MakeAsync(new() { Command = ["replica"] }, await _engine.BlueprintAsync(), CreatingEngine.OwnId);
        Assert.Equal("app:1", made.GetProperty("Image").GetString());
        Assert.Equal("edge:local", (await MakeAsync(new() { Command = ["replica"] }, null, CreatingEngine.OwnId)).GetProperty("Image").GetString());
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("replica", false)]
    [InlineData("", true)]
    public async Task If_there_is_nothing_to_make_a_container_of_the_error_says_what_to_do(string command, bool isInContainer)
    {
        DockerOptions options = new() { Command = command.Length > 0 ? [command] : [] };
        ContainerTemplates templates = Templates(options, isInContainer ? CreatingEngine.OwnId : null);
        DriverException failed = await Assert.ThrowsAsync<DriverException>(() => templates.MakeAsync(s_spec, null, Cancellation));
        Assert.Equal(
            "there is nothing to make a replica of: set Edge:Docker:Image, or label a container edge.fleet=blue, and the others are made like it",
            failed.Message);
    }

    [Fact]
    public void The_fleet_is_filled_by_itself_only_if_the_options_name_an_application()
    {
        Assert.True(Templates(new() { Image = "app:1" }).CanMakeUnasked);
        Assert.True(Templates(new() { Command = ["replica", "--listen", "*:1"] }, "own").CanMakeUnasked);
        Assert.False(Templates(new() { Command = ["replica"] }).CanMakeUnasked);
        Assert.False(Templates(new(), "own").CanMakeUnasked);
    }

    [Fact]
    public async Task Whatever_the_options_leave_out_is_as_docker_run_has_it()
    {
        JsonElement made = await MakeAsync(new() { Image = "app:1", Port = 3000 }, null);
        JsonElement host = made.GetProperty("HostConfig");
        Assert.Equal((0, 0, 4096), (host.GetProperty("Memory").GetInt64(), host.GetProperty("NanoCpus").GetInt64(), host.GetProperty("PidsLimit").GetInt64()));
        Assert.False(host.GetProperty("ReadonlyRootfs").GetBoolean());
        Assert.Empty(Texts(host.GetProperty("CapDrop")));
        Assert.Empty(Texts(host.GetProperty("CapAdd")));
        Assert.Equal(["no-new-privileges"], Texts(host.GetProperty("SecurityOpt")));
        Assert.Equal(("net", "no"), (host.GetProperty("NetworkMode").GetString(), host.GetProperty("RestartPolicy").GetProperty("Name").GetString()));
        Assert.All(["Entrypoint", "Cmd", "StopTimeout", "Healthcheck"], absent => Assert.False(made.TryGetProperty(absent, out _), absent));
        Assert.False(host.TryGetProperty("Tmpfs", out _));
        Assert.Equal(["server_4"], Texts(made.GetProperty("NetworkingConfig").GetProperty("EndpointsConfig").GetProperty("net").GetProperty("Aliases")));
    }

    [Fact]
    public async Task Every_option_shows_in_the_container()
    {
        JsonElement made = await MakeAsync(
            new()
            {
                Image = "app:1",
                Port = 3000,
                EntryPoint = ["/bin/app", "-v"],
                Command = ["serve"],
                User = "1000:1000",
                Volumes = ["data:/data:ro", "/srv/conf:/conf", "/scratch", "big:/tmp/"],
                Networks = ["back=store", "back=shop", "net=front", "side"],
                Labels = ["a=1", "a=2=3"],
                StopTimeout = TimeSpan.FromSeconds(60.5),
                MemoryMiB = 64,
                CpuPercent = 50,
                Processes = 9,
                ReadOnly = true,
                NoNewPrivileges = false,
                KeepCapabilities = ["CHOWN", "KILL"],
            },
            null);
        JsonElement host = made.GetProperty("HostConfig");
        Assert.Equal(["/bin/app", "-v"], Texts(made.GetProperty("Entrypoint")));
        Assert.Equal(["serve"], Texts(made.GetProperty("Cmd")));
        Assert.Equal(("1000:1000", 61), (made.GetProperty("User").GetString(), made.GetProperty("StopTimeout").GetInt32()));
        Assert.Equal(["data:/data:ro", "/srv/conf:/conf", "big:/tmp/"], Texts(host.GetProperty("Binds")));
        Assert.Equal(["/scratch"], Names(made.GetProperty("Volumes")));
        Assert.Equal("2=3", made.GetProperty("Labels").GetProperty("a").GetString());
        Assert.Equal((64L << 20, 500_000_000), (host.GetProperty("Memory").GetInt64(), host.GetProperty("NanoCpus").GetInt64()));
        Assert.Equal(9, host.GetProperty("PidsLimit").GetInt64());
        Assert.True(host.GetProperty("ReadonlyRootfs").GetBoolean());

        // A volume is mounted at the other one.
        Assert.Equal(["/run"], Names(host.GetProperty("Tmpfs")));
        Assert.Empty(Texts(host.GetProperty("SecurityOpt")));
        Assert.Equal(["ALL"], Texts(host.GetProperty("CapDrop")));
        Assert.Equal(["CHOWN", "KILL"], Texts(host.GetProperty("CapAdd")));
        JsonElement first = made.GetProperty("NetworkingConfig").GetProperty("EndpointsConfig").GetProperty("net");
        Assert.Equal(["front", "server_4"], Texts(first.GetProperty("Aliases")));
        Assert.Equal(["store", "shop", "server_4"], Texts(_engine.Body("/networks/back/connect").GetProperty("EndpointConfig").GetProperty("Aliases")));
        Assert.Equal(["server_4"], Texts(_engine.Body("/networks/side/connect").GetProperty("EndpointConfig").GetProperty("Aliases")));
    }

    [Fact]
    public async Task KeepCapabilities_with_NONE_drops_all_capabilities()
    {
        JsonElement host = (await MakeAsync(new() { Image = "app:1", Port = 3000, KeepCapabilities = ["NONE"] }, null)).GetProperty("HostConfig");
        Assert.Equal(["ALL"], Texts(host.GetProperty("CapDrop")));
        Assert.Empty(Texts(host.GetProperty("CapAdd")));
    }

    [Theory]
    [InlineData(new string[0], new string[0], new[] { "SERVER_ID=4", "PORT=3000" })]
    [InlineData(new[] { "A=file", "B=file" }, new[] { "B=option", "B=last" }, new[] { "SERVER_ID=4", "PORT=3000", "A=file", "B=last" })]
    [InlineData(new[] { "PORT=1" }, new string[0], new[] { "SERVER_ID=4", "PORT=1" })]
    [InlineData(new string[0], new[] { "PORT=2", "SERVER_ID=x=y" }, new[] { "SERVER_ID=x=y", "PORT=2" })]
    public async Task The_environment_comes_from_the_balancer_then_the_file_then_the_options(string[] file, string[] options, string[] environment)
    {
        JsonElement made = await MakeAsync(new() { Image = "app:1", Port = 3000, FileEnvironment = file, Environment = options }, null);
        Assert.Equal(environment, Texts(made.GetProperty("Env")));
    }

    [Theory]
    [InlineData(true, "late")]
    [InlineData(false, null)]
    public async Task A_container_is_made_like_its_model_as_that_is_now(bool isThere, string? joined)
    {
        ContainerBlueprint newest = await _engine.BlueprintAsync();
        _engine.Container["NetworkSettings"]!["Networks"]!["late"] = JsonNode.Parse("{}");
        _engine.Instead = isThere ? null : ($"GET /containers/{CreatingEngine.Id}/json", 404, """{"message":"No such container"}""");
        await MakeAsync(new(), newest);
        Assert.Equal(
            new[] { "back", joined }.OfType<string>().Select(n => $"POST /networks/{n}/connect"),
            _engine.Calls.Where(c => c.StartsWith("POST /networks/", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(new[] { "A=1" }, new[] { "A=1", "PORT=3000", "SERVER_ID=4" })]
    [InlineData(new[] { "SERVER_ID=web", "PORT=9", "A=b=c" }, new[] { "PORT=9", "A=b=c", "SERVER_ID=4" })]
    public async Task A_container_made_like_another_has_its_environment_but_an_id_of_its_own(string[] before, string[] after)
    {
        _engine.Container["Config"]!["Env"] = JsonSerializer.SerializeToNode(before);
        Assert.Equal(after, Texts((await MakeAsync(new() { Environment = ["NOT=looked at"] }, await _engine.BlueprintAsync())).GetProperty("Env")));
    }

    [Theory]
    [InlineData("9", 0, """{"3000/tcp": {}}""", "9")]
    [InlineData("9", 80, """{"3000/tcp": {}}""", "9")]
    [InlineData(null, 80, """{"3000/tcp": {}}""", "80")]
    [InlineData("x", 0, """{"3000/tcp": {}}""", "3000")]
    [InlineData(null, 0, """{"3000/tcp": {}, "53/udp": {}}""", "3000")]
    public async Task The_port_of_a_container_made_like_another_is_that_of_the_label_the_option_or_the_exposed_one(
        string? label, int option, string exposed, string port)
    {
        _engine.Container["Config"]!["ExposedPorts"] = JsonNode.Parse(exposed);
        if (label is not null)
        {
            _engine.Container["Config"]!["Labels"]!["edge.port"] = label;
        }

        JsonElement made = await MakeAsync(new() { Port = option }, await _engine.BlueprintAsync());
        Assert.Equal(port, made.GetProperty("Labels").GetProperty("edge.port").GetString());
        Assert.Contains($"PORT={port}", Texts(made.GetProperty("Env")));
    }

    [Theory]
    [InlineData("{}", "no port")]
    [InlineData("""{"80/tcp": {}, "443/tcp": {}}""", "2 ports (80, 443)")]
    public async Task Without_exactly_one_exposed_port_the_error_says_what_to_set(string exposed, string ports)
    {
        _engine.Container["Config"]!["ExposedPorts"] = JsonNode.Parse(exposed);
        ContainerBlueprint newest = await _engine.BlueprintAsync();
        DriverException failed = await Assert.ThrowsAsync<DriverException>(() => Templates(new()).MakeAsync(s_spec, newest, Cancellation));
        Assert.Equal($"the container web exposes {ports}: set Edge:Docker:Port, or give the container the label edge.port=PORT", failed.Message);
    }

    [Fact]
    public async Task The_port_of_an_image_is_the_one_that_it_exposes()
    {
        JsonElement made = await MakeAsync(new() { Image = "app:1" }, null);
        Assert.Equal("3000", made.GetProperty("Labels").GetProperty("edge.port").GetString());
        Assert.Contains("PORT=3000", Texts(made.GetProperty("Env")));
    }

    [Theory]
    [InlineData("""{"Id": "sha256:1"}""", 0, "the image app:1 exposes no port: ")]
    [InlineData("""{"Id": "sha256:1", "Config": {"ExposedPorts": {"80/tcp": {}, "443/tcp": {}}}}""", 0, "the image app:1 exposes 2 ports (80, 443): ")]
    [InlineData(null, 0, "No such image: app:1: docker pull app:1 fetches it, docker build makes it; with Edge:Docker:Pull=true the balancer pulls it")]
    [InlineData(null, 403, "the image app:1 cannot be looked at for its port (status 403: no): ")]
    public async Task If_the_port_of_an_image_is_not_known_the_error_says_what_to_set(string? image, int refusal, string why)
    {
        _engine.Image = image;
        _engine.Instead = refusal > 0 ? ("GET /images/app:1/json", refusal, "no") : null;
        DriverException failed = await Assert.ThrowsAsync<DriverException>(() => Templates(new() { Image = "app:1" }).MakeAsync(s_spec, null, Cancellation));
        string remedy = why.EndsWith(": ", StringComparison.Ordinal) ? "set Edge:Docker:Port (--port) to where it listens" : "";
        Assert.Equal((DriverFailure.Failed, why + remedy), (failed.Kind, failed.Message));
    }

    [Fact]
    public async Task An_image_that_is_not_there_is_pulled_for_its_port_where_that_is_allowed()
    {
        _engine.Image = null;
        await Assert.ThrowsAsync<DriverException>(() => Templates(new() { Image = "app:1", Pull = true }).MakeAsync(s_spec, null, Cancellation));
        Assert.Equal(["GET /images/app:1/json", "POST /images/create", "GET /images/app:1/json"], _engine.Calls.Skip(1).Select(c => c.Split('?')[0]));
    }

    [Theory]
    [InlineData(CreatingEngine.OwnId, "proxy")]
    [InlineData(null, "shop")]
    public async Task A_new_container_belongs_to_the_balancers_project_or_else_to_that_of_its_model(string? ownId, string project)
    {
        JsonElement labels = (await MakeAsync(new(), await _engine.BlueprintAsync(), ownId)).GetProperty("Labels");
        string[] names = ["project", "service", "oneoff", "container-number", "config-hash"];
        Assert.Equal([project, "edge_replica", "False", "4", "balancer"], names.Select(l => labels.GetProperty($"com.docker.compose.{l}").GetString()));
        Assert.False(labels.TryGetProperty("com.docker.compose.depends_on", out _));
        Assert.Equal(("blue", "3", "3000", "balancer"), (Label("fleet"), Label("weight"), Label("port"), Label("by")));
        Assert.Equal("shop", Label("group"));
        Assert.Equal(("yes", "/ok"), (labels.GetProperty("mine").GetString(), Label("health")));
        string? Label(string name) => labels.GetProperty($"edge.{name}").GetString();
    }

    [Fact]
    public async Task Without_a_project_there_is_no_label_of_Compose()
    {
        JsonElement labels = (await MakeAsync(new() { Image = "app:1", Port = 80 }, null)).GetProperty("Labels");
        Assert.Equal(["edge.by", "edge.fleet", "edge.port", "edge.weight"], Names(labels).Order());
    }

    [Theory]
    [InlineData(0, new[] { "replica" }, new[] { "replica", "--listen", "*:8080" }, "8080")]
    [InlineData(90, new[] { "replica" }, new[] { "replica", "--listen", "*:90" }, "90")]
    [InlineData(0, new[] { "replica", "--listen", "*:9000" }, new[] { "replica", "--listen", "*:9000" }, "9000")]
    public async Task The_built_in_replica_gets_nothing_that_it_does_not_need(int port, string[] command, string[] made, string label)
    {
        DockerOptions options = new() { Port = port, Command = command, KeepCapabilities = ["ALL"], NoNewPrivileges = false, Processes = 0 };
        JsonElement container = await MakeAsync(options, null, CreatingEngine.OwnId);
        Assert.Equal(made, Texts(container.GetProperty("Cmd")));
        Assert.Equal(label, container.GetProperty("Labels").GetProperty("edge.port").GetString());
        Assert.Equal(["NONE"], Texts(container.GetProperty("Healthcheck").GetProperty("Test")));
        JsonElement host = container.GetProperty("HostConfig");
        Assert.Equal((64L << 20, 512), (host.GetProperty("Memory").GetInt64(), host.GetProperty("PidsLimit").GetInt64()));
        Assert.True(host.GetProperty("ReadonlyRootfs").GetBoolean());
        Assert.Equal(["/run", "/tmp"], Names(host.GetProperty("Tmpfs")).Order());
        Assert.Equal(["no-new-privileges"], Texts(host.GetProperty("SecurityOpt")));
        Assert.Equal(["ALL"], Texts(host.GetProperty("CapDrop")));
        Assert.Empty(Texts(host.GetProperty("CapAdd")));
    }

    [Fact]
    public async Task Edges_own_image_is_not_asked_for_its_port_which_is_the_balancers()
    {
        JsonElement made = await MakeAsync(new() { Image = "edge:local", Command = ["replica"] }, null);
        Assert.Equal("8080", made.GetProperty("Labels").GetProperty("edge.port").GetString());
        Assert.Equal(["replica", "--listen", "*:8080"], Texts(made.GetProperty("Cmd")));
        Assert.DoesNotContain(_engine.Calls, call => call.Contains("/images/", StringComparison.Ordinal));
    }

    private ContainerTemplates Templates(DockerOptions options, string? ownId = null) => new(options with { Network = "net" }, "blue", ownId, _engine.Engine);

    private async Task<JsonElement> MakeAsync(DockerOptions options, ContainerBlueprint? newest, string? ownId = null) =>
        await _engine.CreateAsync(await Templates(options, ownId).MakeAsync(s_spec, newest, Cancellation));
}
