using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Edge.Tests.Backends;

namespace Edge.Tests.Native;

public sealed class PrivilegesTests
{
    // DAC_OVERRIDE, SETGID, SETUID and NET_BIND_SERVICE.
    private const ulong KeptByRoot = 1UL << 1 | 1UL << 6 | 1UL << 7 | 1UL << 10;
    private const string User = "65532";
    private const string Groups = "65532,54321";

    private static bool IsRoot => Environment.UserName == "root";

    [Fact]
    public async Task Every_thread_has_let_go_of_what_it_does_not_need()
    {
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(1);
        Assert.Equal(200, (await edge.AskAsync("GET", "/home")).Status);
        foreach (int pid in edge.Children().Append(edge.Pid))
        {
            foreach (Dictionary<string, string> thread in Threads(pid))
            {
                Assert.Equal("1", thread["NoNewPrivs"]);
                Assert.Equal(0UL, Set(thread, "CapPrm") & ~KeptByRoot);
                Assert.Equal(0UL, Set(thread, "CapInh") | Set(thread, "CapAmb"));
                Assert.True(!IsRoot || Set(thread, "CapBnd") == 0, $"{thread["Name"]} has the bounds {thread["CapBnd"]}");
            }

            string core = File.ReadLines($"/proc/{pid}/limits").First(l => l.StartsWith("Max core", StringComparison.Ordinal));
            Assert.Equal("0", core["Max core file size".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]);
        }

        // What it started has none at all.
        Assert.All(edge.Children(), child => Assert.All(Threads(child), thread => Assert.Equal(0UL, Set(thread, "CapPrm"))));
    }

