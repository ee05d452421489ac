using System.Text.Json;
using Edge.Tests.Backends;
using Edge.Tests.Native;

namespace Edge.Tests.Docker;

/// <summary>Deploys of a user's own application, with the commands that a user has, under load.</summary>
[Collection(nameof(WithDocker))]
public class DeployTests(Engine engine)
{
    private static readonly (string Key, string Value)[] s_quick =
        [("Deploy:Judge", "8s"), ("Deploy:Bake", "2s"), ("Fleet:SlowStart", "1s"), ("Timeouts:Start", "20s")];

    private static readonly string[] s_first = ["server_1", "server_2", "server_3"];

    [Fact]
    public async Task A_new_version_serves_without_a_failed_request_the_old_one_is_kept_and_a_rollback_starts_it_again()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await StartAsync(fleet, 3);
        string[] before = await Task.WhenAll(s_first.Select(fleet.IdAsync));
        (SteadyLoad gets, SteadyLoad posts) = Load(edge);
        (int code, string output) = await DeployAsync(edge, Engine.NextApp);
        TestContext.Current.TestOutputHelper!.WriteLine(output);
        Assert.True(code == 0, output);
        await StateAsync(edge, "done");
        Assert.Equal(["v2"], await VersionsAsync(edge));
        Assert.Equal(["server_4", "server_5", "server_6"], await edge.ReplicasAsync());
        Assert.Equal(6, (await fleet.ContainersAsync()).Length);

