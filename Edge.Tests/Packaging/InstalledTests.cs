using System.Net;
using System.Net.Sockets;
using Edge.Tests.Backends;
using Edge.Tests.Native;

namespace Edge.Tests.Packaging;

/// <summary>The Debian package, installed by dpkg, and its unit, run by systemd.</summary>
public sealed class InstalledTests(Package package) : IClassFixture<Package>, IAsyncDisposable
{
    private const string Options = "/etc/edge/appsettings.json";
    private const string Archive = "/root/edge.deb";

    private readonly IPEndPoint _listen = new(IPAddress.Loopback, FreePort());
    private Machine? _machine;

    private Machine Host => _machine!;

    public ValueTask DisposeAsync() => _machine?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task The_unit_runs_as_its_user_says_how_it_is_reloads_comes_back_and_ends()
    {
        await using var backend = new Backend(Scripts.Echo);
        await InstallAsync(OptionsOf(backend, ""));
        Assert.Equal("enabled", await Host.RunAsync("systemctl", "is-enabled", "edge"));
        await Host.BecomesAsync("StatusText", "1 of 1 replicas in rotation");
        string pid = await Host.PropertyAsync("MainPID");
        Assert.Equal("edge edge 640", await Host.RunAsync("sh", "-c", $"echo $(ps -o user= -o group= -p {pid}) $(stat -c %a {Options})"));
        Message answer = await AskAsync("/home");
        Assert.Equal((200, backend.Address.ToString()), (answer.Status, answer.Field("X-Edge-Replica")));
        Assert.Contains("\"ioUring\":true", (await AskAsync("/edge/status")).Text);

        // The reload is not over when systemctl returns: systemd has only sent the signal.
        await Host.WriteAsync(Options, OptionsOf(backend, """ "Forwarding": { "NameReplica": false },"""));
        await Host.RunAsync("systemctl", "reload", "edge");
        await Quiet.UntilAsync(async () => (await AskAsync("/home")).Field("X-Edge-Replica") is null, "the options are in force", TimeSpan.FromSeconds(20));
        await Host.WriteAsync(Options, OptionsOf(backend, """ "Loops": "many","""));
        await Host.RunAsync("systemctl", "reload", "edge");
        await Host.BecomesAsync("StatusText", "1 of 1 replicas in rotation; the last reload was refused, see the log");
        Assert.Equal(pid, await Host.PropertyAsync("MainPID"));

        // With those options it would not come back either.
        await Host.WriteAsync(Options, OptionsOf(backend, ""));
        await Host.RunAsync("systemctl", "kill", "--kill-who=main", "--signal=KILL", "edge");
        await Host.BecomesAsync("NRestarts", "1");
        await Host.BecomesAsync("StatusText", "1 of 1 replicas in rotation");
        await Host.RunAsync("systemctl", "stop", "edge");
        Assert.Equal(("inactive", "success"), (await Host.PropertyAsync("ActiveState"), await Host.PropertyAsync("Result")));
        Assert.Equal("0", await Host.PropertyAsync("ExecMainStatus"));
    }

    [Fact]
    public async Task What_needs_another_option_is_said_and_not_tried_again()
    {
        await using var backend = new Backend(Scripts.Echo);
        await InstallAsync(OptionsOf(backend, ""));
        await Host.WriteAsync(Options, OptionsOf(backend, """ "Loops": "many","""));
        Assert.NotEqual(0, (await Host.TryAsync("systemctl", "restart", "edge")).ExitCode);
        await Host.BecomesAsync("ActiveState", "failed");
        Assert.Equal(("64", "0"), (await Host.PropertyAsync("ExecMainStatus"), await Host.PropertyAsync("NRestarts")));
        Assert.Contains("Edge:Loops is \"many\"", await Host.JournalAsync());
    }

