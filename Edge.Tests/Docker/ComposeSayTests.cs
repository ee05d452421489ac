namespace Edge.Tests.Docker;

/// <summary>
/// Compose has its say beside a running balancer: each command ends with 0 and leaves what it leaves without a balancer, and traffic goes on
/// wherever a replica is left.
/// </summary>
[Collection(nameof(WithDocker))]
public class ComposeSayTests(Engine engine)
{
    [Theory]
    [InlineData(1, false, 10)]
    [InlineData(2, false, 10)]
    [InlineData(1, true, 2)]
    [InlineData(2, true, 2)]
    public async Task A_new_version_and_the_old_one_again_take_each_others_place_without_a_failed_request(int compose, bool isInside, int rounds)
    {
        await using ComposeProject project = await ComposeProject.UpAsync(engine, compose, isInside, 3);
        SteadyLoad load = project.Load();
        string[] failures;
        try
        {
            for (int round = 0; round < rounds; round++)
            {
                foreach (string image in new[] { Engine.NextApp, Engine.App })
                {
                    await project.RunAsync(image, "up", "--detach", "--scale", "web=3");
                    await project.InRotationAsync(3);
                    Assert.Equal(Enumerable.Repeat($"{image} running", 3), await project.WebAsync());
                }
            }
        }
        finally
        {
            failures = await load.StopAsync();
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{load.Requests} requests, {failures.Length} failed");
        Assert.True(failures.Length == 0, $"{string.Join('\n', failures)}\n{await project.OutputAsync()}");
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    public async Task Every_command_does_what_it_does_without_a_balancer(int compose, bool isInside)
    {
        await using ComposeProject project = await ComposeProject.UpAsync(engine, compose, isInside, 3);
        SteadyLoad load = project.Load();
        string[] failures;
        try
        {
            await DoAsync(project, 3, "up", "--detach", "--force-recreate", "--no-deps", "--scale", "web=3", "web");
            await DoAsync(project, 4, "up", "--detach", "--scale", "web=4");
            await DoAsync(project, 2, "up", "--detach", "--scale", "web=2");
            await DoAsync(project, 2, "restart", "web");
        }
        finally
        {
            failures = await load.StopAsync();
        }

        Assert.True(failures.Length == 0, $"{string.Join('\n', failures)}\n{await project.OutputAsync()}");

        await project.RunAsync(Engine.App, "stop", "web");

        // An engine tells of a stop some time after the end.
        await project.StatesAreAsync("stopped", "stopped");
        Assert.Equal(Enumerable.Repeat($"{Engine.App} exited", 2), await project.WebAsync());
        await DoAsync(project, 2, "start", "web");
        await DoAsync(project, 2, "kill", "web");
        await project.RunAsync(Engine.App, "rm", "--stop", "--force", "web");
        await project.InRotationAsync(0);
        Assert.Empty(await project.WebAsync());
        await DoAsync(project, 2, "up", "--detach", "--scale", "web=2");
        if (!isInside)
        {
            await project.RunAsync(Engine.App, "down");
            await project.InRotationAsync(0);
            Assert.Empty(await project.WebAsync());
            Assert.Empty(await project.StatesAsync());
            Assert.Empty(await engine.Docker.LinesAsync("network", "ls", "--quiet", "--filter", $"name={project.Name}_"));
            Assert.Single(await engine.Docker.LinesAsync("volume", "ls", "--quiet", "--filter", $"name={project.Name}_"));
            await DoAsync(project, 2, "up", "--detach", "--scale", "web=2");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_single_command_of_Compose_is_no_replica_and_not_run_twice(int compose)
    {
        await using ComposeProject project = await ComposeProject.UpAsync(engine, compose, isInside: false, 1);

        // It fails at once, because its server is not there. The test is about that it is not started again.
        string name = $"{project.Name}-once";
        await Assert.ThrowsAsync<InvalidOperationException>(() => project.RunAsync(Engine.App, "run", "--no-deps", "--name", name, "web", "check"));
        string finished = (await engine.Docker.InspectAsync(name)).GetProperty("State").GetProperty("FinishedAt").GetString()!;
        string[] webs = await engine.Docker.LinesAsync(
            "ps", "--quiet", "--filter", $"label=com.docker.compose.project={project.Name}",
            "--filter", "label=com.docker.compose.oneoff=False", "--filter", "label=com.docker.compose.service=web");
        string web = webs[0];
        string started = await StartedAsync(web);
        await project.RunAsync(Engine.App, "kill", "web");
        await Backends.Quiet.UntilAsync(async () => await StartedAsync(web) != started, "the replica is started again", TimeSpan.FromSeconds(20));
        Assert.Equal(finished, (await engine.Docker.InspectAsync(name)).GetProperty("State").GetProperty("FinishedAt").GetString());
        await engine.Docker.RunAsync("rm", name);
    }

    private async Task<string> StartedAsync(string container) =>
        (await engine.Docker.InspectAsync(container)).GetProperty("State").GetProperty("StartedAt").GetString()!;

    private static async Task DoAsync(ComposeProject project, int replicas, params string[] command)
    {
        await project.RunAsync(Engine.App, command);
        await project.InRotationAsync(replicas);
        Assert.Equal(Enumerable.Repeat($"{Engine.App} running", replicas), await project.WebAsync());
    }
}
