namespace Edge.Tests.Docker;

/// <summary>What the application of a user needs: a database on a network of its own, a named volume, a folder of the host.</summary>
internal sealed class AppEstate : IAsyncDisposable
{
    /// <summary>Of the person's container on the second network.</summary>
    internal const string FixedAddress = "198.19.120.77";

    private readonly TestFleet _fleet;
    private readonly HttpClient _client = new();
    private string _ofCompose = "";

    private AppEstate(TestFleet fleet) => _fleet = fleet;

    internal string Network => $"{_fleet.Name}-back";

    internal string Volume => $"{_fleet.Name}-data";

    internal string Folder { get; } = Directory.CreateTempSubdirectory("edge-test-conf-").FullName;

    internal static async Task<AppEstate> MakeAsync(TestFleet fleet)
    {
        var estate = new AppEstate(fleet);
        await fleet.Docker.RunAsync("network", "create", "--subnet", "198.19.120.0/24", estate.Network);
        await fleet.Docker.RunAsync("volume", "create", estate.Volume);
        estate._ofCompose = (await fleet.Docker.RunAsync("volume", "create")).Trim();
        await fleet.RunAsync($"{fleet.Name}-db", "--network", estate.Network, "--network-alias", "db", Engine.App, "db");
        return estate;
    }

    /// <summary>Runs the application with about everything that docker run can say. Returns its name.</summary>
    internal async Task<string> RunRichAsync()
    {
        string name = $"{_fleet.Name}-old";
        await _fleet.RunAsync(
            name, "--network", _fleet.Name, "--network-alias", "front", "--hostname", "chosen", "--publish", "127.0.0.1::3000", "--restart", "unless-stopped",
            "--label", $"edge.fleet={_fleet.Name}", "--label", "edge.port=3000", "--label", "edge.weight=2", "--label", "mine=yes",
            "--label", "com.docker.compose.project=shop", "--label", "com.docker.compose.service=web",
            "--env", "DB=db:5432", "--env", "DATA=/data", "--env", "SECRET=a=b c", "--env", "SERVER_ID=of a person", "--user", "0:1000", "--workdir", "/conf",
            "--volume", $"{Volume}:/data", "--volume", $"{Folder}:/conf:ro", "--volume", "/scratch", "--volume", $"{_ofCompose}:/of-compose",
            "--tmpfs", "/cache:size=1m",
            "--memory", "64m", "--cpus", "0.5", "--pids-limit", "99", "--ulimit", "nofile=1024:2048", "--log-driver", "json-file", "--log-opt", "max-size=1m",
            "--add-host", "old.example:10.9.9.9", "--security-opt", "no-new-privileges", "--cap-add", "NET_ADMIN", "--cap-drop", "CHOWN",
            "--sysctl", "net.core.somaxconn=99",
            "--stop-signal", "SIGUSR1", "--stop-timeout", "60", "--shm-size", "1m", "--dns", "198.19.120.1", "--init=false", Engine.App, "serve");
        await _fleet.Docker.RunAsync("network", "connect", "--alias", "shop", "--ip", FixedAddress, Network, name);
        return name;
    }

    /// <summary>What a container answers on the fleet's network.</summary>
    internal async Task<string> AskAsync(string container, string path) =>
        await _client.GetStringAsync(new Uri($"http://{await _fleet.AddressAsync(container)}:3000{path}"), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();

        // A volume goes only when nothing uses it any more.
        string[] users = await _fleet.Docker.LinesAsync("ps", "--all", "--quiet", "--filter", $"network={Network}");
        await _fleet.Docker.RunAsync(["rm", "--force", "--volumes", .. users]);
        await _fleet.Docker.RunAsync("volume", "rm", Volume, _ofCompose);
        Directory.Delete(Folder, recursive: true);
    }
}