    [Fact]
    public async Task In_the_sandbox_it_has_child_processes_a_low_port_names_and_an_access_log()
    {
        await BootAsync();
        var here = new IPEndPoint(IPAddress.Loopback, PrivilegesTests.LowPort());
        await InstallAsync($$$"""
            {"Edge": {
              "Listen": "{{{here}}}", "Fleet": {"Driver": "process", "Replicas": 2},
              "AccessLog": {"Format": "Json", "File": "/var/log/edge/access.log"} } }
            """);
        await Host.BecomesAsync("StatusText", "2 of 2 replicas in rotation");
        Assert.Equal(200, (await AskAsync(here, "/home")).Status);
        await LoggedAsync("/home");

        // Rotated, the log goes on in a file of the same name.
        await Host.RunAsync("logrotate", "--force", "/etc/logrotate.d/edge");
        Assert.Contains("/home", await Host.RunAsync("cat", "/var/log/edge/access.log.1"));
        await Quiet.UntilAsync(
            async () => (await Host.JournalAsync()).Contains("options_reloaded", StringComparison.Ordinal), "it is reloaded", TimeSpan.FromSeconds(20));
        Assert.Equal(200, (await AskAsync(here, "/home?again")).Status);
        await LoggedAsync("/home?again");

        // Its children are not the service manager's to hear, and have not a privilege.
        string pid = await Host.PropertyAsync("MainPID");
        string[] children = (await Host.RunAsync("ps", "--ppid", pid, "-o", "pid=")).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, children.Length);
        foreach (string child in children)
        {
            Assert.DoesNotContain("NOTIFY_SOCKET", await Host.RunAsync("cat", $"/proc/{child}/environ"));
            Assert.Equal("0000000000000000", await Host.RunAsync("sh", "-c", $"awk '/^CapPrm/ {{ print $2 }}' /proc/{child}/status"));
        }

        // All are told to end, and the children wait for the balancer to end them.
        await Host.RunAsync("systemctl", "stop", "edge");
        Assert.Equal(("inactive", "success"), (await Host.PropertyAsync("ActiveState"), await Host.PropertyAsync("Result")));
        Assert.DoesNotContain("replica_respawn", await Host.JournalAsync());

