using System.Diagnostics;
using System.Globalization;
using Edge.Tests.Backends;

namespace Edge.Tests.Native;

/// <summary>What the program tells the service manager that has started it, and how it gets another version of itself into its place.</summary>
public sealed class ServiceManagerTests : IDisposable
{
    private const string Successor = "USR2";

    private readonly NotifyListener _manager = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-service-");

    public void Dispose()
    {
        _manager.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task It_says_that_it_serves_that_it_reloads_and_that_it_ends()
    {
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(
            1, ("NOTIFY_SOCKET", _manager.Name), ("Timeouts:Drain", "00:00:07"), ("Timeouts:Stop", "00:00:03"));
        Assert.Equal("READY=1", (await _manager.NextAsync())[0]);
        Assert.Equal(200, (await edge.AskAsync("GET", "/heartbeat")).Status);
        await SaysAsync("STATUS=1 of 1 replicas in rotation");
        string child = await File.ReadAllTextAsync($"/proc/{Assert.Single(edge.Children())}/environ", TestContext.Current.CancellationToken);
        Assert.Contains("PATH=", child);
        Assert.DoesNotContain("NOTIFY_SOCKET", child);
        Assert.Equal(200, (await edge.AskAsync("POST", "/add", """{"n": 1}""")).Status);
        await SaysAsync("STATUS=2 of 2 replicas in rotation");
        await edge.SignalAsync("HUP");
        Assert.StartsWith("MONOTONIC_USEC=", (await _manager.NextAsync("RELOADING=1"))[1], StringComparison.Ordinal);
        Assert.Equal("STATUS=2 of 2 replicas in rotation", (await _manager.NextAsync("READY=1"))[1]);
        Assert.Equal(0, await edge.EndAsync("TERM"));
        Assert.Equal(["STOPPING=1", "STATUS=Finishing the requests in flight", "EXTEND_TIMEOUT_USEC=15000000"], await _manager.NextAsync("STOPPING=1"));
    }

    [Fact]
    public async Task It_is_ready_although_the_engine_is_not_there_yet()
    {
        await using NativeEdge edge = await NativeEdge.StartAsync(
            ("NOTIFY_SOCKET", _manager.Name), ("Fleet:Driver", "docker"), ("Docker:Image", "none:1"),
                ("DOCKER_HOST", $"unix://{_folder.FullName}/docker.sock"));
        Assert.Equal("READY=1", (await _manager.NextAsync())[0]);
        Assert.Equal(200, (await edge.AskAsync("GET", "/heartbeat")).Status);
    }

    [Theory]
    [InlineData("/no/such/socket")]
    [InlineData("vsock:2:1234")]
    public async Task A_manager_that_cannot_be_told_is_a_warning_and_it_serves(string name)
    {
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(1, ("NOTIFY_SOCKET", name));
        Assert.Equal(200, (await edge.AskAsync("GET", "/home")).Status);
        await Quiet.UntilAsync(() => edge.Output.Contains("warning notify_failed", StringComparison.Ordinal), "the warning is written");
        Assert.Contains(name, edge.Output);
    }

    [Fact]
    public async Task A_signal_has_it_start_its_successor_which_the_manager_looks_after_then()
    {
        await using var backend = new Backend(Scripts.Echo);
        NativeEdge old = await StartAsync(backend, "{}");
        var load = new MixedLoad(old.Endpoint, posts: true);
        await load.MoreAsync(500);
        await old.SignalAsync(Successor);

        // The old one says who it is before the new one says anything, so that it is listened to.
        int pid = await NextPidAsync();
        Assert.Equal(["READY=1", "STATUS=1 of 1 replicas in rotation"], await _manager.NextAsync("READY=1"));

        // Its parent has ended. So the manager is its parent now, if it is the first process or the nearest one that adopts orphans.
        Assert.Empty(old.Children());
        await load.MoreAsync(500);
        await Quiet.UntilAsync(() => !Directory.Exists($"/proc/{old.Pid}"), "the old one has ended");
        Assert.Equal(pid, (await old.StatusAsync()).GetProperty("process").GetProperty("pid").GetInt32());
        string[] failures = await load.StopAsync();
        TestContext.Current.TestOutputHelper!.WriteLine(load.ToString());
        Assert.Empty(failures);
        await SignalAsync(pid, "TERM");
        await _manager.NextAsync("STOPPING=1");

        // Its output is what the successor writes to, too, and ends with that.
        Assert.Equal(0, await old.ExitAsync());
        Assert.Contains("successor_started", old.Output);
        Assert.Contains($"takeover_asked pid={pid}", old.Output);
        Assert.DoesNotContain("successor_failed", old.Output);
        await old.DisposeAsync();
    }

    [Fact]
    public async Task A_successor_that_does_not_start_is_said_the_old_one_goes_on_and_the_next_may_take_over()
    {
        await using var backend = new Backend(Scripts.Echo);
        NativeEdge edge = await StartAsync(backend, "{}");
        Write("""{"Edge": {"Retries": {"Attempts": "many"}}}""");
        await edge.SignalAsync(Successor);
        await SaysAsync("STATUS=1 of 1 replicas in rotation; the last takeover failed: it ended with 64");
        await Quiet.UntilAsync(() => edge.Output.Contains("error successor_failed why=\"it ended with 64\"", StringComparison.Ordinal), "it is logged");
        Assert.Equal(200, (await edge.AskAsync("GET", "/heartbeat")).Status);
        Write("{}");
        await edge.SignalAsync(Successor);
        int pid = await NextPidAsync();
        Assert.Equal(["READY=1", "STATUS=1 of 1 replicas in rotation"], await _manager.NextAsync("READY=1"));
        await SignalAsync(pid, "TERM");
        Assert.Equal(0, await edge.ExitAsync());
        await edge.DisposeAsync();
    }

    [Fact]
    public async Task Where_the_kernel_has_chosen_the_port_there_is_no_successor_that_would_get_another()
    {
        await using var backend = new Backend(Scripts.Echo);
        await using NativeEdge edge = await NativeEdge.StartAsync(("Fleet:Driver", "static"), ("Fleet:Addresses:0", backend.Address.ToString()));
        await edge.SignalAsync(Successor);
        await Quiet.UntilAsync(() => edge.Output.Contains("successor_failed why=\"Edge:Listen has port 0", StringComparison.Ordinal), "it says why not");
        Assert.Equal(200, (await edge.AskAsync("GET", "/heartbeat")).Status);
        Assert.Empty(edge.Children());
    }

    [Fact]
    public async Task The_first_process_of_a_container_starts_no_successor_that_would_end_with_it()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root makes a PID namespace.");
        await using var backend = new Backend(Scripts.Echo);
        string[] first = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", NativeEdge.Binary];
        await using NativeEdge edge = await NativeEdge.StartAsync(
            first, null, [], ("Listen", $"127.0.0.1:{FreePort()}"), ("Fleet:Driver", "static"), ("Fleet:Addresses:0", backend.Address.ToString()));
        int pid = Assert.Single(edge.Children());
        await SignalAsync(pid, Successor);
        await Quiet.UntilAsync(() => edge.Output.Contains("successor_failed why=\"process 1 cannot be replaced", StringComparison.Ordinal), "it says why not");
        Assert.Equal(200, (await edge.AskAsync("GET", "/heartbeat")).Status);
        await SignalAsync(pid, "TERM");
        Assert.Equal(0, await edge.ExitAsync());
    }

    private async Task<NativeEdge> StartAsync(Backend backend, string options)
    {
        Write(options);

        // Not a port of the kernel's choice, since the successor has to find it in its options.
        NativeEdge edge = await NativeEdge.StartAsync(
            _folder.FullName, [], ("NOTIFY_SOCKET", _manager.Name), ("Listen", $"127.0.0.1:{FreePort()}"),
            ("Fleet:Driver", "static"), ("Fleet:Addresses:0", backend.Address.ToString()));
        Assert.Equal("READY=1", (await _manager.NextAsync())[0]);
        await edge.HealthyAsync(1);
        return edge;
    }

    private static int FreePort()
    {
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        return ((System.Net.IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task<int> NextPidAsync() =>
        int.Parse(Assert.Single(await _manager.NextAsync("MAINPID="))["MAINPID=".Length..], CultureInfo.InvariantCulture);

    private void Write(string text) => File.WriteAllText(Path.Combine(_folder.FullName, "appsettings.json"), text);

    private static async Task SignalAsync(int pid, string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", pid.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Ends when the sentence about the fleet is this one.</summary>
    private async Task SaysAsync(string status)
    {
        while (!(await _manager.NextAsync()).Contains(status))
        {
            // Another sentence before it.
        }
    }
}
