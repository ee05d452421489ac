using System.Text.Json;
using Edge.Drivers;
using Edge.Tests.Backends;

namespace Edge.Tests.Docker;

/// <summary>What /add makes beside an application that a person has started, and of an application's image.</summary>
[Collection(nameof(WithDocker))]
public class LikeTests(Engine engine)
{
    private static readonly (string, string)[] s_noImage = [("Docker:Image", ""), ("Docker:Port", "0"), ("Health:Path", "/healthz")];

    // What one container has for itself.
    private static readonly string[] s_ownOfHost = ["PortBindings", "RestartPolicy"];

    [Fact]
    public async Task A_container_made_like_another_has_all_of_it_but_what_belongs_to_one_container_alone()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using AppEstate estate = await AppEstate.MakeAsync(fleet);
        string old = await estate.RunRichAsync();
        await using DockerEdge edge = await DockerEdge.StartUnreadyAsync(fleet, 0, s_noImage);
        await edge.StateAsync(old, "healthy");
        string name = $"{fleet.Name}-new";

        // It is well only where it finds the database by its name on the second network.
        Assert.Equal([name, old], DockerEdge.Names(await edge.AddAsync(1, name)).Order());

        JsonElement before = await engine.Docker.InspectAsync(old);
        JsonElement after = await engine.Docker.InspectAsync(name);
        foreach (JsonProperty property in before.GetProperty("HostConfig").EnumerateObject().Where(p => !s_ownOfHost.Contains(p.Name)))
        {
            JsonElement its = after.GetProperty("HostConfig").GetProperty(property.Name);
            Assert.True(IsSame(property.Value, its), $"{property.Name}: {property.Value} {its}");
        }

        JsonElement config = after.GetProperty("Config");
        foreach (string same in (string[])["Image", "User", "Cmd", "Entrypoint", "WorkingDir", "StopSignal", "StopTimeout", "ExposedPorts", "Domainname"])
        {
            JsonElement its = config.GetProperty(same);
            Assert.True(JsonElement.DeepEquals(before.GetProperty("Config").GetProperty(same), its), $"{same}: {its}");
        }

        Assert.Equal(before.GetProperty("Image").GetString(), after.GetProperty("Image").GetString());
        Assert.Equal(
            Texts(before.GetProperty("Config"), "Env").Where(e => !e.StartsWith("SERVER_ID=", StringComparison.Ordinal))
                .Append("PORT=3000").Append($"SERVER_ID={name}").Order(),
            Texts(config, "Env").Order());
        Assert.True(IsNothing(after.GetProperty("HostConfig").GetProperty("PortBindings")));
        Assert.Equal("no", after.GetProperty("HostConfig").GetProperty("RestartPolicy").GetProperty("Name").GetString());
        Assert.Equal(after.GetProperty("Id").GetString()![..12], config.GetProperty("Hostname").GetString());

        Dictionary<string, string> labels = config.GetProperty("Labels").EnumerateObject().ToDictionary(l => l.Name, l => l.Value.GetString()!);
        Assert.Equal(("yes", fleet.Name, "3000", "balancer"), (labels["mine"], labels["edge.fleet"], labels["edge.port"], labels["edge.by"]));
        Assert.Equal(
            ("shop", "edge_replica", "False"),
            (labels["com.docker.compose.project"], labels["com.docker.compose.service"], labels["com.docker.compose.oneoff"]));