        // A name is looked up by way of the kernel's list of addresses.
        await using var backend = new Backend(Scripts.Echo);
        string named = OptionsOf(backend, "").Replace(backend.Address.ToString(), $"localhost:{backend.Address.Port}", StringComparison.Ordinal);
        await Host.WriteAsync(Options, named);
        await Host.RunAsync("systemctl", "restart", "edge");
        await Host.BecomesAsync("StatusText", "1 of 1 replicas in rotation");
    }

    [Fact]
    public async Task Systemd_finds_the_unit_sound_and_well_confined()
    {
        await using var backend = new Backend(Scripts.Echo);
        await InstallAsync(OptionsOf(backend, ""));
        (int exitCode, string output, string errors) = await Host.TryAsync("systemd-analyze", "verify", "edge.service");
        Assert.Equal((0, ""), (exitCode, output + errors));

        // Of 10, in tenths; what is left is the network, the user's processes, and the port below 1024.
        (exitCode, output, errors) = await Host.TryAsync("systemd-analyze", "security", "--no-pager", "--threshold=25", "edge.service");
        Assert.True(exitCode == 0, output + errors);
        TestContext.Current.TestOutputHelper!.WriteLine(output);
    }

    [Fact]
    public async Task An_upgrade_under_load_puts_the_new_binary_in_the_place_of_the_old_and_no_request_fails()
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new Backend(async wire =>
        {
            while (true)
            {
                if ((await wire.ReadMessageAsync()).StartLine.Contains("/slow", StringComparison.Ordinal))
                {
                    reached.SetResult();
                    await go.Task;
                }

                await wire.SendAsync(Scripts.Ok);
            }
        });
        await InstallAsync(OptionsOf(backend, ""));
        await Host.BecomesAsync("StatusText", "1 of 1 replicas in rotation");
        string[] history = [await Host.PropertyAsync("MainPID")];
        var load = new MixedLoad(_listen, posts: true);
        for (int i = 0; i < 3; i++)
        {
            await load.MoreAsync(500);
            await Host.RunAsync("dpkg", "--install", "--no-triggers", Archive);
            string pid = await Host.PropertyAsync("MainPID");
            Assert.DoesNotContain(pid, history);
            Assert.Equal("/usr/bin/edge", await Host.RunAsync("readlink", $"/proc/{pid}/exe"));
            history = [.. history, pid];
            await load.MoreAsync(500);
            await Host.BecomesAsync("StatusText", "1 of 1 replicas in rotation");
        }

        string[] failures = await load.StopAsync();
        TestContext.Current.TestOutputHelper!.WriteLine(load.ToString());
        Assert.Empty(failures);
        Assert.Equal(("active", "0"), (await Host.PropertyAsync("ActiveState"), await Host.PropertyAsync("NRestarts")));

        // systemd looks after the last one as it did after the first: it starts another where it dies, and waits where it is told to end.
        await Host.RunAsync("systemctl", "kill", "--kill-who=main", "--signal=KILL", "edge");
        await Host.BecomesAsync("NRestarts", "1");
        await Host.BecomesAsync("StatusText", "1 of 1 replicas in rotation");
        await Host.RunAsync("dpkg", "--install", "--no-triggers", Archive);
        Task<Message> slow = AskAsync("/slow");
        await reached.Task;
        Task<string> stop = Host.RunAsync("systemctl", "stop", "edge");
        await Host.BecomesAsync("StatusText", "Finishing the requests in flight");
        go.SetResult();
        Assert.Equal(200, (await slow).Status);
        await stop;
        Assert.Equal(("inactive", "success"), (await Host.PropertyAsync("ActiveState"), await Host.PropertyAsync("Result")));
        Assert.Equal("0", await Host.PropertyAsync("ExecMainStatus"));
    }

    [Fact]
    public async Task An_upgrade_that_does_not_start_leaves_the_old_one_and_says_so()
    {
        await using var backend = new Backend(Scripts.Echo);
        await InstallAsync(OptionsOf(backend, ""));
        string pid = await Host.PropertyAsync("MainPID");
        await Host.WriteAsync(Options, OptionsOf(backend, """ "Loops": "many","""));
        (int exitCode, _, string errors) = await Host.TryAsync("dpkg", "--install", "--no-triggers", Archive);
        Assert.Equal(0, exitCode);
        Assert.Contains("the new version did not take the place of the running one", errors);
        Assert.Equal(pid, await Host.PropertyAsync("MainPID"));
        Assert.Equal("1 of 1 replicas in rotation; the last takeover failed: it ended with 64", await Host.PropertyAsync("StatusText"));
        Assert.Equal(200, (await AskAsync("/home")).Status);

        // Where the administrator wants no service touched, none is.
        await Host.WriteAsync(Options, OptionsOf(backend, ""));
        await Host.RunAsync("sh", "-c", "printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d");
        await Host.RunAsync("dpkg", "--install", "--no-triggers", Archive);
        Assert.Equal(pid, await Host.PropertyAsync("MainPID"));
    }

    [Fact]
    public async Task Removed_it_ends_and_purged_it_leaves_nothing_but_its_user()
    {
        await using var backend = new Backend(Scripts.Echo);
        await InstallAsync(OptionsOf(backend, ""));
        string[] files = [.. (await Host.RunAsync("dpkg", "--listfiles", "edge")).Split('\n').Where(f => f.Contains("edge", StringComparison.Ordinal))];
        Assert.Contains("/usr/bin/edge", files);
        await Host.RunAsync("dpkg", "--remove", "--no-triggers", "edge");
        Assert.Equal("inactive", await Host.PropertyAsync("ActiveState"));
        Assert.Contains($"{_listen}", await Host.RunAsync("cat", Options));
        await Host.RunAsync("dpkg", "--purge", "--no-triggers", "edge");
        string[] left = [.. files.Append("/var/log/edge").Append("/etc/systemd/system/multi-user.target.wants/edge.service")];
        Assert.Equal("", await Host.RunAsync("sh", "-c", $"for f in {string.Join(' ', left)}; do if [ -e $f ] || [ -L $f ]; then echo $f; fi; done"));
        Assert.NotEqual("", await Host.RunAsync("getent", "passwd", "edge"));
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Without the published binary, or where no machine can be booted, the test is skipped, but fails where CI is set.</summary>
    private async Task BootAsync()
    {
        _ = NativeEdge.Binary;
        _machine ??= await Machine.BootAsync();
    }

    /// <summary>Installs the package where the options are already, and so has it started with these.</summary>
    private async Task InstallAsync(string options)
    {
        await BootAsync();
        await Host.RunAsync("mkdir", "--parents", "/etc/edge");
        await Host.WriteAsync(Options, options);
        await Host.CopyAsync(await package.PathAsync(), Archive);
        await Host.RunAsync("dpkg", "--install", "--no-triggers", "--force-confold", Archive);
        Assert.Equal("active", await Host.PropertyAsync("ActiveState"));
    }

    private string OptionsOf(Backend backend, string more) =>
        $$$"""
        {"Edge": { {{{more}}}
          "Listen": "{{{_listen}}}", "Fleet": {"Driver": "static", "Addresses": ["{{{backend.Address}}}"]}, "Timeouts": {"Drain": "00:00:10"} } }
        """;

    /// <summary>Ends when the access log names a path.</summary>
    private Task LoggedAsync(string path) => Quiet.UntilAsync(
        async () => (await Host.RunAsync("cat", "/var/log/edge/access.log")).Contains($"\"{path}\"", StringComparison.Ordinal), $"{path} is logged",
            TimeSpan.FromSeconds(20));

    private Task<Message> AskAsync(string path) => AskAsync(_listen, path);

    private static async Task<Message> AskAsync(IPEndPoint balancer, string path)
    {
        using Wire client = await Wire.ConnectAsync(balancer);
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: {balancer}\r\n\r\n");
        return await client.ReadMessageAsync();
    }
}
