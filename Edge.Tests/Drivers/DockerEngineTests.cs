using Edge.Drivers;
using Edge.Fleet;

namespace Edge.Tests.Drivers;

public sealed class DockerEngineTests
{
    private const string Event =
        """{"Type":"container","Action":"die","Actor":{"ID":"c1","Attributes":{"name":"server_1","exitCode":"137"}},"time":1,"timeNano":1}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.41", "1.12", "/v1.41/")]
    [InlineData("1.44", "1.24", "/v1.44/")]
    [InlineData("1.52", "1.44", "/v1.44/")]
    [InlineData("1.60", "1.50", "/v1.50/")]
    [InlineData("1.40", null, "/v1.40/")]
    public async Task The_version_of_the_API_is_one_that_both_speak(string newest, string? oldest, string spoken)
    {
        await using var fake = new FakeEngine { ApiVersion = newest, MinApiVersion = oldest };
        using var line = new EngineLine(fake.Endpoint);
        var engine = new DockerEngine(line, "net");
        await engine.ListAsync(["edge.fleet=edge"], Cancellation);
        Assert.Equal("GET /version", fake.Requests.First());
        Assert.All(fake.Requests.Skip(1), request => Assert.Equal($"GET {spoken}containers/json", request));
    }

    [Fact]
    public async Task An_engine_that_was_exchanged_is_asked_again_for_its_version()
    {
        await using var fake = new FakeEngine();
        using var line = new EngineLine(fake.Endpoint);
        var engine = new DockerEngine(line, "net");
        await line.NegotiateAsync(Cancellation);
        (fake.ApiVersion, fake.MinApiVersion) = ("1.52", "1.44");
        await using IAsyncEnumerator<ContainerEvent?> events = engine.EventsAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await events.MoveNextAsync());
        await engine.StartAsync("c1", Cancellation);
        Assert.Contains("POST /v1.44/containers/c1/start", fake.Requests);
    }

    [Fact]
    public async Task The_engine_is_reached_over_TCP_too()
    {
        await using var fake = new FakeEngine(overTcp: true);
        using var line = new EngineLine(fake.Endpoint);
        var engine = new DockerEngine(line, "net");
        Assert.Empty(await engine.ListAsync(["edge.fleet=edge"], Cancellation));
        fake.OnRequest = _ => (200, """{"Id":"sha256:1","Config":{"ExposedPorts":{"80/tcp":{}}}}""");
        ImageFacts image = (await engine.InspectImageAsync("registry.example:5000/team/app@sha256:2", Cancellation))!;
        Assert.Equal("sha256:1", image.Id);
        Assert.Equal([80], image.ExposedPorts);
        Assert.Equal("GET /v1.41/images/registry.example:5000/team/app@sha256:2/json", fake.Requests.Last());
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"Id":1}""")]
    public async Task An_answer_that_is_no_image_is_not_taken_for_an_engines(string body)
    {
        await using var fake = new FakeEngine { OnRequest = _ => (200, body) };
        using var line = new EngineLine(fake.Endpoint);
        var engine = new DockerEngine(line, "net");
        DriverException failed = await Assert.ThrowsAsync<DriverException>(() => engine.InspectImageAsync("app:1", Cancellation));
        Assert.Equal(DriverFailure.Unavailable, failed.Kind);
    }

    [Theory]
    [InlineData("""{"Id":"sha256:1"}""")]
    [InlineData("""{"Id":"sha256:1","Config":null}""")]
    [InlineData("""{"Id":"sha256:1","Config":{}}""")]
    [InlineData("""{"Id":"sha256:1","Config":{"ExposedPorts":null}}""")]
    public async Task An_image_may_expose_nothing(string body)
    {
        await using var fake = new FakeEngine { OnRequest = _ => (200, body) };
        using var line = new EngineLine(fake.Endpoint);
        var engine = new DockerEngine(line, "net");
        Assert.Empty((await engine.InspectImageAsync("app:1", Cancellation))!.ExposedPorts);
    }

    [Fact]
    public async Task To_look_at_an_image_takes_no_longer_than_another_call()
    {
        await using var fake = new FakeEngine { OnRequest = _ => (0, "") };
        using var line = new EngineLine(fake.Endpoint, TimeSpan.FromMilliseconds(100));
        var engine = new DockerEngine(line, "net");
        DriverException late = await Assert.ThrowsAsync<DriverException>(() => engine.InspectImageAsync("app:1", Cancellation));
        Assert.Contains("no answer within 0.1 s", late.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500, """{"message":"disk is full"}""", "disk is full")]
    [InlineData(403, "<html>no</html>", "status 403: <html>no</html>")]
    [InlineData(500, "", "status 500: ")]
    [InlineData(404, """{"message":"No such container: app"}""", "No such container: app")]
    [InlineData(404, """{"message":"network 4f1d2c3b4a596877f0e1d2c3b4a596877f0e1d2c3b4a596877f0e1d2c3b4a596 not found"}""",
        "network 4f1d2c3b4a596877f0e1d2c3b4a596877f0e1d2c3b4a596877f0e1d2c3b4a596 not found")]
    [InlineData(404, """{"message":"page not found"}""", "page not found")]
    public async Task A_refusal_comes_in_the_engines_own_words(int status, string body, string words)
    {
        await using var fake = new FakeEngine { OnRequest = _ => (status, body) };
        using var line = new EngineLine(fake.Endpoint);
        var engine = new DockerEngine(line, "net");
        DriverException failed = await Assert.ThrowsAsync<DriverException>(() => engine.UnpauseAsync("c1", Cancellation));
        Assert.Equal((DriverFailure.Failed, words), (failed.Kind, failed.Message));
        Assert.Equal(status == 404, DockerEngine.IsNotFound(failed));
    }

    [Theory]
    [InlineData(
        "No such image: app:1", "No such image: app:1: docker pull app:1 fetches it, docker build makes it; with Edge:Docker:Pull=true the balancer pulls it")]
    [InlineData("network shop not found", "network shop not found: docker network create shop makes it, or Edge:Docker:Network (--network) names another one")]
    [InlineData("failed to set up container networking: network shop not found", "failed to set up container networking: network shop not found: docker "
        + "network create shop makes it, or Edge:Docker:Network (--network) names another one")]
    public async Task A_network_or_an_image_that_is_not_there_is_told_with_the_command_that_makes_it(string words, string told)
    {
        await using var fake = new FakeEngine { OnRequest = _ => (404, $"{{\"message\":\"{words}\"}}") };
        using var line = new EngineLine(fake.Endpoint);
        var engine = new DockerEngine(line, "net");
        DriverException failed = await Assert.ThrowsAsync<DriverException>(() => engine.UnpauseAsync("c1", Cancellation));
        Assert.Equal((DriverFailure.Failed, told), (failed.Kind, failed.Message));
        Assert.True(DockerEngine.IsNotFound(failed));
    }

    [Fact]
    public async Task A_container_that_does_not_exist_need_not_be_stopped_or_removed()
    {
        await using var fake = new FakeEngine { OnRequest = _ => (404, """{"message":"No such container: c1"}""") };
        using var line = new EngineLine(fake.Endpoint);
        var engine = new DockerEngine(line, "net");
        await engine.StopAsync("c1", TimeSpan.FromSeconds(1), Cancellation);
        await engine.RemoveAsync("c1", withVolumes: true, Cancellation);
        Assert.Null(await engine.InspectAsync("c1", Cancellation));
        Assert.Null(await engine.InspectImageAsync("app:1", Cancellation));
    }

    [Fact]
    public async Task An_engine_that_is_not_there_is_unavailable()
    {
        using var line = new EngineLine(new Uri("unix:///nowhere/docker.sock"));
        DriverException failed = await Assert.ThrowsAsync<DriverException>(() => line.NegotiateAsync(Cancellation));
        Assert.Equal(DriverFailure.Unavailable, failed.Kind);
        Assert.StartsWith("the Docker engine at unix:///nowhere/docker.sock cannot be reached: ", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_to_an_engine_that_never_answers_can_be_called_off()
    {
        await using var fake = new FakeEngine { OnRequest = _ => (0, "") };
        using var line = new EngineLine(fake.Endpoint);
        var engine = new DockerEngine(line, "net");
        using var off = new CancellationTokenSource();
        Task listing = engine.ListAsync(["edge.fleet=edge"], off.Token);
        await Backends.Quiet.UntilAsync(() => fake.Requests.Count == 3, "the engine is asked");
        await off.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listing);
    }

    [Fact]
    public async Task A_stop_may_take_longer_than_any_other_call()
    {
        var ended = new TaskCompletionSource();
        await using var fake = new FakeEngine
        {
            Before = line => line.EndsWith("/stop", StringComparison.Ordinal) ? ended.Task : Task.CompletedTask,
            OnRequest = line => line.EndsWith("/unpause", StringComparison.Ordinal) ? (0, "") : (204, ""),
        };
        using var line = new EngineLine(fake.Endpoint, TimeSpan.FromMilliseconds(100));
        var engine = new DockerEngine(line, "net");
        await line.NegotiateAsync(Cancellation);
        Task stopping = engine.StopAsync("c1", TimeSpan.FromSeconds(60), Cancellation);
        await Backends.Quiet.UntilAsync(() => fake.Requests.Any(r => r.EndsWith("/stop", StringComparison.Ordinal)), "the stop is asked for");

        // Begun after it, and over for its time.
        DriverException late = await Assert.ThrowsAsync<DriverException>(() => engine.UnpauseAsync("c1", Cancellation));
        Assert.Equal((DriverFailure.Unavailable, true), (late.Kind, late.Message.Contains("no answer within 0.1 s", StringComparison.Ordinal)));
        Assert.False(stopping.IsCompleted);
        ended.SetResult();
        await stopping;
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData(60.0, "t=60")]
    [InlineData(1.2, "t=2")]
    [InlineData(0.0, "t=1")]
    public async Task A_stop_gives_the_containers_own_time_unless_another_is_said(double? seconds, string query)
    {
        await using var fake = new FakeEngine { OnRequest = _ => (204, "") };
        using var line = new EngineLine(fake.Endpoint);
        var engine = new DockerEngine(line, "net");
        await engine.StopAsync("c1", seconds is { } grace ? TimeSpan.FromSeconds(grace) : null, Cancellation);
        Assert.Equal(("POST /v1.41/containers/c1/stop", query, ""), fake.Calls.Last());
    }

    [Theory]
    [InlineData(true, "force=1&v=1")]
    [InlineData(false, "force=1")]
    public async Task A_container_goes_with_its_volumes_or_without(bool withVolumes, string query)
    {
        await using var fake = new FakeEngine { OnRequest = _ => (204, "") };
        using var line = new EngineLine(fake.Endpoint);
        var engine = new DockerEngine(line, "net");
        await engine.RemoveAsync("c1", withVolumes, Cancellation);
        (string called, string asked, _) = fake.Calls.Last();
        Assert.Equal(("DELETE /v1.41/containers/c1", query), (called, string.Join('&', asked.Split('&').Order(StringComparer.Ordinal))));
    }

    [Fact]
    public async Task Events_come_in_order_however_they_are_cut()
    {
        await using var fake = new FakeEngine();
        using var line = new EngineLine(fake.Endpoint);
        var engine = new DockerEngine(line, "net");
        string second = Event.Replace("\"c1\"", "\"c2\"", StringComparison.Ordinal);
        string third = """{"Type":"network","Action":"disconnect","Actor":{"ID":"n1","Attributes":{"container":"c3","name":"net"}}}""";
        fake.Events.Writer.TryWrite(Event + "\n" + second[..30]);
        fake.Events.Writer.TryWrite(second[30..] + "\n" + third);
        fake.Events.Writer.TryWrite("\n");
        fake.Events.Writer.Complete();
        var seen = new List<ContainerEvent?>();
        DriverException ended = await Assert.ThrowsAsync<DriverException>(async () =>
        {
            await foreach (ContainerEvent? happened in engine.EventsAsync(Cancellation))
            {
                seen.Add(happened);
            }
        });
        Assert.Equal((DriverFailure.Unavailable, true), (ended.Kind, ended.Message.EndsWith("ended its events", StringComparison.Ordinal)));
        Assert.Equal(
            ["", "c1 die 137", "c2 die 137", "c3 disconnect "], seen.Select(e => e is null ? "" : $"{e.ContainerId} {e.Action} {e.Attribute("exitCode")}"));
    }

    [Fact]
    public async Task Events_that_are_no_JSON_are_a_loss_of_the_sync()
    {
        await using var fake = new FakeEngine();
        using var line = new EngineLine(fake.Endpoint);
        var engine = new DockerEngine(line, "net");
        fake.Events.Writer.TryWrite("<html>");
        DriverException failed = await Assert.ThrowsAsync<DriverException>(async () =>
        {
            await foreach (ContainerEvent? happened in engine.EventsAsync(Cancellation))
            {
                Assert.Null(happened);
            }
        });
        Assert.Equal(DriverFailure.Unavailable, failed.Kind);
    }
}
