using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Edge.Tests.Backends;
using Edge.Tests.Native;

namespace Edge.Tests.LoadTests;

/// <summary>
/// The k6 scripts: their types, and their logic on the stand-in of loadtests/check, against a native binary. What k6 itself
/// adds, load, is not in it.
/// </summary>
public sealed class ScriptTests : IDisposable
{
    private static readonly string s_folder = Path.Combine(Repository.Root, "loadtests");
    private readonly string _results = Directory.CreateTempSubdirectory("edge-k6-").FullName;

    public void Dispose() => Directory.Delete(_results, recursive: true);

    [Fact]
    public async Task Every_script_has_the_types_that_k6_documents()
    {
        (int installed, string said) = await RunAsync("npm", "ci", "--no-audit", "--no-fund");
        Assert.True(installed == 0, said);
        (int code, string output) = await RunAsync("node", "node_modules/typescript/bin/tsc", "--project", "tsconfig.json");
        Assert.True(code == 0, output);
    }

    [Theory]
    [InlineData("distribution", "REQUESTS=600")]
    [InlineData("distribution", "REQUESTS=700", "WEIGHTS=5,1,1")]
    [InlineData("scale", "REQUESTS=600", "SPREAD=5")]
    [InlineData("failover")]
    [InlineData("churn", "PAUSE=0")]
    [InlineData("throughput")]
    [InlineData("throughput", "MAX_VUS=50")]
    [InlineData("spike")]
    [InlineData("sleep", "ROUNDS=2", "REQUESTS=20")]
    [InlineData("autoscale", "MAXIMUM=3")]
    [InlineData("soak", "DURATION=1s")]
    [InlineData("bodies", "EACH=2")]
    [InlineData("bodies", "EACH=1", "SIZES=1000")]
    [InlineData("websocket", "SESSIONS=10", "MESSAGES=20", "BYTES=300")]
    public async Task A_script_passes_against_the_embedded_fleet(string script, params string[] settings)
    {
        // What the default pick makes of a batch depends on how fast each replica is just then; in turn it is exact.
        await using NativeEdge edge = script == "scale" ? await StartAsync(("Fleet:Pick", "RoundRobin")) : await StartAsync();
        await PassAsync(script, edge.Endpoint, settings);
    }

    [Theory]
    [InlineData("BAD=replica:failing")]
    [InlineData("BAD=replica:crashing", "CANARY=50")]
    public async Task Deploys_under_load_pass_against_the_embedded_fleet(params string[] settings)
    {
        await using NativeEdge edge = await StartAsync(("Deploy:Judge", "00:00:20"), ("Deploy:Bake", "00:00:01"));
        await PassAsync("deploy", edge.Endpoint, settings);
    }

    [Theory]
    [InlineData("")]
    [InlineData("secret")]
    public async Task The_whole_contract_holds(string token)
    {
        // The one that waits until all are healthy asks without a token; /add and /rm answer when theirs are.
        await using NativeEdge edge = await NativeEdge.StartAsync(("Fleet:Driver", "process"), ("Fleet:Replicas", "0"), ("Control:Token", token));
        using (Wire client = await edge.ConnectAsync())
        {
            await client.SendAsync($"POST /add HTTP/1.1\r\nHost: {edge.Endpoint}\r\nAuthorization: Bearer {token}\r\nContent-Length: 8\r\n\r\n{{\"n\": 3}}");
            Assert.Equal(200, (await client.ReadMessageAsync()).Status);
        }

        await PassAsync("smoke", edge.Endpoint, $"TOKEN={token}");
    }

