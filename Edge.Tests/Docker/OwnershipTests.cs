using System.Text.Json;
using Edge.Tests.Backends;

namespace Edge.Tests.Docker;

/// <summary>
/// What the balancer does to a container depends on who made it: docs/operations.md has the table, and each of its cells is here, with an
/// application of a user. Whatever happens, nothing is removed that the balancer has not made, and no volume.
/// </summary>
[Collection(nameof(WithDocker))]
public class OwnershipTests(Engine engine)
{
    private const string Adopted = "adopted";
    private const string Made = "made";

    [Theory]
    [InlineData(Adopted, "die")]
    [InlineData(Adopted, "eat")]
    [InlineData(Adopted, "kill")]
    [InlineData(Made, "die")]
    [InlineData(Made, "eat")]
    [InlineData(Made, "kill")]
    public async Task A_container_that_ends_by_itself_or_is_killed_is_started_again_as_the_same_container(string origin, string fault)
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await StartAsync(fleet, origin);
        string id = await fleet.IdAsync("server_1");
        await BackAfterAsync(edge, "server_1", () =>
            fault == "kill" ? engine.Docker.RunAsync("kill", "server_1") : DockerEdge.TellAppAsync(fleet, "server_1", "/" + fault));
        Assert.Equal(id, await fleet.IdAsync("server_1"));
        Assert.Equal(1, (await edge.ReplicaAsync("server_1"))!.Value.GetProperty("restarts").GetInt32());
    }

    [Fact]
    public async Task A_container_with_a_restart_policy_is_left_to_that_policy()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await fleet.RunAppAsync("server_1", "--restart", "always");
        await using DockerEdge edge = await DockerEdge.StartForAppAsync(fleet, 1);
        await BackAfterAsync(edge, "server_1", () => DockerEdge.TellAppAsync(fleet, "server_1", "/die"));

        // The engine counts those that it has made itself.
        Assert.Equal(1, (await engine.Docker.InspectAsync("server_1")).GetProperty("RestartCount").GetInt32());
    }

    [Theory]
    [InlineData(Adopted, "stop", "start")]
    [InlineData(Made, "stop", "start")]
    [InlineData(Adopted, "pause", "unpause")]
    public async Task A_replica_that_is_stopped_from_outside_stays_stopped_until_it_is_started_from_outside(string origin, string stop, string start)
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await StartAsync(fleet, origin);
        await engine.Docker.RunAsync(stop, "server_1");
        await edge.StateAsync("server_1", "stopped");
        Assert.Equal(["server_2"], await edge.ReplicasAsync());
        Assert.Contains("from outside", (await edge.ReplicaAsync("server_1"))!.Value.GetProperty("why").GetString());

        // Another one that dies is started again meanwhile, later than this one would have been.
        await BackAfterAsync(edge, "server_2", () => engine.Docker.RunAsync("kill", "server_2"));
        JsonElement state = (await engine.Docker.InspectAsync("server_1")).GetProperty("State");
        Assert.Equal(stop == "pause" ? "paused" : "exited", state.GetProperty("Status").GetString());

        await engine.Docker.RunAsync(start, "server_1");
        await edge.StateAsync("server_1", "healthy");
        Assert.Equal(["server_1", "server_2"], (await edge.CountAsync(100)).Keys.Order());
    }

    [Fact]
    public async Task A_made_container_that_is_paused_is_woken()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await StartAsync(fleet, Made);
        await BackAfterAsync(edge, "server_1", () => engine.Docker.RunAsync("pause", "server_1"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_adopted_container_that_is_removed_is_let_go_of_and_its_successor_is_adopted(bool isStoppedFirst)
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await StartAsync(fleet, Adopted);
        if (isStoppedFirst)
        {
            await engine.Docker.RunAsync("stop", "server_1");
        }

        await engine.Docker.RunAsync("rm", "--force", "server_1");
        await edge.UntilAsync(async () => await edge.ReplicaAsync("server_1") is null, "server_1 is let go of");
        await fleet.RunAppOfAsync(Engine.NextApp, "server_1");
        await edge.StateAsync("server_1", "healthy");
        Assert.Equal(Engine.NextApp, (await edge.ReplicaAsync("server_1"))!.Value.GetProperty("image").GetString());
        Assert.Equal(["server_1", "server_2"], await fleet.ContainersAsync());
    }

    [Fact]
    public async Task A_made_container_that_is_removed_is_made_again()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await StartAsync(fleet, Made);
        string id = await fleet.IdAsync("server_1");
        await BackAfterAsync(edge, "server_1", () => engine.Docker.RunAsync("rm", "--force", "server_1"));
        Assert.NotEqual(id, await fleet.IdAsync("server_1"));
        Assert.Equal(["server_1", "server_2"], await fleet.ContainersAsync());
    }

    [Fact]
    public async Task A_made_container_that_is_stopped_and_then_removed_is_let_go_of()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await StartAsync(fleet, Made);
        await engine.Docker.RunAsync("stop", "server_1");
        await engine.Docker.RunAsync("rm", "server_1");
        await edge.UntilAsync(async () => await edge.ReplicaAsync("server_1") is null, "server_1 is let go of");
        await BackAfterAsync(edge, "server_2", () => engine.Docker.RunAsync("rm", "--force", "server_2"));
        Assert.Equal(["server_2"], await fleet.ContainersAsync());
    }

    [Theory]
    [InlineData(Adopted)]
    [InlineData(Made)]
    public async Task A_container_that_is_renamed_stays_in_rotation_under_its_new_name(string origin)
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await StartAsync(fleet, origin);
        string since = await SinceAsync(edge, "server_1");
        Assert.True((await edge.CountAsync(20))["server_1"] > 0);
        long requests = (await edge.ReplicaAsync("server_1"))!.Value.GetProperty("requests").GetInt64();
        await engine.Docker.RunAsync("rename", "server_1", fleet.WillBe($"{fleet.Name}-shop"));
        await edge.UntilAsync(async () => (await edge.ReplicasAsync()).Contains($"{fleet.Name}-shop"), "it has its new name");
        JsonElement renamed = (await edge.ReplicaAsync($"{fleet.Name}-shop"))!.Value;
        Assert.Equal(since, renamed.GetProperty("since").GetString());
        Assert.Equal(requests, renamed.GetProperty("requests").GetInt64());
        Assert.True((await edge.CountAsync(20))[$"{fleet.Name}-shop"] > 0);
    }

    [Fact]
    public async Task An_adopted_container_that_fails_its_checks_gets_no_requests_and_is_left_alone()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await StartAsync(fleet, Adopted, SickOnes);
        string started = await StartedAsync("server_1");
        await DockerEdge.AskAppAsync(fleet, "server_1", "POST", "/sick");
        await edge.StateAsync("server_1", "unhealthy");
        Assert.Contains("answered 503", (await edge.ReplicaAsync("server_1"))!.Value.GetProperty("why").GetString());
        Assert.Contains("warning replica_state name=server_1 state=unhealthy", edge.Native.Output);
        Assert.Equal(["server_2"], (await edge.CountAsync(100)).Keys);

        // One that the balancer makes beside it and that falls ill later is made anew meanwhile.
        await edge.AddAsync(1, "server_3");
        await MadeAnewAsync(fleet, edge, "server_3");
        Assert.Equal(started, await StartedAsync("server_1"));
        await DockerEdge.AskAppAsync(fleet, "server_1", "POST", "/well");
        await edge.StateAsync("server_1", "healthy");
    }

    [Fact]
    public async Task An_adopted_container_that_stays_unhealthy_is_restarted_and_never_removed_if_an_option_says_so()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await StartAsync(fleet, Adopted, [.. SickOnes, ("Health:Restart", "true")]);
        string id = await fleet.IdAsync("server_1");
        string started = await StartedAsync("server_1");
        await DockerEdge.AskAppAsync(fleet, "server_1", "POST", "/sick");
        await edge.UntilAsync(async () => await StartedAsync("server_1") != started, "it is restarted");
        await edge.StateAsync("server_1", "healthy");
        Assert.Equal(id, await fleet.IdAsync("server_1"));
        Assert.Equal("2", await VisitsAsync(fleet, "server_1"));
    }

    [Fact]
    public async Task A_made_container_that_stays_unhealthy_is_made_anew_with_new_anonymous_volumes_after_a_warning()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await StartAsync(fleet, Made, SickOnes);
        await MadeAnewAsync(fleet, edge, "server_1");
        Assert.Contains("warning container_removed name=server_1 ", edge.Native.Output);
        Assert.Equal("1", await VisitsAsync(fleet, "server_1"));
    }

    [Fact]
    public async Task An_adopted_container_that_was_never_well_is_warned_of_with_what_to_check_and_left_alone()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await DockerEdge.StartForAppAsync(fleet, [("Timeouts:Start", "00:00:02"), .. SickOnes]);
        await fleet.RunAppAsync("server_1", "--env", "DATA=/data", "--volume", "/data", "--env", "HEALTH_PATH=/elsewhere");
        string volume = Assert.Single(await VolumesAsync("server_1"));
        await edge.UntilAsync(() => Task.FromResult(edge.Native.Output.Contains("warning replica_never_well name=server_1")), "the warning");
        Assert.Contains("answered 404", edge.Native.Output);
        Assert.Contains("Edge:Health:Path", edge.Native.Output);
        await fleet.RunAppAsync("server_2", "--env", "DATA=/data", "--volume", "/data");
        await edge.StateAsync("server_2", "healthy");
        Assert.Equal(["server_1", "server_2"], await fleet.ContainersAsync());
        Assert.Equal([volume], await VolumesAsync("server_1"));
        Assert.Equal("1", await VisitsAsync(fleet, "server_1"));
    }

    [Theory]
    [InlineData(Adopted)]
    [InlineData(Made)]
    public async Task A_removal_by_name_takes_the_anonymous_volumes_only_of_what_the_balancer_made(string origin)
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await StartAsync(fleet, origin);
        string volume = Assert.Single(await VolumesAsync("server_1"));
        Assert.Equal(["server_2"], DockerEdge.Names(await edge.RemoveAsync(1, "server_1")));
        Assert.Equal(["server_2"], await fleet.ContainersAsync());
        string[] volumes = await engine.Docker.LinesAsync("volume", "ls", "--quiet");
        Assert.Equal(origin == Adopted, volumes.Contains(volume));
        Assert.Contains("warning container_removed name=server_1 ", edge.Native.Output);
        if (origin == Adopted)
        {
            await engine.Docker.RunAsync("volume", "rm", volume);
        }
    }

    [Fact]
    public async Task A_listed_container_is_routed_to_while_it_is_well_and_nothing_else_is_done_to_it()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await DockerEdge.StartForAppAsync(fleet, [.. SickOnes, ("Health:Restart", "true")]);
        await fleet.RunAsync("server_70", "--network", fleet.Name, Engine.App);
        await fleet.RunAsync("server_db", "--network", fleet.Name, Engine.App, "db");
        await edge.StateAsync("server_70", "healthy");
        Assert.Equal("listed", (await edge.ReplicaAsync("server_70"))!.Value.GetProperty("origin").GetString());
        Assert.Equal(["server_70"], (await edge.CountAsync(50)).Keys);
        Message refused = await edge.RemoveAsync(1, "server_70");
        Assert.True(refused.Status == 409, refused.Text);
        Assert.Contains("by its name alone", refused.Text);
        string started = await StartedAsync("server_70");
        await DockerEdge.AskAppAsync(fleet, "server_70", "POST", "/sick");
        await edge.StateAsync("server_70", "unhealthy");
        await engine.Docker.RunAsync("kill", "server_70");
        await edge.UntilAsync(async () => await edge.ReplicaAsync("server_70") is null, "server_70 is let go of");
        await engine.Docker.RunAsync("start", "server_70");
        await edge.StateAsync("server_70", "healthy");
        Assert.NotEqual(started, await StartedAsync("server_70"));
        Assert.True((await engine.Docker.InspectAsync("server_db")).GetProperty("State").GetProperty("Running").GetBoolean());
    }

    [Fact]
    public async Task A_container_that_leaves_the_network_is_let_go_of_and_named_and_taken_back_when_it_returns()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await StartAsync(fleet, Adopted);
        await engine.Docker.RunAsync("network", "disconnect", fleet.Name, "server_1");
        await edge.UntilAsync(async () => await IgnoredAsync(edge, "server_1") is not null, "server_1 is passed over");
        Assert.Null(await edge.ReplicaAsync("server_1"));
        Assert.Contains("Edge:Docker:Network", await IgnoredAsync(edge, "server_1"));
        await engine.Docker.RunAsync("network", "connect", fleet.Name, "server_1");
        await edge.StateAsync("server_1", "healthy");
        await edge.UntilAsync(async () => await IgnoredAsync(edge, "server_1") is null, "server_1 is not passed over any more");
    }

    [Fact]
    public async Task A_container_that_only_looks_like_a_replica_is_named_with_the_remedy()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        string other = await fleet.AddNetworkAsync();
        await fleet.RunAsync("away", "--network", other, "--label", $"edge.fleet={fleet.Name}", Engine.App);
        await fleet.RunAsync("hosted", "--network", "host", "--label", $"edge.fleet={fleet.Name}", "--env", "PORT=39471", Engine.App);
        await fleet.RunAsync("alone", "--network", "none", "--label", $"edge.fleet={fleet.Name}", Engine.App);
        await fleet.RunAppAsync("heavy", "--label", "edge.weight=0");
        await fleet.RunAppAsync("spelled", "--label", "edge.port=3000/tcp");
        await fleet.RunAppAsync("two", "--expose", "9000");
        await fleet.RunAsync("unlabelled", "--network", fleet.Name, "--label", "edge.port=3000", Engine.App);
        await using DockerEdge edge = await DockerEdge.StartForAppAsync(fleet);
        await edge.UntilAsync(async () => await IgnoredAsync(edge, "away") is not null, "they are passed over");
        (string Name, string Says)[] expected =
        [
            ("away", "docker network connect"), ("hosted", "Edge:Fleet:Addresses"), ("alone", "on the network none"),
            ("heavy", "edge.weight is \"0\""), ("spelled", "edge.port is \"3000/tcp\""), ("two", "3000, 9000"), ("unlabelled", $"edge.fleet={fleet.Name}"),
        ];
        foreach ((string name, string says) in expected)
        {
            string? why = await IgnoredAsync(edge, name);
            Assert.True(why?.Contains(says, StringComparison.Ordinal) == true, $"{name}: {why}");
            Assert.Single(edge.Native.Output.Split('\n'), l => l.Contains($"warning replica_ignored name={name} ", StringComparison.Ordinal));
        }

        Assert.Empty((await edge.Native.StatusAsync()).GetProperty("replicas").EnumerateArray());
    }

    private static readonly (string Key, string Value)[] SickOnes =
        [("Health:Interval", "00:00:00.100"), ("Health:Fall", "2"), ("Health:Rise", "1"), ("Health:Patience", "00:00:01")];

    /// <summary>Two replicas that keep a file in an anonymous volume, server_1 and server_2, in rotation.</summary>
    private static async Task<DockerEdge> StartAsync(TestFleet fleet, string origin, params (string Key, string Value)[] options)
    {
        if (origin == Made)
        {
            return await DockerEdge.StartForAppAsync(
                fleet,
                2,
                [
                    ("Docker:Image", Engine.App), ("Fleet:Replicas", "2"), ("Docker:MemoryMiB", "16"), ("Docker:Environment:0", "DATA=/data"),
                    ("Docker:Volumes:0", "/data"), .. options,
                ]);
        }

        foreach (string name in new[] { "server_1", "server_2" })
        {
            await fleet.RunAppAsync(name, "--env", "DATA=/data", "--volume", "/data", "--memory", "16m");
        }

        DockerEdge edge = await DockerEdge.StartForAppAsync(fleet, 2, options);
        Assert.Equal(Adopted, (await edge.ReplicaAsync("server_1"))!.Value.GetProperty("origin").GetString());
        return edge;
    }

    private static async Task MadeAnewAsync(TestFleet fleet, DockerEdge edge, string name)
    {
        await edge.StateAsync(name, "healthy");
        string id = await fleet.IdAsync(name);
        await DockerEdge.AskAppAsync(fleet, name, "POST", "/sick");
        await edge.UntilAsync(
            async () => await edge.ReplicaAsync(name) is { } r && r.GetProperty("restarts").GetInt32() > 0 && await SinceAsync(edge, name) != "",
            $"{name} is made anew");
        Assert.NotEqual(id, await fleet.IdAsync(name));
    }

    private async Task<string> StartedAsync(string name) => (await engine.Docker.InspectAsync(name)).GetProperty("State").GetProperty("StartedAt").GetString()!;

    private async Task<string[]> VolumesAsync(string name) =>
        [.. (await engine.Docker.InspectAsync(name)).GetProperty("Mounts").EnumerateArray().Select(m => m.GetProperty("Name").GetString()!)];

    private static async Task<string> VisitsAsync(TestFleet fleet, string name) => (await DockerEdge.AskAppAsync(fleet, name, "GET", "/visits")).Text.Trim();

    private static async Task<string?> IgnoredAsync(DockerEdge edge, string name) =>
        (await edge.Native.StatusAsync()).GetProperty("ignored").EnumerateArray()
            .Where(i => i.GetProperty("name").GetString() == name).Select(i => i.GetProperty("why").GetString()).SingleOrDefault();

    /// <summary>Does something that takes a replica out of rotation; returns when it is in it again.</summary>
    private static async Task BackAfterAsync(DockerEdge edge, string name, Func<Task> happening)
    {
        string since = await SinceAsync(edge, name);
        await happening();
        await edge.UntilAsync(async () => await SinceAsync(edge, name) is { Length: > 0 } now && now != since, $"{name} is in rotation again");
    }

    // Since when it is in rotation; empty while it is not.
    private static async Task<string> SinceAsync(DockerEdge edge, string name) =>
        await edge.ReplicaAsync(name) is { } replica && replica.GetProperty("state").GetString() == "healthy" ? replica.GetProperty("since").GetString()! : "";
}