    [Fact]
    public async Task It_listens_as_root_at_a_low_port_and_then_is_another_user_for_good()
    {
        Assert.SkipUnless(IsRoot, "Only root may become somebody else.");
        await using var backend = new Backend(Scripts.Echo);

        // Not a temporary folder of the framework: another user has to be able to read it.
        DirectoryInfo folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"edge-privileges-{Guid.NewGuid()}"));
        string file = Path.Combine(folder.FullName, "appsettings.json");
        await File.WriteAllTextAsync(file, "{}", TestContext.Current.CancellationToken);
        (string, string)[] options =
        [
            ("Listen", $"127.0.0.1:{LowPort()}"), ("User", $"{User}:{Groups}"), ("Fleet:Driver", "static"), ("Fleet:Addresses:0", backend.Address.ToString()),
        ];
        NativeEdge old = await NativeEdge.StartAsync(folder.FullName, [], options);
        AssertIsSomebodyElse(old);
        Assert.Equal(200, (await old.AskAsync("GET", "/")).Status);

        // The options are read again by whom it is now.
        await File.WriteAllTextAsync(file, """{"Edge": {"Forwarding": {"NameReplica": false}}}""", TestContext.Current.CancellationToken);
        await old.SignalAsync("HUP");
        await Quiet.UntilAsync(() => old.Output.Contains("options_reloaded changed=Edge:Forwarding:NameReplica", StringComparison.Ordinal), "it has reloaded");

        // Root takes over from it, and becomes the same; it needs no low port, since it gets the socket. And so again.
        for (int i = 0; i < 2; i++)
        {
            NativeEdge next = await NativeEdge.TakeOverAsync(old, options[1..]);
            Assert.Equal(0, await old.ExitAsync());
            await old.DisposeAsync();
            old = next;

            // The log is another stream than the one that says where it listens.
            await Quiet.UntilAsync(() => next.Output.Contains("took_over", StringComparison.Ordinal), "it says that it took over");
            AssertIsSomebodyElse(old);
            Assert.Equal(200, (await old.AskAsync("GET", "/")).Status);
        }

        await old.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_reload_reads_the_environment_of_a_new_service_as_the_user_that_it_has_become_or_is_refused()
    {
        Assert.SkipUnless(IsRoot, "Only root may become somebody else.");
        await using var backend = new Backend(Scripts.Echo);
        DirectoryInfo folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"edge-privileges-{Guid.NewGuid()}"));
        string file = Path.Combine(folder.FullName, "appsettings.json"), variables = Path.Combine(folder.FullName, "shop.env");
        string shop = $$"""
            {"Edge": {"Services": {"shop": {
              "Hosts": ["shop.example"], "Docker": {"EnvFile": "{{variables}}"}, "Fleet": {"Addresses": ["{{backend.Address}}"]}, "Health": {"Off": true}
            } } } }
            """;
        await File.WriteAllTextAsync(file, "{}", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(variables, "PASSWORD=hush", TestContext.Current.CancellationToken);
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(variables, UnixFileMode.UserRead);
        }

        await using (NativeEdge edge = await NativeEdge.StartAsync(
            folder.FullName, [], ("User", $"{User}:{Groups}"), ("Fleet:Driver", "static"), ("Fleet:Addresses:0", backend.Address.ToString())))
        {
            await File.WriteAllTextAsync(file, shop, TestContext.Current.CancellationToken);
            await edge.SignalAsync("HUP");
            await Quiet.UntilAsync(() => edge.Output.Contains("options_refused", StringComparison.Ordinal), "it is refused");
            Assert.Contains($"Edge:Services:shop:Docker:EnvFile is \\\"{variables}\\\": the file cannot be read: ", edge.Output);
            Assert.Contains($"(a reload reads it as the user {User}:{Groups})", edge.Output);
            Assert.Equal(200, (await edge.AskAsync("GET", "/")).Status);
            if (OperatingSystem.IsLinux())
            {
                File.SetUnixFileMode(variables, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            }

            await edge.SignalAsync("HUP");
            await Quiet.UntilAsync(
                () => edge.Output.Contains("options_reloaded changed=Edge:Services:shop", StringComparison.Ordinal), $"it is taken: {edge.Output}");
            Assert.DoesNotContain("hush", edge.Output);
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_balancer_that_stays_root_is_taken_over_by_one_that_does_not()
    {
        Assert.SkipUnless(IsRoot, "Only root may become somebody else.");
        await using var backend = new Backend(Scripts.Echo);
        (string, string)[] fleet = [("Fleet:Driver", "static"), ("Fleet:Addresses:0", backend.Address.ToString())];
        await using NativeEdge old = await NativeEdge.StartAsync(fleet);
        await using NativeEdge next = await NativeEdge.TakeOverAsync(old, [.. fleet, ("User", $"{User}:{Groups}")]);
        Assert.Equal(0, await old.ExitAsync());
        AssertIsSomebodyElse(next);
        Assert.Equal(200, (await next.AskAsync("GET", "/")).Status);
    }

    [Fact]
    public async Task It_does_not_start_as_a_user_who_may_not_use_the_engine()
    {
        Assert.SkipUnless(IsRoot, "Only root may become somebody else.");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("edge-privileges-");
        string path = Path.Combine(folder.FullName, "docker.sock");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        (int exitCode, string output) = await NativeEdge.RunAsync(new Dictionary<string, string>
        {
            ["Listen"] = "127.0.0.1:0",
            ["User"] = User,
            ["Fleet:Driver"] = "docker",
            ["DOCKER_HOST"] = $"unix://{path}",
        });
        Assert.Equal(69, exitCode);
        Assert.Contains($"user {User} (Edge:User) may not use {path}", output);
        folder.Delete(recursive: true);
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public async Task Only_root_becomes_another_user()
    {
        // Root starts it as the user nobody, who may need a copy: not every folder can be read by all users.
        string copy = Path.Combine(Path.GetTempPath(), $"edge-{Guid.NewGuid():N}");
        File.Copy(NativeEdge.Binary, copy);
        File.SetUnixFileMode(
            copy,
            UnixFileMode.UserRead | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        try
        {
            string[] asNobody = IsRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
            string[] command =
                [.. asNobody, copy, "--Edge:Listen=127.0.0.1:0", $"--Edge:User={User}", "--Edge:Fleet:Driver=static", "--Edge:Fleet:Addresses:0=127.0.0.1:1"];
            using Process edge = Process.Start(
                new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" })!;
            string output = await edge.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await edge.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Contains($"cannot become user {User} (Edge:User)", output);
            Assert.Equal(69, edge.ExitCode);
        }
        finally
        {
            File.Delete(copy);
        }
    }

    private static void AssertIsSomebodyElse(NativeEdge edge)
    {
        foreach (Dictionary<string, string> thread in Threads(edge.Pid))
        {
            Assert.Equal($"{User}\t{User}\t{User}\t{User}", thread["Uid"]);
            Assert.Equal($"{User}\t{User}\t{User}\t{User}", thread["Gid"]);
            Assert.Equal("54321", thread["Groups"].Trim());
            Assert.Equal(0UL, Set(thread, "CapPrm") | Set(thread, "CapEff") | Set(thread, "CapBnd"));
            Assert.Equal("1", thread["NoNewPrivs"]);
        }
    }

    private static Dictionary<string, string>[] Threads(int pid) =>
    [
        .. Directory.GetDirectories($"/proc/{pid}/task").Select(t => File.ReadLines(Path.Combine(t, "status"))
            .Select(l => l.Split(":\t", 2)).Where(l => l.Length == 2).ToDictionary(l => l[0], l => l[1])),
    ];

    private static ulong Set(Dictionary<string, string> thread, string name) => ulong.Parse(thread[name], NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>A port below 1024 at which no process listens.</summary>
    internal static int LowPort()
    {
        for (int port = 1023; port > 512; port--)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // The next one, then.
            }
        }

        throw new InvalidOperationException("No port below 1024 is free.");
    }
}
