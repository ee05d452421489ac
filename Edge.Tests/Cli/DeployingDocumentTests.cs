using System.Diagnostics;
using Edge.Tests.Backends;
using Edge.Tests.Docker;
using Edge.Tests.Native;

namespace Edge.Tests.Cli;

/// <summary>Does what docs/deploying.md says, as its reader would, with the binary as "edge" on the PATH. No engine is needed.</summary>
public sealed class DeployingDocumentTests
{
    private const string Page = "docs/deploying.md";

    [Fact]
    public async Task The_five_minutes_of_the_page_go_as_it_says_and_no_request_fails()
    {
        PageBlock[] blocks = PageBlock.ReadAll(Page);
        Assert.Equal(8, blocks.Length);
        string folder = Directory.CreateTempSubdirectory("edge-test-deploying-").FullName;
        File.CreateSymbolicLink(Path.Combine(folder, "edge"), NativeEdge.Binary);
        using Process serving = Start(folder, blocks.Single(b => b.Is("serves")).Text);
        using Process loading = Start(folder, "until curl --silent --fail http://127.0.0.1:5000/home --output /dev/null; do sleep 0.1; done\n"
            + blocks.Single(b => b.Is("loads")).Text);
        try
        {
            string printed = "";
            foreach (PageBlock block in blocks.Where(b => !b.Is("serves") && !b.Is("loads")))
            {
                if (block.Is("prints"))
                {
                    Assert.True(block.Matches(printed), $"{block}:\n{block.Text}\nbut it printed\n{printed}");
                    continue;
                }

                using Process command = Start(folder, block.Text);
                printed = await command.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
                await command.WaitForExitAsync(TestContext.Current.CancellationToken);
                Assert.True(command.ExitCode == (block.Is("fails") ? 1 : 0), $"{block} ended with {command.ExitCode}:\n{printed}");
            }

            Assert.False(loading.HasExited, "a request has failed");
        }
        finally
        {
            loading.Kill(entireProcessTree: true);
            serving.Kill(entireProcessTree: true);
            await Task.WhenAll(loading.WaitForExitAsync(), serving.WaitForExitAsync());
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Process Start(string folder, string script)
    {
        var start = new ProcessStartInfo("bash", ["-c", script]) { WorkingDirectory = folder, RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{folder}:{start.Environment["PATH"]}";
        return Process.Start(start)!;
    }
}