        (code, output) = await DeployAsync(edge, "rollback");
        Assert.True(code == 0, output);
        Assert.Equal(["v1"], await VersionsAsync(edge));
        Assert.Equal(["server_1", "server_2", "server_3"], await fleet.ContainersAsync());
        Assert.Equal(before, await Task.WhenAll(s_first.Select(fleet.IdAsync)));
        Assert.Empty(await gets.StopAsync());
        Assert.Empty(await posts.StopAsync());
    }

    [Theory]
    [InlineData("start", "DATABASE_URL is not set")]
    [InlineData("fail", "")]
    [InlineData("crash", "no table named visitors")]
    [InlineData("hang", "")]
    [InlineData("slow", "slower than")]
    public async Task A_bad_version_is_taken_back_and_no_client_notices(string fault, string said)
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        string bad = $"edge-test-app:{fault}";
        await engine.BuildAsync(bad, $"FROM {Engine.NextApp}\nENV FAULT={fault}\n");
        await using DockerEdge edge = await StartAsync(fleet, 2);
        (SteadyLoad gets, SteadyLoad posts) = Load(edge);
        (int code, string output) = await DeployAsync(edge, bad);
        TestContext.Current.TestOutputHelper!.WriteLine(output);
        Assert.True(code == 1, output);
        Assert.Contains("  reverted ", output, StringComparison.Ordinal);
        Assert.Contains(said, output, StringComparison.Ordinal);
        Assert.Equal(["v1"], await VersionsAsync(edge));
        Assert.Equal(["server_1", "server_2"], await fleet.ContainersAsync());
        Assert.Empty(await gets.StopAsync());
        Assert.Empty(await posts.StopAsync());
    }

    /// <summary>The engine's labels are all that the next balancer has to go on.</summary>
    [Theory]
    [InlineData("starting", "paused", "v2")]
    [InlineData("canary", "paused", "v2")]
    [InlineData("filling", "done", "v2")]
    [InlineData("switched", "done", "v2")]
    [InlineData("retiring", "done", "v2")]
    [InlineData("done", "done", "v2")]
    [InlineData("reverting", "reverted", "v1")]
    public async Task After_a_kill_of_the_balancer_the_next_one_goes_on_with_the_deploy(string state, string next, string version)
    {
        await using TestFleet fleet = await engine.NewFleetAsync();

        // These states last long enough to be met: a start, and a stop, take their time.
        const string Slow = "edge-test-app:slow-to-start-and-stop";
        await engine.BuildAsync(Slow, $"FROM {Engine.NextApp}\nENV START_DELAY=4\nENV STOP_DELAY=4\n");
        string old = Engine.App;
        if (state == "retiring")
        {
            old = "edge-test-app:slow-to-stop";
            await engine.BuildAsync(old, $"FROM {Engine.App}\nENV STOP_DELAY=4\n");
        }

        DockerEdge killed = await StartAsync(
            fleet, 2, ("Docker:Image", old), ("Deploy:Judge", state == "canary" ? "1h" : "2s"), ("Deploy:Bake", state == "switched" ? "1h" : "1s"));
        await BeginAsync(killed, state is "starting" or "filling" or "reverting" ? Slow : Engine.NextApp);
        if (state == "reverting")
        {
            await StateAsync(killed, "canary");
            await killed.Native.AskAsync("POST", "/edge/deploy/abort");
        }

        await StateAsync(killed, state);
        await killed.UntilAsync(async () => (await fleet.ContainersAsync()).Length >= (state == "filling" ? 4 : 3), "its containers are made");
        await killed.Native.EndAsync("KILL");
        await killed.DisposeAsync();

        await using DockerEdge edge = await DockerEdge.StartForAppAsync(fleet, Options(fleet, 2, ("Deploy:Bake", "1s"), ("Deploy:Keep", "3s")));
        await edge.UntilAsync(async () => (await edge.Native.AskAsync("GET", "/")).Status == 200, "it serves");
        (SteadyLoad gets, SteadyLoad posts) = Load(edge);
        await StateAsync(edge, next);
        if (next == "paused")
        {
            await StateAsync(edge, next);
            Assert.Equal(1, (await DeployAsync(edge, "pause")).Code);
            (int code, string output) = await DeployAsync(edge, "promote");
            Assert.True(code == 0, output);
        }

        // The old ones are removed when their time is over.
        await edge.UntilAsync(async () => (await fleet.ContainersAsync()).Length == 2, "nothing is left of the other version");
        Assert.Equal([version], await VersionsAsync(edge));
        Assert.Empty(await gets.StopAsync());
        Assert.Empty(await posts.StopAsync());
    }

    [Fact]
    public async Task A_balancer_that_takes_over_goes_on_with_the_deploy_and_no_request_fails()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        (string Key, string Value)[] options = Options(fleet, 2, ("Deploy:Judge", "2s"), ("Deploy:Bake", "8s"));
        var old = await NativeEdge.StartAsync(options);
        await old.HealthyAsync(2);
        var gets = new SteadyLoad(old.Endpoint, "/", [], 6, TimeSpan.FromMilliseconds(5));
        var posts = new SteadyLoad(old.Endpoint, "/", [], 3, TimeSpan.FromMilliseconds(5), posts: true);
        await old.AskAsync("POST", "/edge/deploy", $$"""{"image": "{{Engine.NextApp}}", "wait": false}""");
        await Quiet.UntilAsync(async () => await StateOfAsync(old) == "switched", "it has switched", TimeSpan.FromSeconds(60));
        var edge = await NativeEdge.TakeOverAsync(old, Options(fleet, 2, ("Deploy:Bake", "1s"), ("Deploy:Keep", "1s")));
        Assert.Equal(0, await old.ExitAsync());
        await Quiet.UntilAsync(async () => await StateOfAsync(edge) == "done", "the next one has finished it", TimeSpan.FromSeconds(60));
        await Quiet.UntilAsync(async () => (await fleet.ContainersAsync()).Length == 2, "nothing is left of the old version", TimeSpan.FromSeconds(60));
        Assert.Empty(await gets.StopAsync());
        Assert.Empty(await posts.StopAsync());
        await old.DisposeAsync();
        await edge.DisposeAsync();
    }

    [Fact]
    public async Task Replicas_that_were_made_like_a_persons_follow_them_to_the_next_version_and_no_request_fails()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        string[] theirs = [$"{fleet.Name}-web-1", $"{fleet.Name}-web-2"];
        await Task.WhenAll(theirs.Select(name => fleet.RunAppAsync(name)));
        await using DockerEdge edge = await DockerEdge.StartForAppAsync(fleet, 2, ("Fleet:SlowStart", "1s"));
        Assert.Equal(200, (await edge.AddAsync(2)).Status);
        foreach (string name in theirs)
        {
            await fleet.Docker.RunAsync("stop", name);
            await fleet.Docker.RunAsync("rm", name);
            await fleet.RunAppOfAsync(Engine.NextApp, name);
        }

        // What the person's own stop cuts is not the balancer's: this application ends at once.
        (SteadyLoad gets, SteadyLoad posts) = Load(edge);
        await edge.UntilAsync(async () => await VersionsAsync(edge) is ["v2"], "all are of the next version");
        await edge.UntilAsync(async () => (await fleet.ContainersAsync()).Length == 4, "nothing is left of the old version");
        Assert.Empty(await gets.StopAsync());
        Assert.Empty(await posts.StopAsync());
    }

    private static Task<DockerEdge> StartAsync(TestFleet fleet, int replicas, params (string Key, string Value)[] options) =>
        DockerEdge.StartForAppAsync(fleet, replicas, Options(fleet, replicas, options));

    private static (string Key, string Value)[] Options(TestFleet fleet, int replicas, params (string Key, string Value)[] options) =>
    [
        ("DOCKER_HOST", fleet.Docker.Host), ("Fleet:Name", fleet.Name), ("Docker:Network", fleet.Name), ("Health:Path", "/healthz"),
        ("Fleet:Replicas", $"{replicas}"),
        .. options.Any(given => given.Key == "Docker:Image") ? [] : new[] { ("Docker:Image", Engine.App) },
        .. s_quick.Where(o => options.All(given => given.Key != o.Key)), .. options,
    ];

    // GET and POST, at a rate that leaves the machine time for the containers' starts.
    private static (SteadyLoad Gets, SteadyLoad Posts) Load(DockerEdge edge) => (
        new SteadyLoad(edge.Native.Endpoint, "/", [], 6, TimeSpan.FromMilliseconds(5)),
        new SteadyLoad(edge.Native.Endpoint, "/", [], 3, TimeSpan.FromMilliseconds(5), posts: true));

    // As a user at a terminal does.
    private static Task<(int Code, string Output)> DeployAsync(DockerEdge edge, string what) =>
        NativeEdge.RunAsync(new Dictionary<string, string>(), "deploy", what, "--url", $"http://{edge.Native.Endpoint}");

    private static async Task BeginAsync(DockerEdge edge, string image)
    {
        Message begun = await edge.Native.AskAsync("POST", "/edge/deploy", $$"""{"image": "{{image}}", "wait": false}""");
        Assert.True(begun.Status == 202, begun.Text);
    }

    private static Task StateAsync(DockerEdge edge, string state) =>
        edge.UntilAsync(async () => await StateOfAsync(edge.Native) == state, $"the deploy is {state}");

    private static async Task<string> StateOfAsync(NativeEdge edge) =>
        JsonDocument.Parse((await edge.AskAsync("GET", "/edge/deploy")).Text).RootElement.GetProperty("message").GetProperty("state").GetString()!;

    private static async Task<string[]> VersionsAsync(DockerEdge edge)
    {
        var seen = new HashSet<string>();
        for (int i = 0; i < 20; i++)
        {
            seen.Add((await edge.Native.AskAsync("GET", "/")).Text.Split(' ')[0]);
        }

        return [.. seen.Order(StringComparer.Ordinal)];
    }
}
