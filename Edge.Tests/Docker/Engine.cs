using Edge.Tests.Backends;
using Edge.Tests.Native;

namespace Edge.Tests.Docker;

/// <summary>
/// The engine of all tests with Docker: the one that DOCKER_HOST names or that answers at the default socket, or else,
/// as root with dockerd installed, one of their own. With none they are skipped, but fail where EDGE_REQUIRE_DOCKER=1.
/// </summary>
public sealed class Engine : IAsyncLifetime
{
    /// <summary>The balancer's own binary, which is the built-in replica, too.</summary>
    internal const string Image = "edge-test:latest";

    /// <summary>An application of a user, see UserApp/app.c: it listens on port 3000, and its health path is /healthz.</summary>
    internal const string App = "edge-test-app:v1";

    /// <summary>Its next version.</summary>
    internal const string NextApp = "edge-test-app:v2";

    /// <summary>The first version with a HEALTHCHECK that may fail for two minutes at first, and whose interval is Docker's own: 30 s.</summary>
    internal const string CheckedApp = "edge-test-app:checked";

    private const string DefaultHost = "unix:///var/run/docker.sock";

    private readonly DockerCli _shared = new(Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } host ? host : DefaultHost);
    private PrivateEngine? _own;
    private DockerCli? _docker;
    private string _why = "";
    private readonly List<string> _images = [];
    private readonly List<string> _miscounted = [];
    private int _fleets;

    internal DockerCli Docker => _docker ?? throw new InvalidOperationException("no engine");

    public async ValueTask InitializeAsync()
    {
        // Without the binary nothing can be tested with an engine; each test says so.
        if (Environment.GetEnvironmentVariable("EDGE_NATIVE") is not { } binary)
        {
            return;
        }

        if (Command.Find("docker") is null)
        {
            _why = "the docker command is not installed";
            return;
        }

        (bool answers, string why) = await _shared.PingAsync();
        if (answers)
        {
            _docker = _shared;
        }
        else if (Environment.IsPrivilegedProcess && Command.Find("dockerd") is not null)
        {
            _own = new PrivateEngine();
            var docker = new DockerCli(_own.Host);
            await _own.StartAsync(docker);
            _docker = docker;
        }
        else
        {
            _why = $"no engine answers at {_shared.Host} ({why}), and only root with dockerd installed can start one";
            return;
        }

        // From an empty image: so it shows that the binary needs nothing but itself, and no registry is asked.
        const string Dockerfile = """
            FROM scratch
            COPY edge /usr/bin/edge
            USER 65532:65532
            ENTRYPOINT ["/usr/bin/edge"]
            """;
        await BuildAsync(Image, Dockerfile, binary);
        await BuildAppsAsync();
    }

    public async ValueTask DisposeAsync()
    {
        string[] left = [];
        try
        {
            if (_own is not null && _docker is not null)
            {
                left = await ClearAsync();
            }
            else if (_images.Count > 0)
            {
                await Docker.RunAsync(["image", "rm", .. _images]);
            }
        }
        finally
        {
            if (_own is not null)
            {
                await _own.DisposeAsync();
            }
        }

        // Each test has to leave nothing; the engine is gone all the same.
        Assert.Empty(left);
    }

    /// <summary>A network and a name for the fleet of one test. Skips the test where there is no engine.</summary>
    internal async Task<TestFleet> NewFleetAsync()
    {
        Need();
        string name = $"edge-test-{Environment.ProcessId}-{Interlocked.Increment(ref _fleets)}";
        await Docker.RunAsync("network", "create", name);
        return new TestFleet(Docker, name, _own is null ? null : _miscounted.Add);
    }

    /// <summary>The engine, which the test may stop. Skips the test if the engine is not the tests' own.</summary>
    internal PrivateEngine Own()
    {
        Need();
        Assert.SkipWhen(_own is null, $"the engine at {Docker.Host} is not the tests' own to stop.");
        return _own!;
    }

    /// <summary>The image that users get, by the script that makes it for them. Returns its name.</summary>
    internal async Task<string> BuildReleaseAsync()
    {
        const string Release = "edge-test-release:latest";
        if (!_images.Contains(Release))
        {
            await Command.RunAsync(
                Path.Combine(Repository.Root, "publish.sh"),
                ["--image", Release, "--binary", NativeEdge.Binary],
                new Dictionary<string, string> { ["DOCKER_HOST"] = Docker.Host });
            _images.Add(Release);
        }

        return Release;
    }

    private async Task BuildAppsAsync()
    {
        string folder = Directory.CreateTempSubdirectory("edge-test-app-").FullName;
        try
        {
            string app = Path.Combine(folder, "app");
            string source = Path.Combine(Repository.Root, "Edge.Tests", "Docker", "UserApp", "app.c");
            await Command.RunAsync("musl-gcc", ["-static", "-O2", "-pthread", source, "-o", app]);
            foreach ((string image, string version, string more) in new[]
            {
                (App, "v1", ""),
                (NextApp, "v2", ""),
                (CheckedApp, "v1", "HEALTHCHECK --start-period=120s CMD [\"/app\", \"check\"]"),
            })
            {
                await BuildAsync(image, $"FROM scratch\nCOPY edge /app\nENV VERSION={version}\nEXPOSE 3000\n{more}\nENTRYPOINT [\"/app\"]\n", app);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Need()
    {
        _ = NativeEdge.Binary;
        if (_docker is null)
        {
            Assert.False(Environment.GetEnvironmentVariable("EDGE_REQUIRE_DOCKER") == "1", $"EDGE_REQUIRE_DOCKER=1, but {_why}.");
            Assert.Skip($"No Docker engine to test with: {_why}.");
        }
    }

    /// <summary>Removes all of the own engine's containers and networks, and says what there was.</summary>
    private async Task<string[]> ClearAsync()
    {
        string[] containers = await Docker.LinesAsync("ps", "--all", "--format", "{{.Names}}");
        if (containers.Length > 0)
        {
            await Docker.RunAsync(["rm", "--force", .. containers]);
        }

        string[] networks = [.. (await Docker.LinesAsync("network", "ls", "--filter", "type=custom", "--format", "{{.Name}}")).Except(_miscounted)];
        if (networks.Length > 0)
        {
            await Docker.RunAsync(["network", "rm", .. networks]);
        }

        return [.. containers, .. networks];
    }

    /// <summary>Builds an image and gives it a name, until the end of the tests.</summary>
    /// <param name="image">Name and tag.</param>
    /// <param name="dockerfile">Its lines.</param>
    /// <param name="file">A file to have beside it as "edge"; null for none.</param>
    internal async Task BuildAsync(string image, string dockerfile, string? file = null)
    {
        string folder = Directory.CreateTempSubdirectory("edge-test-image-").FullName;
        try
        {
            if (file is not null)
            {
                File.Copy(file, Path.Combine(folder, "edge"));
            }

            await File.WriteAllTextAsync(Path.Combine(folder, "Dockerfile"), dockerfile);
            await Docker.RunAsync("build", "--network", "none", "--tag", image, folder);
            _images.Add(image);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

/// <summary>One test with containers after the other, and no other test beside them: they measure, and stop the engine.</summary>
[CollectionDefinition(nameof(WithDocker), DisableParallelization = true)]
public sealed class WithDocker : ICollectionFixture<Engine>;
