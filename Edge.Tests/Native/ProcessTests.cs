using System.Diagnostics;
using System.Globalization;
using Edge.Tests.Backends;

namespace Edge.Tests.Native;

public class ProcessTests
{
    private static readonly Dictionary<string, string> s_noOptions = [];

    [Fact]
    public async Task It_says_where_it_listens_who_its_replicas_are_and_what_to_try()
    {
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(3);
        await Quiet.UntilAsync(() => edge.Output.Contains("in rotation: server_1, server_2, server_3"), edge.Output);
        Assert.Contains($"listens at http://{edge.Endpoint}", edge.Output);
        Assert.Equal(3, edge.Output.Split('\n').Count(l => l.TrimStart().StartsWith("curl ", StringComparison.Ordinal)));
        Message answer = await edge.AskAsync("GET", "/home");
        string id = answer.Field("X-Edge-Replica")!["server_".Length..];
        Assert.Equal($"{{\"message\": \"Hello from Server: {id}\", \"status\": \"successful\"}}", answer.Text);
        Message other = await edge.AskAsync("GET", "/other");
        Assert.Equal(404, other.Status);
        Assert.Equal("{\"message\": \"<Error> '/other' endpoint does not exist in server replicas\", \"status\": \"failure\"}", other.Text);
    }

    [Fact]
    public async Task The_three_lines_to_try_do_what_they_say()
    {
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(3);
        string[] lines = [.. edge.Output.Split('\n').Select(l => l.Trim()).Where(l => l.StartsWith("curl ", StringComparison.Ordinal))];
        Assert.Contains("Hello from Server", await ShellAsync(lines[0]));
        Assert.Contains("{\"N\":3,\"replicas\":[\"server_1\",\"server_2\",\"server_3\"]}", await ShellAsync(lines[1]));
        Assert.Contains("\"server_4\"", await ShellAsync(lines[2]));
    }

