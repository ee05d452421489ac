using Edge.Config;
using Edge.Hosting;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Drivers;
using Edge.Tests.Fleet;
using Microsoft.Extensions.Configuration.Memory;

namespace Edge.Tests.Hosting;

/// <summary>Whom <c>auto</c> chooses, by the options and by what is at the place of the engine's socket.</summary>
public sealed class DriverChoiceTests
{
    private const string OwnId = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private static readonly Uri Nowhere = new("unix:///nowhere/docker.sock");

    [Theory]
    [InlineData("Edge:Docker:Image is set", "--Edge:Docker:Image=app:1")]
    [InlineData("Edge:Docker:Port is set", "--Edge:Docker:Port=8080")]
    [InlineData("Edge:Docker:Command is set", "--Edge:Docker:Command:0=serve")]
    [InlineData("Edge:Health:Path is set", "--Edge:Health:Path=/up")]
    [InlineData("Edge:Fleet:Name is set", "--Edge:Fleet:Name=edge")]
    public async Task What_is_configured_about_an_application_means_containers_even_where_no_engine_is(string why, params string[] options)
    {
        DriverChoice choice = await ChooseAsync(options, Nowhere);
        Assert.Equal(
            ("docker", $"auto, since {why}; the engine at unix:///nowhere/docker.sock; --Edge:Fleet:Driver=process gives the built-in replicas"),
            (choice.Driver!.Name, choice.Why));
    }

