using System.Text.Json;

namespace Edge.Tests.Docker;

/// <summary>Health checks of an application that is not the built-in replica: a path, a Host and a HEALTHCHECK of its own.</summary>
[Collection(nameof(WithDocker))]
public class JudgingTests(Engine engine)
{
    private static readonly string[] s_port = ["--label", "edge.port=3000"];

    [Fact]
    public async Task An_application_that_does_not_know_the_default_path_is_well()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await fleet.RunAppAsync("app", s_port);
        await using DockerEdge edge = await DockerEdge.StartUnreadyAsync(fleet, 0);
        await edge.Native.HealthyAsync(1);
        Assert.StartsWith("v1 ", (await edge.Native.AskAsync("GET", "/")).Text, StringComparison.Ordinal);
        Assert.Equal(404, (await edge.Native.AskAsync("GET", "/no-such-page")).Status);
    }

    [Fact]
    public async Task At_a_configured_path_the_application_decides()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await fleet.RunAppAsync("app", s_port);
        await using DockerEdge edge = await DockerEdge.StartUnreadyAsync(
            fleet, 0, ("Health:Path", "/healthz"), ("Health:Interval", "00:00:00.200"), ("Timeouts:Start", "00:10:00"));
        await edge.Native.HealthyAsync(1);
        Assert.Equal(200, (await edge.Native.AskAsync("POST", "/sick")).Status);
        await edge.StateAsync("app", "unhealthy");
        Assert.Equal($"http://{await fleet.AddressAsync("app")}:3000/healthz answered 503", await WhyAsync(edge));

        // The balancer does not forward to it now, and so cannot bring word that it is well.
        using var client = new HttpClient();
        using HttpResponseMessage well = await client.PostAsync(
            $"http://{await fleet.AddressAsync("app")}:3000/well", null, TestContext.Current.CancellationToken);
        await edge.StateAsync("app", "healthy");
    }

    [Fact]
    public async Task A_path_that_the_application_does_not_have_is_named_with_its_option()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await fleet.RunAppAsync("app", s_port);
        await using DockerEdge edge = await DockerEdge.StartUnreadyAsync(fleet, 0, ("Health:Path", "/up"), ("Timeouts:Start", "00:10:00"));
        await edge.UntilAsync(
            async () => await WhyAsync(edge) == $"http://{await fleet.AddressAsync("app")}:3000/up answered 404 (Edge:Health:Path says what is asked for)",
                "the reason names the path");
    }

    [Fact]
    public async Task A_port_at_which_nobody_listens_is_named_with_its_label_and_its_option()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await fleet.RunAppAsync("app", "--label", "edge.port=3001");
        await using DockerEdge edge = await DockerEdge.StartUnreadyAsync(fleet, 0, ("Timeouts:Start", "00:10:00"));
        await edge.UntilAsync(
            async () => await WhyAsync(edge) is { } why
                && why.Contains(":3001/heartbeat failed: Connection refused (the label edge.port or Edge:Docker:Port says", StringComparison.Ordinal),
            "the reason names the port");
    }

    [Fact]
    public async Task An_application_that_insists_on_a_Host_is_asked_with_it()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await fleet.RunAppAsync("app", [.. s_port, "--env", "REQUIRE_HOST=shop.example"]);
        await using (DockerEdge without = await DockerEdge.StartUnreadyAsync(fleet, 0, ("Health:Path", "/healthz"), ("Timeouts:Start", "00:10:00")))
        {
            string asked = $"{await fleet.AddressAsync("app")}:3000";
            await without.UntilAsync(
                async () => await WhyAsync(
                    without) == $"http://{asked}/healthz answered 400 (it may not know the Host {asked}: Edge:Health:Host says which one is sent)",
                "the reason names the Host");
        }

        await using DockerEdge with = await DockerEdge.StartUnreadyAsync(fleet, 0, ("Health:Path", "/healthz"), ("Health:Host", "shop.example"));
        await with.Native.HealthyAsync(1);
    }

    [Fact]
    public async Task Statuses_by_option_are_the_only_ones_that_pass()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await fleet.RunAppAsync("app", s_port);
        await using DockerEdge edge = await DockerEdge.StartUnreadyAsync(fleet, 0, ("Health:Path", "/up"), ("Health:Statuses", "200-299,404"));
        await edge.Native.HealthyAsync(1);
    }

    [Fact]
    public async Task Path_and_Host_may_stand_on_the_container_itself()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await fleet.RunAppAsync(
            "app", [.. s_port, "--label", "edge.health=/healthz", "--label", "edge.host=*.example,shop.example", "--env", "REQUIRE_HOST=shop.example"]);
        await using DockerEdge edge = await DockerEdge.StartUnreadyAsync(fleet, 0, ("Health:Path", "/no-such-page"));
        await edge.Native.HealthyAsync(1);
    }

    [Fact]
    public async Task An_addition_waits_as_long_as_the_start_period_of_the_HEALTHCHECK_and_not_for_its_interval()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await DockerEdge.StartForAppAsync(
            fleet, ("Docker:Image", Engine.CheckedApp), ("Fleet:Replicas", "0"), ("Docker:Environment:0", "START_DELAY=3"), ("Timeouts:Start", "2s"));
        Assert.Equal(["server_1"], DockerEdge.Names(await edge.AddAsync(1)));
        JsonElement health = (await engine.Docker.InspectAsync("server_1")).GetProperty("State").GetProperty("Health");
        Assert.Equal("starting", health.GetProperty("Status").GetString());
    }

    [Fact]
    public async Task A_HEALTHCHECK_that_has_come_to_nothing_yet_delays_nobody()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await fleet.RunAppOfAsync(Engine.CheckedApp, "app", s_port);
        await using DockerEdge edge = await DockerEdge.StartUnreadyAsync(fleet, 0);
        await edge.Native.HealthyAsync(1);
        JsonElement health = (await engine.Docker.InspectAsync("app")).GetProperty("State").GetProperty("Health");
        Assert.Equal("starting", health.GetProperty("Status").GetString());
        Assert.Equal(200, (await edge.Native.AskAsync("GET", "/")).Status);
    }

    [Fact]
    public async Task A_made_container_that_stays_unhealthy_is_made_anew_after_the_patience()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await DockerEdge.StartAsync(
            fleet, 2, ("Docker:Image", Engine.App), ("Docker:Port", "3000"), ("Health:Path", "/healthz"), ("Health:Interval", "00:00:00.200"),
                ("Health:Patience", "00:00:01"));
        string before = await fleet.IdAsync("server_1");
        using var client = new HttpClient();
        using HttpResponseMessage sick = await client.PostAsync(
            $"http://{await fleet.AddressAsync("server_1")}:3000/sick", null, TestContext.Current.CancellationToken);
        await edge.UntilAsync(
            async () => (await edge.ReplicaAsync("server_1"))?.GetProperty("state").GetString() == "healthy" && await fleet.IdAsync("server_1") != before,
            "server_1 is another container");
        await edge.Native.HealthyAsync(2);
        Assert.Equal(["server_1", "server_2"], await fleet.ContainersAsync());
    }

    private static async Task<string?> WhyAsync(DockerEdge edge) => (await edge.ReplicaAsync("app"))?.GetProperty("why").GetString();
}