    [Fact]
    public async Task The_document_has_what_the_simulation_prints()
    {
        (int code, string output) = await RunAsync("node", "scaling/simulate.js");
        Assert.True(code == 0, output);
        string[] rows = [.. output.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(line[2]))];
        Assert.Equal(12, rows.Length);
        string document = Repository.Read("docs/scaling.md");
        Assert.All(rows, row => Assert.Contains(row, document));
    }

    [Theory]
    [InlineData(99, "failover", "KILLS=1")]
    [InlineData(99, "scale", "REQUESTS=301", "SPREAD=0", "TO=2")]
    [InlineData(99, "bodies", "ECHO=/home")]
    [InlineData(107, "smoke", "TOKEN=wrong")]
    [InlineData(99, "deploy", "BAD=replica:good")]
    public async Task A_script_fails_where_what_it_claims_does_not_hold(int expected, string script, params string[] settings)
    {
        await using NativeEdge edge = await NativeEdge.StartAsync(
            ("Fleet:Driver", "process"), ("Control:Token", script == "smoke" ? "right" : ""), ("Deploy:Judge", "00:00:02"), ("Deploy:Bake", "00:00:01"));
        if (script != "smoke")
        {
            await edge.HealthyAsync(3);
        }

        (int code, string output) = await CheckAsync(script, edge.Endpoint, settings);
        Assert.True(code == expected, $"{code}\n{output}");
    }

    [Fact]
    public async Task One_replica_after_the_other_is_killed()
    {
        await using NativeEdge edge = await StartAsync();

        // In the place of k6: so many requests that the load is taken to be there, and then until the kills are over.
        string load = Path.Combine(_results, "load");
        await File.WriteAllTextAsync(load, "#!/bin/bash\nfor i in {1..150}; do curl -fsS \"$BASE_URL/home\" >/dev/null || exit 1; done\nsleep 8\n",
            TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(load, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        (int code, string output) = await RunAsync("env", $"BASE_URL=http://{edge.Endpoint}", $"K6={load}", "DURATION=15", "EVERY=1", "bash", "failover.sh");
        Assert.True(code == 0, output);
        Assert.Equal(
            ["(replica 1)", "(replica 2)", "(replica 3)", "(replica 1)", "(replica 2)"], Regex.Matches(output, @"\(replica \d\)").Select(m => m.Value));
    }

    [Fact]
    public async Task One_that_fails_at_once_costs_less_with_the_default_pick()
    {
        (int code, string output) = await RunAsync("env", $"EDGE={NativeEdge.Binary}", "N=2", "FAULTS=failing", "SECONDS_EACH=2", "bash", "picking/run.sh");
        Assert.True(code == 0, output);
        double Failed(string pick) => double.Parse(
            output.Split('\n').Single(line => line.StartsWith($"| failing | 2 | {pick} |", StringComparison.Ordinal)).Split('|')[6],
                CultureInfo.InvariantCulture);
        Assert.Equal(50, Failed("RoundRobin"));
        Assert.InRange(Failed("LessLoaded"), 0.1, 25);
    }

    [Fact]
    public async Task One_service_is_measured_with_and_without_three_that_are_unwell()
    {
        (int code, string output) = await RunAsync("env", $"EDGE={NativeEdge.Binary}", "ROUNDS=1", "SECONDS_EACH=2", "bash", "isolation/run.sh");
        Assert.True(code == 0, output);
        string[] rows = [.. output.Split('\n').Where(line => Regex.IsMatch(line, @"^\| (idle|dead, flooded, hanging) \| [0-9.]+ \| [0-9.]+ \| .* \| 0 \|$"))];
        Assert.True(rows.Length == 2, output);
    }

    private static Task<NativeEdge> StartAsync(params (string Key, string Value)[] options) =>
        NativeEdge.StartWithReplicasAsync(3, [("Fleet:SlowStart", "00:00:00"), .. options]);

    private async Task PassAsync(string script, IPEndPoint balancer, params string[] settings)
    {
        (int code, string output) = await CheckAsync(script, balancer, settings);
        Assert.True(code == 0, output);
        Assert.DoesNotContain("BROKEN", output);
        // What holds in any case says nothing.
        Assert.DoesNotContain(">=0\n", output);
        Assert.StartsWith(File.ReadAllText(Path.Combine(_results, $"k6-{script}.txt")), output);
        using JsonDocument summary = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_results, $"k6-{script}.json")));
        Assert.Equal(script, summary.RootElement.GetProperty("script").GetString());
        (int reported, string page) = await RunAsync("node", "report/report.js", Path.Combine(_results, $"k6-{script}.json"));
        Assert.True(reported == 0, page);
        Assert.StartsWith("<!doctype html>", page);
        Assert.Contains($"<td>{script}</td><td>all ", page);
        Assert.DoesNotContain("NaN", page);
        Assert.Equal(script == "websocket", !page.Contains("<svg"));
    }

    private Task<(int Code, string Output)> CheckAsync(string script, IPEndPoint balancer, string[] settings) =>
        RunAsync("node", ["check/run.js", $"{script}.js", $"BASE_URL=http://{balancer}", $"RESULTS={_results}", "SETTLE=0", .. settings]);

    private static async Task<(int Code, string Output)> RunAsync(string command, params string[] arguments)
    {
        // Also says, before anything is run, where there is no published binary.
        _ = NativeEdge.Binary;
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, command))))
        {
            Assert.True(Environment.GetEnvironmentVariable("CI") is null, $"CI has to have {command}.");
            Assert.Skip($"{command} is missing; ./test.sh installs it.");
        }

        using Process process = Process.Start(new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = s_folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{command} {string.Join(' ', arguments)} did not end:\n{await output}\n{await errors}");
        }

        return (process.ExitCode, await output + await errors);
    }
}
