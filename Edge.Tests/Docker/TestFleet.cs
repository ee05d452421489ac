using Edge.Tests.Backends;

namespace Edge.Tests.Docker;

/// <summary>A fleet of one test: its network has the same name, and nothing of either stays behind.</summary>
/// <param name="docker">Of its engine.</param>
/// <param name="name">Of the fleet, and of its network.</param>
/// <param name="miscounted">Is told of a network that the engine cannot remove, for a mistake of its own; null where it is to fail.</param>
internal sealed class TestFleet(DockerCli docker, string name, Action<string>? miscounted) : IAsyncDisposable
{
    private readonly List<string> _more = [];

    internal string Name => name;

    internal DockerCli Docker => docker;

    /// <summary>The names of the fleet's containers, running or not, in order.</summary>
    internal async Task<string[]> ContainersAsync() =>
        [.. (await docker.LinesAsync("ps", "--all", "--filter", $"label=edge.fleet={name}", "--format", "{{.Names}}")).Order(StringComparer.Ordinal)];

    /// <summary>Runs a replica as a person would; returns its name.</summary>
    /// <param name="container">Its name.</param>
    /// <param name="options">More of docker run, before the image.</param>
    internal async Task RunReplicaAsync(string container, params string[] options) =>
        await RunAsync(container, [.. options, "--network", name, "--env", $"SERVER_ID={container}", Engine.Image, "replica", "--listen", "*:8080"]);

    /// <summary>Runs the user's application on the fleet's network, labelled as the fleet's; its port is for the balancer to find.</summary>
    /// <param name="container">Its name.</param>
    /// <param name="options">More of docker run, before the image.</param>
    internal Task RunAppAsync(string container, params string[] options) => RunAppOfAsync(Engine.App, container, options);

    /// <summary>Runs a container of the application from another image.</summary>
    internal Task RunAppOfAsync(string image, string container, params string[] options) =>
        RunAsync(container, ["--network", name, "--label", $"edge.fleet={name}", .. options, image]);

    /// <summary>docker run --detach with a name. The container is removed at the end, even if it is of another fleet.</summary>
    internal async Task RunAsync(string container, params string[] rest)
    {
        _more.Add(container);
        await docker.RunAsync(["run", "--detach", "--name", container, .. rest]);
    }

    /// <summary>Notes a name that a container will have, so that it is removed at the end under that, too. Returns it.</summary>
    internal string WillBe(string container)
    {
        _more.Add(container);
        return container;
    }

    /// <summary>A container that was not run: its name is taken.</summary>
    internal async Task OccupyAsync(string container)
    {
        _more.Add(container);
        await docker.RunAsync("create", "--name", container, Engine.Image, "--version");
    }

    /// <summary>One more network, removed at the end.</summary>
    internal async Task<string> AddNetworkAsync()
    {
        string other = $"{name}-other";
        await docker.RunAsync("network", "create", other);
        return other;
    }

    internal async Task<string> IdAsync(string container) => (await docker.InspectAsync(container)).GetProperty("Id").GetString()!;

    internal async Task<string> AddressAsync(string container) =>
        (await docker.InspectAsync(container)).GetProperty("NetworkSettings").GetProperty("Networks").GetProperty(name).GetProperty("IPAddress").GetString()!;

    public async ValueTask DisposeAsync()
    {
        string[] networks = await docker.LinesAsync("network", "ls", "--filter", $"name=^{name}", "--format", "{{.Name}}");
        string[] all = await docker.LinesAsync("ps", "--all", "--format", "{{.Names}}");
        var rest = new HashSet<string>(_more.Intersect(all));
        rest.UnionWith(await ContainersAsync());
        foreach (string network in networks)
        {
            rest.UnionWith(await docker.LinesAsync("ps", "--all", "--filter", $"network={network}", "--format", "{{.Names}}"));
        }

        if (rest.Count > 0)
        {
            await docker.RunAsync(["rm", "--force", .. rest]);
        }

        foreach (string network in networks)
        {
            await RemoveAsync(network);
        }
    }

    // Beside its list of a network's endpoints the engine keeps their number, which is wrong at times where many end at once
    // (moby/moby#42119, seen on 20.10): then there is none, and it does not remove the network until it is started again.
    private async Task RemoveAsync(string network)
    {
        string endpoints = "";
        try
        {
            await Quiet.UntilAsync(
                async () => (endpoints = await docker.RunAsync(
                    "network", "inspect", "--format", "{{range $id, $e := .Containers}}{{$id}} {{$e.Name}}, {{end}}", network)).Length == 0,
                $"nothing is on the network {network} any more",
                TimeSpan.FromSeconds(30));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{e.Message}: {endpoints}", e);
        }

        try
        {
            await docker.RunAsync("network", "rm", network);
        }
        catch (InvalidOperationException refused) when (miscounted is not null && refused.Message.Contains("has active endpoints", StringComparison.Ordinal))
        {
            miscounted(network);
        }
    }
}
