using System.Diagnostics;
using System.Runtime.Versioning;
using Edge.Tests.Backends;
using Edge.Tests.Drivers;

namespace Edge.Tests.Native;

/// <summary>
/// A balancer whose engine is not there yet, or cannot be used: it answers 503, says once what is wrong and what to do, and
/// serves when that is done, without a restart. The engine is a fake one, whose one container is a server of the test.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class EngineAwaitedTests : IDisposable
{
    private const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly DirectoryInfo _folder = Directory.CreateDirectory(
        Path.Combine(Path.GetTempPath(), $"edge-engine-{Guid.NewGuid():n}"), Everybody);

    private static bool IsRoot => Environment.UserName == "root";

    private string Socket => Path.Combine(_folder.FullName, "docker.sock");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task An_engine_that_starts_later_than_the_balancer_is_awaited()
    {
        await using var backend = new Backend(Scripts.Echo);
        await using NativeEdge edge = await NativeEdge.StartAsync(Options(Socket));
        Assert.Contains("replicas: docker (auto, since Edge:Docker:Network is set; ", edge.Output);
        await RefusedAsync(edge, $"the Docker engine at unix://{Socket} cannot be reached: there is no such socket; start the engine");
        await using FakeEngine engine = Engine(backend);
        await ServedAsync(edge);
    }

    [Fact]
    public async Task A_socket_that_the_balancer_may_not_open_is_said_and_used_once_it_may()
    {
        Assert.SkipUnless(IsRoot, "Only root may become somebody else, and start the balancer as that.");
        await using var backend = new Backend(Scripts.Echo);
        await using FakeEngine engine = Engine(backend);
        File.SetUnixFileMode(Socket, UnixFileMode.None);
        string binary = Path.Combine(_folder.FullName, "edge");
        File.Copy(NativeEdge.Binary, binary);
        File.SetUnixFileMode(binary, Everybody);
        string[] asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", binary];
        await using NativeEdge edge = await NativeEdge.StartAsync(asNobody, "/", [], Options(Socket));
        await RefusedAsync(edge, $"no right to open {Socket}; add the user that Edge runs as to the group of that file");
        File.SetUnixFileMode(Socket, Everybody | UnixFileMode.OtherWrite);
        await ServedAsync(edge);
    }

    [Fact]
    public async Task An_engine_that_hangs_is_said_and_used_once_it_answers()
    {
        await using var backend = new Backend(Scripts.Echo);
        await using FakeEngine engine = Engine(backend);
        engine.IsSilent = true;
        await using NativeEdge edge = await NativeEdge.StartAsync(Options(Socket));
        await RefusedAsync(edge, "no answer within 10 s; see whether docker version answers, else restart the engine");
        engine.IsSilent = false;
        await ServedAsync(edge);
    }

    [Fact]
    public async Task A_socket_whose_file_was_replaced_behind_its_mount_is_recognised()
    {
        Assert.SkipUnless(IsRoot, "Only root may mount.");
        await using var backend = new Backend(Scripts.Echo);
        string mounted = Path.Combine(_folder.FullName, "mounted.sock");
        await File.WriteAllTextAsync(mounted, "", TestContext.Current.CancellationToken);
        FakeEngine before = Engine(backend);

        // What docker run -v /run/docker.sock:/… does: the file itself is mounted, in a namespace of its own.
        string[] inNamespace =
            ["unshare", "--mount", "sh", "-c", "mount --bind \"$1\" \"$2\" && shift 2 && exec \"$@\"", "sh", Socket, mounted, NativeEdge.Binary];
        await using NativeEdge edge = await NativeEdge.StartAsync(inNamespace, null, [], Options(mounted));
        await ServedAsync(edge);
        await before.DisposeAsync();
        await using FakeEngine after = Engine(backend);
        string words = $"the engine has restarted and made a new socket, while the file at {mounted} is still the old one; "
            + "restart this container, and mount the folder of the socket instead of the file";
        await Quiet.UntilAsync(
            () => Task.FromResult(Lost(edge).Any(line => line.Contains(words, StringComparison.Ordinal))), "it sees that its socket is stale",
                TimeSpan.FromSeconds(60));
        Assert.Contains(" cannot be reached: ", (await edge.AskAsync("GET", "/rep")).Field("Warning"));

        // What it knew goes on being served.
        Assert.Equal(200, (await edge.AskAsync("GET", "/")).Status);
    }

    private static (string, string)[] Options(string socket) =>
        [("DOCKER_HOST", $"unix://{socket}"), ("Fleet:Name", "waiting"), ("Fleet:Replicas", "0"), ("Docker:Network", "net")];

    private static string[] Lost(NativeEdge edge) =>
        [.. edge.Output.Split('\n').Where(line => line.Contains(" warning driver_lost ", StringComparison.Ordinal))];

    private static async Task RefusedAsync(NativeEdge edge, string words)
    {
        await Quiet.UntilAsync(() => Task.FromResult(Lost(edge).Length > 0), "it says that it does not reach its engine", TimeSpan.FromSeconds(60));

        // The back-off allows for several tries meanwhile, and none of them is told again.
        for (int i = 0; i < 3; i++)
        {
            Message answer = await edge.AskAsync("GET", "/");
            Assert.Equal((503, "1"), (answer.Status, answer.Field("Retry-After")));
        }

        Message added = await edge.AskAsync("POST", "/add", """{"n": 1}""");
        Assert.Equal(503, added.Status);
        Assert.Contains(words, added.Text);
        Assert.Contains(words, Assert.Single(Lost(edge)));
        TestContext.Current.TestOutputHelper!.WriteLine(Lost(edge)[0]);
    }

    private static async Task ServedAsync(NativeEdge edge)
    {
        var watch = Stopwatch.StartNew();
        await edge.HealthyAsync(1);
        Assert.Equal(200, (await edge.AskAsync("GET", "/")).Status);
        Assert.True(Lost(edge).Length <= 1, edge.Output);
        TestContext.Current.TestOutputHelper!.WriteLine($"served after {watch.ElapsedMilliseconds} ms");
    }

    private FakeEngine Engine(Backend backend)
    {
        string labels = $$"""{"edge.fleet":"waiting","edge.port":"{{backend.Address.Port}}"}""";
        const string Networks = """{"Networks":{"net":{"IPAddress":"127.0.0.1"}}}""";
        string list = $$"""[{"Id":"c1","Names":["/web"],"Image":"app","State":"running","Status":"Up","Labels":{{labels}},"NetworkSettings":{{Networks}}}]""";
        string inspected = $$$"""
            {"Id":"c1","Name":"/web","Created":"2026-01-01T00:00:00Z","State":{"Status":"running","Running":true,"Error":""},
             "Config":{"Image":"app","Hostname":"web","Labels":{{{labels}}}},"HostConfig":{},"NetworkSettings":{{{Networks}}}}
            """;
        return new FakeEngine(path: Socket)
        {
            OnRequest = request => request.EndsWith("/containers/json", StringComparison.Ordinal) ? (200, list)
                : request.EndsWith("/containers/c1/json", StringComparison.Ordinal) ? (200, inspected) : (404, """{"message":"no"}"""),
        };
    }
}