    [Fact]
    public async Task The_only_replica_is_killed_under_load_and_no_request_fails()
    {
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(1);
        int before = Assert.Single(edge.Children());
        using var over = new CancellationTokenSource();
        Task<int>[] clients = [.. Enumerable.Range(0, 8).Select(async _ =>
        {
            int answered = 0;
            using Wire client = await edge.ConnectAsync();
            while (!over.IsCancellationRequested)
            {
                await client.SendAsync("GET /home HTTP/1.1\r\nHost: h\r\n\r\n");
                Assert.Equal(200, (await client.ReadMessageAsync()).Status);
                answered++;
            }

            return answered;
        })];
        using (Process kill = Process.Start("kill", ["-KILL", before.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await Quiet.UntilAsync(() => edge.Children() is [var now] && now != before, "it is started again");
        await edge.HealthyAsync(1);
        await over.CancelAsync();
        Assert.All(await Task.WhenAll(clients), answered => Assert.NotEqual(0, answered));
    }

    [Fact]
    public async Task A_full_disk_behind_its_log_is_no_reason_to_fail()
    {
        await using NativeEdge edge = await NativeEdge.StartAsync(
            ["bash", "-c", "exec \"$0\" \"$@\" 2>/dev/full", NativeEdge.Binary], null, [], ("Fleet:Driver", "process"), ("Fleet:Replicas", "1"));
        await edge.HealthyAsync(1);
        Message added = await edge.AskAsync("POST", "/add", """{"n": 1}""");
        Assert.Equal((200, true), (added.Status, added.Text.Contains("server_2", StringComparison.Ordinal)));
        Assert.Equal(0, await edge.EndAsync("TERM"));
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_ends_it_in_order_and_takes_the_replicas_along(string signal)
    {
        NativeEdge edge = await NativeEdge.StartWithReplicasAsync(3);
        int[] children = edge.Children();
        Assert.Equal(3, children.Length);
        Assert.Equal(0, await edge.EndAsync(signal));
        Assert.All(children, pid => Assert.True(IsGone(pid)));
        await edge.DisposeAsync();
    }

    [Fact]
    public async Task A_signal_lets_the_request_in_flight_finish()
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new Backend(async wire =>
        {
            if (!(await wire.ReadMessageAsync()).StartLine.Contains("/heartbeat", StringComparison.Ordinal))
            {
                reached.SetResult();
                await go.Task;
            }

            await wire.SendAsync(Scripts.Ok);
        });
        NativeEdge edge = await NativeEdge.StartAsync(("Fleet:Driver", "static"), ("Fleet:Addresses:0", backend.Address.ToString()));
        using Wire client = await edge.ConnectAsync();
        await client.SendAsync("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
        await reached.Task;
        Task<int> ended = edge.EndAsync("TERM");
        await Quiet.UntilAsync(
            () => Record.Exception(() => edge.ConnectAsync().GetAwaiter().GetResult().Dispose()) is not null, "it takes no more connections");
        go.SetResult();
        Message answer = await client.ReadMessageAsync();
        Assert.Equal((200, "close"), (answer.Status, answer.Field("Connection")));
        Assert.Equal(0, await ended);
        await edge.DisposeAsync();
    }

    [Fact]
    public async Task A_signal_to_it_and_its_replicas_lets_the_request_in_flight_finish()
    {
        NativeEdge edge = await NativeEdge.StartWithReplicasAsync(1);
        int child = Assert.Single(edge.Children());
        using Wire client = await edge.ConnectAsync();
        await client.SendAsync("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhello");
        Assert.StartsWith("HTTP/1.1 200", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal("hello"u8.ToArray(), await client.ReadExactlyAsync(5));

        // As a service manager does it, and Ctrl-C in a terminal.
        foreach (string signal in new[] { "TERM", "INT" })
        {
            using Process kill = Process.Start("kill", [$"-{signal}", $"{child}"]);
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Task<int> ended = edge.EndAsync("TERM");
        await Quiet.UntilAsync(
            () => Record.Exception(() => edge.ConnectAsync().GetAwaiter().GetResult().Dispose()) is not null, "it takes no more connections");
        await client.SendAsync("world");
        Assert.Equal("world"u8.ToArray(), await client.ReadExactlyAsync(5));
        Assert.Equal(0, await ended);
        await Quiet.UntilAsync(() => IsGone(child), "the replica has ended");
        await edge.DisposeAsync();
    }

    [Fact]
    public async Task Killed_it_takes_its_replicas_along()
    {
        NativeEdge edge = await NativeEdge.StartWithReplicasAsync(3);
        int[] children = edge.Children();
        Assert.Equal(3, children.Length);
        await edge.EndAsync("KILL");
        await Quiet.UntilAsync(() => children.All(IsGone), "the replicas end with their parent");
        await edge.DisposeAsync();
    }

    [Fact]
    public async Task A_replica_that_is_killed_under_load_comes_back_and_no_request_is_lost()
    {
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(3);
        using var stop = new CancellationTokenSource();
        Task<int>[] clients = [.. Enumerable.Range(0, 8).Select(_ => GetUntilAsync(edge, stop.Token))];
        for (int round = 0; round < 3; round++)
        {
            int victim = edge.Children()[round];
            using Process kill = Process.Start("kill", ["-KILL", victim.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
            int restarts = round + 1;
            await Quiet.UntilAsync(() => Restarts(edge) == restarts, "the victim is replaced");
            await edge.HealthyAsync(3);
        }

        await stop.CancelAsync();
        int[] answered = await Task.WhenAll(clients);
        TestContext.Current.TestOutputHelper!.WriteLine($"{answered.Sum()} requests while three replicas were killed; none failed");
        Message rep = await edge.AskAsync("GET", "/rep");
        Assert.Equal("{\"message\":{\"N\":3,\"replicas\":[\"server_1\",\"server_2\",\"server_3\"]},\"status\":\"successful\"}", rep.Text);
    }

    [Fact]
    public async Task Mistakes_in_the_options_are_listed_all_at_once_and_nothing_is_opened()
    {
        (int exitCode, string output) = await NativeEdge.RunAsync(
            new Dictionary<string, string> { ["Listen"] = "nowhere", ["Loops"] = "-1", ["Fleet:Driver"] = "magic" },
            "--Edge:Timeouts:Drain=soon", "--Edge:Typo=1");
        Assert.Equal(64, exitCode);
        foreach (string key in new[] { "Edge:Listen", "Edge:Loops", "Edge:Fleet:Driver", "Edge:Timeouts:Drain", "Edge:Typo" })
        {
            Assert.Contains(key, output);
        }

        Assert.DoesNotContain("listens at", output);
    }

    [Fact]
    public async Task A_taken_address_ends_it_with_one_clear_line()
    {
        await using NativeEdge edge = await NativeEdge.StartAsync(("Fleet:Driver", "process"), ("Fleet:Replicas", "0"));
        (int exitCode, string output) = await NativeEdge.RunAsync(
            new Dictionary<string, string> { ["Listen"] = edge.Endpoint.ToString(), ["Fleet:Driver"] = "process" });
        Assert.Equal(69, exitCode);
        string line = Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"cannot listen at {edge.Endpoint}", line);
        Assert.Contains("edge --takeover takes its place", line);
    }

    [Fact]
    public async Task The_verbs_speak_to_a_running_balancer()
    {
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(1);
        string url = $"--url=http://{edge.Endpoint}";
        Assert.Equal((0, "server_1"), await VerbAsync("rep", url));
        Assert.Equal(0, (await VerbAsync("healthcheck", url)).ExitCode);
        (int exitCode, string output) = await VerbAsync("add", "-n", "2", "extra", "--weight", "3", url);
        Assert.True(exitCode == 0 && output.Contains("extra", StringComparison.Ordinal) && output.Contains("server_2", StringComparison.Ordinal), output);
        (exitCode, output) = await VerbAsync("status", url);
        Assert.True(exitCode == 0 && output.Contains("extra", StringComparison.Ordinal), output);
        (exitCode, output) = await VerbAsync("rm", "-n", "1", "nobody", url);
        Assert.True(exitCode == 1 && output.Contains("nobody", StringComparison.Ordinal), output);
        (exitCode, output) = await VerbAsync("rm", "extra", url);
        Assert.True(exitCode == 0 && output.Contains("removed extra (its last requests: 0 finished, ", StringComparison.Ordinal), output);
        Assert.Equal((0, "read again; nothing has changed"), await VerbAsync("reload", url));
        (exitCode, output) = await VerbAsync("check", "--listen", "127.0.0.1:0", "--Edge:Timeouts:Drain", "90s");
        Assert.True(exitCode == 0 && output.Contains("1m30s", StringComparison.Ordinal), output);
        Assert.EndsWith("no mistake found", output, StringComparison.Ordinal);
        Assert.Equal((64, "edge: there is no verb \"stauts\"; status is one"), await VerbAsync("stauts"));
        Assert.Equal(69, (await VerbAsync("rep", "--url=http://127.0.0.1:1")).ExitCode);
        Assert.Equal(64, (await VerbAsync("add", "--nonsense")).ExitCode);
        Assert.StartsWith("edge ", (await VerbAsync("--version")).Output);
        Assert.Contains("edge add", (await VerbAsync("--help")).Output);
    }

    [Fact]
    public async Task A_token_is_asked_for_where_one_is_configured()
    {
        await using NativeEdge edge = await NativeEdge.StartAsync(("Fleet:Driver", "process"), ("Fleet:Replicas", "1"), ("Control:Token", "s3cret"));
        await Quiet.UntilAsync(() => edge.Children().Length == 1, "the replica runs");
        Message refused = await edge.AskAsync("GET", "/rep");
        Assert.Equal((401, "Bearer"), (refused.Status, refused.Field("WWW-Authenticate")));
        Assert.Equal(200, (await edge.AskAsync("GET", "/heartbeat")).Status);
        Assert.Equal(0, (await VerbAsync("rep", $"--url=http://{edge.Endpoint}", "--token=s3cret")).ExitCode);
        Assert.DoesNotContain("s3cret", edge.Output);
        Assert.All(edge.Children(), child => Assert.DoesNotContain("s3cret", File.ReadAllText($"/proc/{child}/environ"), StringComparison.Ordinal));
    }

    private static async Task<int> GetUntilAsync(NativeEdge edge, CancellationToken stop)
    {
        using Wire client = await Wire.ConnectAsync(edge.Endpoint, TimeSpan.FromMinutes(2));
        int answered = 0;
        while (!stop.IsCancellationRequested)
        {
            await client.SendAsync("GET /home HTTP/1.1\r\nHost: h\r\n\r\n");
            Message answer = await client.ReadMessageAsync();
            Assert.True(answer.Status == 200, answer.Head + answer.Text);
            answered++;
        }

        return answered;
    }

    private static Task<(int ExitCode, string Output)> VerbAsync(params string[] arguments) => NativeEdge.RunAsync(s_noOptions, arguments);

    private static async Task<string> ShellAsync(string line)
    {
        using Process shell = Process.Start(new ProcessStartInfo("sh", ["-c", line]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
        return output;
    }

    private static int Restarts(NativeEdge edge) =>
        edge.StatusAsync().GetAwaiter().GetResult().GetProperty("replicas").EnumerateArray().Sum(r => r.GetProperty("restarts").GetInt32());

    // A process that has ended, but whose new parent has not asked for it yet, is gone as well.
    private static bool IsGone(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] == 'Z';
        }
        catch (IOException)
        {
            return true;
        }
    }
}
