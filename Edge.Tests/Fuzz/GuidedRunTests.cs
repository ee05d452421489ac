using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Edge.Tests.Backends;

namespace Edge.Tests.Fuzz;

/// <summary>A short run of scripts/fuzz.sh: that it can be run, counts branches, and finds nothing at once.</summary>
public sealed partial class GuidedRunTests
{
    // What it builds first takes longer than it fuzzes, on a machine that runs other tests.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(8);

    [Fact]
    public async Task A_guided_run_of_some_seconds_a_target_breaks_nothing()
    {
        if (!$"{Environment.GetEnvironmentVariable("PATH")}".Split(':').Any(folder => File.Exists(Path.Combine(folder, "afl-fuzz"))))
        {
            Assert.True(Environment.GetEnvironmentVariable("CI") is null, "CI has to have AFL++; ./test.sh installs it.");
            Assert.Skip("AFL++ is not there; ./test.sh installs it.");
        }

        (int exitCode, string output, string errors) = await RunAsync("--seconds", "10");
        Assert.True(exitCode == 0, output + errors);
        Match[] lines = [.. Line().Matches(output).Cast<Match>()];
        Assert.Equal(FuzzTargets.Names, lines.Select(l => l.Groups["target"].Value));
        foreach (Match line in lines)
        {
            // More than the corpus alone, and branches of the assembly: else nothing was guided by anything.
            Assert.True(int.Parse(line.Groups["executions"].Value, CultureInfo.InvariantCulture) > 500, output);
            Assert.True(int.Parse(line.Groups["edges"].Value, CultureInfo.InvariantCulture) > 300, output);
        }
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, "scripts", "fuzz.sh"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(s_patience);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(bound.Token);
            string errors = await process.StandardError.ReadToEndAsync(bound.Token);
            await process.WaitForExitAsync(bound.Token);
            return (process.ExitCode, await output, errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    [GeneratedRegex(@"^(?<target>\w+): (?<executions>\d+) executions, .* (?<edges>\d+) edges, .* 0 crashes, 0 hangs$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
