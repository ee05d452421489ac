using Edge.Tests.Backends;

namespace Edge.Tests.Docker;

/// <summary>docker-compose.yml and an engine that restarts, which makes its socket anew.</summary>
[Collection(nameof(WithDocker))]
public class ComposeSocketTests(Engine engine)
{
    [Fact]
    public async Task A_balancer_in_its_container_finds_the_engine_again_that_has_restarted()
    {
        PrivateEngine own = engine.Own();
        DockerCli docker = engine.Docker;
        var environment = new Dictionary<string, string>
        {
            ["DOCKER_HOST"] = own.Host,
            ["DOCKER_SOCK_DIR"] = Path.GetDirectoryName(own.Host["unix://".Length..])!,
            ["EDGE_IMAGE"] = await engine.BuildReleaseAsync(),

            // Any that is free.
            ["EDGE_PORT"] = "0",
        };
        try
        {
            await ComposeAsync("up", "--detach", "--no-build");
            await UntilLoggedAsync("in rotation: server_1, server_2, server_3", "the fleet is whole");
            await own.StopAsync("TERM");
            await own.StartAsync(docker);
            await UntilLoggedAsync(" info driver_back ", "it sees the engine again");
            string log = await LogAsync();
            TestContext.Current.TestOutputHelper!.WriteLine(log);
            Assert.Contains(" warning driver_lost driver=docker ", log);
            Assert.DoesNotContain("restart this container", log);
        }
        finally
        {
            await ComposeAsync("down", "--remove-orphans");
        }

        Task<string> ComposeAsync(params string[] arguments) => Command.RunAsync(
            "docker-compose", ["--project-name", "edge-test", "--file", Path.Combine(Repository.Root, "docker-compose.yml"), .. arguments], environment);

        Task<string> LogAsync() => ComposeAsync("logs", "--no-color", "load_balancer");

        Task UntilLoggedAsync(string words, string what) =>
            Quiet.UntilAsync(async () => (await LogAsync()).Contains(words, StringComparison.Ordinal), what, TimeSpan.FromSeconds(90));
    }
}
