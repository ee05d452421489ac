using Edge.Tests.Backends;
using Edge.Tests.Docker;
using Edge.Tests.Native;

namespace Edge.Tests.Cli;

/// <summary>The program as a process of its own, under the dotnet host: what only shows from outside.</summary>
public sealed class ProgramTests : IDisposable
{
    private static readonly string s_host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
    private static readonly string s_program = Path.Combine(AppContext.BaseDirectory, "edge.dll");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-program-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("stauts", 64, "edge: there is no verb \"stauts\"; status is one")]
    [InlineData("help stauts", 64, "edge: there is no verb \"stauts\"; status is one")]
    [InlineData("--lisen :80", 64, "edge: --lisen: there is no such argument; --listen is one")]
    [InlineData("check --replicas many", 64, "edge: Edge:Fleet:Replicas is \"many\": allowed is 0 to 512 (from --replicas)")]
    [InlineData("rep --wieght 3", 64, "edge: --wieght is not understood by edge rep; see edge rep --help")]
    [InlineData("status --url nowhere", 64, "edge: \"nowhere\" is no URL like http://127.0.0.1:5000")]
    [InlineData("replica --nonsense", 64, "edge: --nonsense is not understood by edge replica; see edge replica --help")]
    public async Task What_is_not_understood_is_told_in_a_line_and_ends_it_with_64(string arguments, int code, string told)
    {
        (int exitCode, _, string errors) = await RunAsync(null, arguments.Split(' '));
        Assert.Equal((code, told), (exitCode, errors.TrimEnd()));
    }

    [Theory]
    [InlineData("--help", "  edge --listen :80 --image my-app:1.2")]
    [InlineData("help options", "  Edge:Timeouts:Drain ")]
    [InlineData("rm --help", "edge rm [-n N] [NAME …]: ")]
    [InlineData("check --listen 127.0.0.1:0", "no mistake found")]
    public async Task What_is_asked_for_is_printed_and_ends_it_with_0(string arguments, string part)
    {
        (int exitCode, string output, string errors) = await RunAsync(null, arguments.Split(' '));
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains(part, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_running_balancer_reads_its_named_file_again_and_says_what_came_of_it()
    {
        await using var backend = new Backend(Scripts.Echo);
        string file = Write("""{"Edge": {"Control": {"Token": "first"}}}""");
        await using NativeEdge edge = await NativeEdge.StartAsync(
            [s_host, s_program], _folder.FullName, ["--address", backend.Address.ToString(), "--config", file, "--listen", "127.0.0.1:0"]);
        string url = $"--url=http://{edge.Endpoint}";
        Write("""{"Edge": {"Control": {"Token": "first"}, "Health": {"Fall": 5}, "Timeouts": {"Drain": "5s"}}}""");
        Assert.Equal((0, "read again; changed: Edge:Timeouts:Drain, Edge:Health:Fall\n", ""), await RunAsync(null, "reload", url, "--config", file));
        Write("""{"Edge": {"Control": {"Token": "first"}, "Health": {"Fall": 5}, "Timeouts": {"Drain": "00:00:05"}}}""");
        Assert.Equal((0, "read again; nothing has changed\n", ""), await RunAsync("first", "reload", url));
        Write("""{"Edge": {"Health": {"Fall": "often"}, "Drain": "5s"}}""");
        (int exitCode, string output, string errors) = await RunAsync("first", "reload", url);
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("the options are as before: ", errors, StringComparison.Ordinal);
        Assert.Contains($"Edge:Health:Fall is \"often\": allowed is 1 to 100 (from {file})", errors, StringComparison.Ordinal);
        Assert.Contains("Edge:Drain is \"5s\": there is no such key; Edge:Timeouts:Drain is one", errors, StringComparison.Ordinal);

        // With another token in the file already, the one that is found there is not yet the balancer's.
        Write("""{"Edge": {"Control": {"Token": "second"}}}""");
        (exitCode, _, errors) = await RunAsync(null, "reload", url, "--config", file);
        Assert.Equal(1, exitCode);
        Assert.Contains("the token is wrong", errors, StringComparison.Ordinal);
        Assert.Contains($"the token that was sent is from {file}; where that is new, set EDGE_TOKEN", errors, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("first", "reload", url)).ExitCode);
        Assert.Equal(0, (await RunAsync(null, "rep", url, "--config", file)).ExitCode);
        Assert.Contains("call_reload peer=127.0.0.1 by=token result=refused", edge.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("second", edge.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_removal_without_a_name_says_which_replica_went()
    {
        await using NativeEdge edge = await NativeEdge.StartAsync([s_host, s_program], _folder.FullName, ["--replicas", "2"], ("Fleet:Driver", "process"));
        await edge.HealthyAsync(2);
        (int exitCode, string output, string errors) = await RunAsync(null, "rm", $"--url=http://{edge.Endpoint}");
        string[] both = ["server_1", "server_2"];
        string left = output.TrimEnd();
        Assert.Equal(0, exitCode);
        Assert.Contains(left, both);
        Assert.StartsWith($"removed {Assert.Single(both.Except([left]))} (its last requests: ", errors, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output, string Errors)> RunAsync(string? token, params string[] arguments) =>
        Command.TryAsync(s_host, [s_program, .. arguments], token is null ? null : new Dictionary<string, string> { ["EDGE_TOKEN"] = token });

    private string Write(string json)
    {
        string file = Path.Combine(_folder.FullName, "edge.json");
        File.WriteAllText(file, json);
        return file;
    }
}