    [Fact]
    public async Task An_engine_that_the_environment_names_means_containers_even_where_it_is_not()
    {
        DriverChoice choice = await ChooseAsync([], Nowhere, isNamed: true);
        Assert.Equal("docker", choice.Driver!.Name);
        Assert.StartsWith("auto, since DOCKER_HOST is set; ", choice.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_engine_that_the_environment_names_in_a_way_that_cannot_be_used_is_a_mistake_and_no_reason_for_the_demonstration()
    {
        DriverChoice choice = await ChooseAsync([], null, isNamed: true);
        Assert.Null(choice.Driver);
        Assert.Equal("DOCKER_HOST is \"ssh://a\"; or unset it, or --Edge:Fleet:Driver=process gives the built-in replicas", choice.Why);
        Assert.Equal("process", (await ChooseAsync(["--Edge:Fleet:Driver=process"], null, isNamed: true)).Driver!.Name);
        Assert.Equal("static", (await ChooseAsync(["--Edge:Fleet:Addresses:0=127.0.0.1:1"], null, isNamed: true)).Driver!.Name);
        Assert.Null((await ChooseAsync(["--Edge:Fleet:Driver=docker"], null, isNamed: true)).Driver);
    }

    [Fact]
    public async Task Addresses_mean_a_static_fleet_whatever_else_is_set()
    {
        await using var engine = new FakeEngine();
        DriverChoice choice =
            await ChooseAsync(["--Edge:Fleet:Addresses:0=127.0.0.1:1", "--Edge:Health:Path=/up", "--Edge:Docker:Port=1"], engine.Endpoint, isNamed: true);
        Assert.Equal(("static", "auto, since Edge:Fleet:Addresses are given"), (choice.Driver!.Name, choice.Why));
        Assert.Empty(engine.Requests);
    }

    [Fact]
    public async Task Nothing_configured_and_no_socket_means_the_built_in_replicas()
    {
        // Even where it listens for all: there is nothing else that it could serve.
        DriverChoice choice = await ChooseAsync(["--Edge:Listen=*:0", "--Edge:Timeouts:Drain=00:00:01"], Nowhere);
        Assert.Equal("process", choice.Driver!.Name);
        Assert.Equal(
            "auto, since nothing is configured and there is no Docker engine at unix:///nowhere/docker.sock; "
            + "--Edge:Docker:Image=NAME gives containers of an image, --Edge:Fleet:Addresses:0=HOST:PORT servers that run already",
            choice.Why);
    }

    [Theory]
    [InlineData("127.0.0.1:0", null, "[]", "process", "nothing is configured, and the engine at {0} has no container of the fleet edge")]
    [InlineData("[::1]:0", null, "[]", "process", "nothing is configured, and the engine at {0} has no container of the fleet edge")]
    [InlineData("127.0.0.1:0", OwnId, "[]", "docker", "the balancer runs in a container, and the engine at {0} answers")]
    [InlineData("0.0.0.0:0", null, "[]", "docker", "the engine at {0} answers, and 0.0.0.0:0 (Edge:Listen) is not for this machine alone")]
    [InlineData("127.0.0.1:0,https://0.0.0.0:0", null, "[]", "docker", "the engine at {0} answers, and 0.0.0.0:0 (Edge:Listen) is not for this machine alone")]
    [InlineData("127.0.0.1:0", null, """[{"Id":"c1","Names":["/web"],"State":"exited","Status":"Exited (0)","Labels":{"edge.fleet":"edge"}}]""", "docker",
        "the engine at {0} has containers of the fleet edge")]
    [InlineData("127.0.0.1:0", null,
        """[{"Id":"c1","Names":["/web"],"State":"running","Status":"Up","Labels":{"edge.fleet":"edge"}"""
        + ""","NetworkSettings":{"Networks":{"other":{"IPAddress":"10.0.0.1"}}}}]""",
        "docker", "the engine at {0} has containers of the fleet edge")]
    [InlineData("127.0.0.1:0", null,
        """[{"Id":"c1","Names":["/server_1"],"State":"running","Status":"Up","Labels":{}"""
        + ""","NetworkSettings":{"Networks":{"load_balancer_network":{"IPAddress":"10.0.0.1"}}}}]""",
        "docker", "the engine at {0} has containers of the fleet edge")]
    [InlineData("127.0.0.1:0", null,
        """[{"Id":"c1","Names":["/web"],"State":"running","Status":"Up","Labels":{}"""
        + ""","NetworkSettings":{"Networks":{"load_balancer_network":{"IPAddress":"10.0.0.1"}}}}]""",
        "process", "nothing is configured, and the engine at {0} has no container of the fleet edge")]
    public async Task Where_only_an_engine_answers_it_depends_on_what_would_be_served_to_whom(
        string listen, string? ownId, string containers, string driver, string why)
    {
        await using var engine =
            new FakeEngine { OnRequest = request => request.EndsWith("/containers/json", StringComparison.Ordinal) ? (200, containers) : (404, "{}") };
        DriverChoice choice = await ChooseAsync([$"--Edge:Listen={listen}", "--Edge:Tls:Folder=/certificates"], engine.Endpoint, ownId: ownId);
        Assert.Equal(driver, choice.Driver!.Name);
        Assert.StartsWith($"auto, since {string.Format(System.Globalization.CultureInfo.InvariantCulture, why, engine.Endpoint)}; --Edge:", choice.Why,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_at_which_nobody_listens_means_containers()
    {
        string path = Path.Combine(Path.GetTempPath(), $"edge-{Guid.NewGuid():n}.sock");
        await File.WriteAllTextAsync(path, "", TestContext.Current.CancellationToken);
        DriverChoice choice = await ChooseAsync([], new Uri($"unix://{path}"));
        File.Delete(path);
        Assert.Equal("docker", choice.Driver!.Name);
        Assert.StartsWith(
            $"auto, since the socket of an engine is there, at unix://{path}, though the engine does not answer; ", choice.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_engine_that_takes_two_seconds_to_answer_means_containers()
    {
        await using var engine = new FakeEngine { IsSilent = true };
        var journal = new Journal();
        var time = new FakeTime(journal);
        Task<DriverChoice> choosing = ChooseAsync([], engine.Endpoint, time: time);
        await Quiet.UntilAsync(() => engine.Requests.Count == 1, "the engine is asked");
        Assert.False(choosing.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("docker", (await choosing).Driver!.Name);
    }

    [Fact]
    public async Task An_engine_that_refuses_the_list_means_containers()
    {
        await using var engine = new FakeEngine { OnRequest = _ => (403, "Forbidden") };
        Assert.Equal("docker", (await ChooseAsync([], engine.Endpoint)).Driver!.Name);
    }

    /// <summary>Options that services take over do not give the service without a name replicas.</summary>
    [Theory]
    [InlineData("static")]
    [InlineData("static", "--Edge:Docker:Network=net", "--Edge:Health:Path=/healthz", "--Edge:Health:Fall=5")]
    [InlineData("docker", "--Edge:Docker:Image=shop:1")]
    [InlineData("docker", "--Edge:Fleet:Name=shop")]
    [InlineData("docker", "--Edge:Services:FromLabels=true")]
    public async Task Beside_other_services_the_default_one_has_containers_where_something_is_for_it_alone(string driver, params string[] arguments)
    {
        await using var engine = new FakeEngine();
        DriverChoice choice = await ChooseAsync(["--Edge:Services:blog:Hosts:0=blog.test", .. arguments], engine.Endpoint);
        Assert.Equal(driver, choice.Driver!.Name);
    }

    private static async Task<DriverChoice> ChooseAsync(string[] arguments, Uri? engine, bool isNamed = false, string? ownId = null, TimeProvider? time = null)
    {
        LoadedOptions loaded = OptionsLoader.Load(new OptionSources([], new MemoryConfigurationSource(), arguments));
        Assert.Empty(loaded.Mistakes);
        var surroundings = new Surroundings(engine, isNamed, engine is null ? "DOCKER_HOST is \"ssh://a\"" : "", ownId);
        time ??= TimeProvider.System;
        DriverChoice choice = await DriverChoice.MakeAsync(loaded, surroundings, () => TimeSpan.FromSeconds(1), new Log(TextWriter.Null, time), time);
        if (choice.Driver is not null)
        {
            await choice.Driver.DisposeAsync();
        }

        return choice;
    }
}