        // What it finds when it runs.
        Assert.Equal("0 1000", (await estate.AskAsync(name, "/id")).Trim());
        Assert.Contains("SECRET=a=b c\n", await estate.AskAsync(name, "/env"), StringComparison.Ordinal);
        Assert.Equal("2", (await estate.AskAsync(old, "/visits")).Trim());
    }

    [Fact]
    public async Task A_container_made_like_another_is_on_all_its_networks_with_their_aliases_and_its_own_addresses()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using AppEstate estate = await AppEstate.MakeAsync(fleet);
        string old = await estate.RunRichAsync();
        await using DockerEdge edge = await DockerEdge.StartUnreadyAsync(fleet, 0, s_noImage);
        await edge.StateAsync(old, "healthy");
        string name = $"{fleet.Name}-new";
        DockerEdge.Names(await edge.AddAsync(1, name));
        JsonElement networks = (await engine.Docker.InspectAsync(name)).GetProperty("NetworkSettings").GetProperty("Networks");
        Assert.Equal([estate.Network, fleet.Name], networks.EnumerateObject().Select(n => n.Name).Order().Reverse().OrderBy(n => n == fleet.Name));
        foreach ((string network, string alias) in new[] { (fleet.Name, "front"), (estate.Network, "shop") })
        {
            string[] aliases = Texts(networks.GetProperty(network), "Aliases");
            Assert.Contains(alias, aliases);
            Assert.Contains(name, aliases);
            Assert.DoesNotContain(old, aliases);
        }

        Assert.NotEqual(AppEstate.FixedAddress, networks.GetProperty(estate.Network).GetProperty("IPAddress").GetString());
    }

    [Fact]
    public async Task A_made_container_that_was_removed_comes_back_on_all_its_networks()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using AppEstate estate = await AppEstate.MakeAsync(fleet);
        string old = await estate.RunRichAsync();
        await using DockerEdge edge = await DockerEdge.StartUnreadyAsync(fleet, 0, s_noImage);
        await edge.StateAsync(old, "healthy");
        string name = $"{fleet.Name}-new";
        DockerEdge.Names(await edge.AddAsync(1, name));
        JsonElement before = await engine.Docker.InspectAsync(name);
        await engine.Docker.RunAsync("rm", "--force", "--volumes", name);
        await edge.UntilAsync(async () => (await edge.ReplicaAsync(name)) is { } r && r.GetProperty("restarts").GetInt32() > 0, $"{name} is made again");

        // It finds its database, or it would not be.
        await edge.StateAsync(name, "healthy");
        JsonElement after = await engine.Docker.InspectAsync(name);
        Assert.NotEqual(before.GetProperty("Id").GetString(), after.GetProperty("Id").GetString());
        foreach (string network in (string[])[fleet.Name, estate.Network])
        {
            Assert.Equal(Aliases(before, network), Aliases(after, network));
        }

        static IEnumerable<string> Aliases(JsonElement container, string network) =>
            Texts(container.GetProperty("NetworkSettings").GetProperty("Networks").GetProperty(network), "Aliases")
                .Where(a => a != container.GetProperty("Id").GetString()![..12]).Order();
    }

    [Fact]
    public async Task Named_volumes_and_folders_are_shared_and_anonymous_volumes_are_not()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using AppEstate estate = await AppEstate.MakeAsync(fleet);
        string old = await estate.RunRichAsync();
        await using DockerEdge edge = await DockerEdge.StartUnreadyAsync(fleet, 0, s_noImage);
        await edge.StateAsync(old, "healthy");
        string name = $"{fleet.Name}-new";
        DockerEdge.Names(await edge.AddAsync(1, name));
        Dictionary<string, string> before = await MountsAsync(old);
        Dictionary<string, string> after = await MountsAsync(name);
        Assert.Equal(before.Keys.Order(), after.Keys.Order());
        Assert.All(["/data", "/conf"], path => Assert.Equal(before[path], after[path]));
        Assert.NotEqual(before["/scratch"], after["/scratch"]);
        Assert.NotEqual(before["/of-compose"], after["/of-compose"]);

        // Its own go with it. Those of the other one, and what has a name, stay.
        DockerEdge.Names(await edge.RemoveAsync(1, name));
        string[] left = await engine.Docker.LinesAsync("volume", "ls", "--quiet");
        Assert.All([before["/data"], before["/scratch"], before["/of-compose"]], volume => Assert.Contains(volume, left));
        Assert.All([after["/scratch"], after["/of-compose"]], volume => Assert.DoesNotContain(volume, left));
    }

    [Fact]
    public async Task The_newest_container_is_the_model_and_its_own_image_is_used()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        string tag = $"{fleet.Name}:tag";
        await engine.Docker.RunAsync("tag", Engine.NextApp, tag);
        try
        {
            await fleet.RunAppAsync($"{fleet.Name}-first", "--label", "edge.port=3000");
            await fleet.RunAppOfAsync(tag, $"{fleet.Name}-second", "--label", "edge.port=3000");
            await using DockerEdge edge = await DockerEdge.StartUnreadyAsync(fleet, 0, s_noImage);
            await edge.Native.HealthyAsync(2);
            string[] names = [$"{fleet.Name}-named", $"{fleet.Name}-moved"];
            DockerEdge.Names(await edge.AddAsync(1, names[0]));
            Assert.Equal(tag, await ImageAsync(names[0]));

            // By now the name means another image.
            await engine.Docker.RunAsync("tag", Engine.App, tag);
            DockerEdge.Names(await edge.AddAsync(1, names[1]));
            string id = (await engine.Docker.RunAsync("image", "inspect", "--format", "{{.Id}}", Engine.NextApp)).Trim();
            Assert.Equal(id, await ImageAsync(names[1]));
            Assert.Equal(id, (await engine.Docker.InspectAsync(names[1])).GetProperty("Image").GetString());
        }
        finally
        {
            await engine.Docker.RunAsync("rmi", tag);
        }

        async Task<string> ImageAsync(string name) => (await engine.Docker.InspectAsync(name)).GetProperty("Config").GetProperty("Image").GetString()!;
    }

    [Fact]
    public async Task A_container_made_like_one_without_an_entry_point_has_none_either()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        string old = $"{fleet.Name}-old", name = $"{fleet.Name}-new";
        await fleet.RunAsync(
            old, "--network", fleet.Name, "--label", $"edge.fleet={fleet.Name}", "--label", "edge.port=3000", "--entrypoint", "", Engine.App, "/app", "serve");
        await using DockerEdge edge = await DockerEdge.StartUnreadyAsync(fleet, 0, s_noImage);
        await edge.StateAsync(old, "healthy");
        DockerEdge.Names(await edge.AddAsync(1, name));
        JsonElement made = await engine.Docker.InspectAsync(name);
        Assert.Equal(("/app", "serve"), (made.GetProperty("Path").GetString(), Assert.Single(Texts(made, "Args"))));
    }

    [Fact]
    public async Task A_container_made_of_an_image_is_as_the_options_say_and_listens_where_the_image_does()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using AppEstate estate = await AppEstate.MakeAsync(fleet);
        string file = Path.Combine(estate.Folder, "app.env"), name = $"{fleet.Name}-new";
        await File.WriteAllTextAsync(file, "# of the application\nSECRET=a=b c\nVERSION=file\n", TestContext.Current.CancellationToken);
        await using DockerEdge edge = await DockerEdge.StartAsync(
            fleet, 0, ("Docker:Image", Engine.App), ("Docker:Port", "0"), ("Docker:Command:0", "serve"), ("Docker:EntryPoint:0", "/app"),
            ("Health:Path", "/healthz"), ("Docker:Networks:0", $"{estate.Network}=shop"), ("Docker:User", "0:1000"), ("Docker:EnvFile", file),
            ("Docker:Environment:0", "DB=db:5432"), ("Docker:Environment:1", "VERSION=v7"),
            ("Docker:Volumes:0", $"{estate.Volume}:/data"), ("Docker:Volumes:1", $"{estate.Folder}:/conf:ro"), ("Docker:Volumes:2", "/scratch"),
            ("Docker:Labels:0", "mine=yes"), ("Docker:StopTimeout", "00:01:00"), ("Docker:KeepCapabilities:0", "NONE"), ("Docker:MemoryMiB", "32"),
            ("Docker:ReadOnly", "true"));
        DockerEdge.Names(await edge.AddAsync(1, name));
        JsonElement made = await engine.Docker.InspectAsync(name);
        JsonElement config = made.GetProperty("Config");
        Assert.Equal("3000", config.GetProperty("Labels").GetProperty("edge.port").GetString());
        Assert.Equal("yes", config.GetProperty("Labels").GetProperty("mine").GetString());
        Assert.Equal(60, config.GetProperty("StopTimeout").GetInt32());
        JsonElement host = made.GetProperty("HostConfig");
        Assert.Equal((32L << 20, true), (host.GetProperty("Memory").GetInt64(), host.GetProperty("ReadonlyRootfs").GetBoolean()));
        Assert.Equal(["/conf", "/data", "/scratch"], (await MountsAsync(name)).Keys.Order());
        Assert.Contains("shop", Texts(made.GetProperty("NetworkSettings").GetProperty("Networks").GetProperty(estate.Network), "Aliases"));
        string environment = await estate.AskAsync(name, "/env");
        Assert.All(["PORT=3000\n", "SECRET=a=b c\n", "VERSION=v7\n", $"SERVER_ID={name}\n"], e => Assert.Contains(e, environment, StringComparison.Ordinal));
        Assert.Equal("0 1000", (await estate.AskAsync(name, "/id")).Trim());

        // What the file holds is the application's alone.
        Assert.DoesNotContain("a=b c", (await edge.Native.AskAsync("GET", "/edge/status")).Text + edge.Native.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_network_that_is_not_there_is_named_and_nothing_stays()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await DockerEdge.StartAsync(
            fleet, 0, ("Docker:Image", Engine.App), ("Docker:Port", "3000"), ("Docker:Command:0", "serve"),
            ("Docker:Networks:0", $"{fleet.Name}-missing"), ("Docker:Volumes:0", "/scratch"));
        string[] volumes = await engine.Docker.LinesAsync("volume", "ls", "--quiet");
        Message answer = await edge.AddAsync(1, $"{fleet.Name}-new");
        TestContext.Current.TestOutputHelper!.WriteLine(answer.Text);
        Assert.Equal(502, answer.Status);
        Assert.Contains($"network {fleet.Name}-missing not found", answer.Text, StringComparison.Ordinal);
        Assert.Empty(await fleet.ContainersAsync());
        Assert.Equal(volumes, await engine.Docker.LinesAsync("volume", "ls", "--quiet"));
    }

    [Fact]
    public async Task If_there_is_nothing_to_make_a_replica_of_the_answer_says_what_to_do()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await DockerEdge.StartUnreadyAsync(fleet, 0, s_noImage);
        Message answer = await edge.AddAsync(1);
        Assert.Equal(502, answer.Status);
        Assert.Contains($"set Edge:Docker:Image, or label a container edge.fleet={fleet.Name}", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_takes_the_time_that_the_container_asks_for()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        string name = $"{fleet.Name}-slow";
        await fleet.RunAppAsync(name, "--stop-timeout", "60", "--env", "STOP_DELAY=12");
        using var line = new EngineLine(new Uri(engine.Docker.Host));
        var calls = new DockerEngine(line, fleet.Name);
        await calls.StopAsync(await fleet.IdAsync(name), null, TestContext.Current.CancellationToken);
        JsonElement state = (await engine.Docker.InspectAsync(name)).GetProperty("State");
        Assert.Equal(("exited", 0), (state.GetProperty("Status").GetString(), state.GetProperty("ExitCode").GetInt32()));
    }

    private async Task<Dictionary<string, string>> MountsAsync(string container) =>
        (await engine.Docker.InspectAsync(container)).GetProperty("Mounts").EnumerateArray().ToDictionary(
            m => m.GetProperty("Destination").GetString()!,
            m => m.TryGetProperty("Name", out JsonElement name) ? name.GetString()! : m.GetProperty("Source").GetString()!);

    // To an engine, none and an empty list are the same. What Compose 1.29 binds by the name that the engine gave it is no bind of the new one.
    private static bool IsSame(JsonElement one, JsonElement other) =>
        JsonElement.DeepEquals(one, other) || (IsNothing(one) && IsNothing(other))
        || (one.ValueKind == JsonValueKind.Array && other.ValueKind == JsonValueKind.Array
            && one.EnumerateArray().Select(e => $"{e}").Where(e => !e.EndsWith(":/of-compose", StringComparison.Ordinal))
                .SequenceEqual(other.EnumerateArray().Select(e => $"{e}")));

    private static bool IsNothing(JsonElement value) => value.ValueKind == JsonValueKind.Null || $"{value}" is "[]" or "{}" or "";

    private static string[] Texts(JsonElement of, string list) => [.. of.GetProperty(list).EnumerateArray().Select(e => e.GetString()!)];
}
