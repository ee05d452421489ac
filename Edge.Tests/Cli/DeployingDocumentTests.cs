using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
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
        string address = FreeAddress();
        string folder = Directory.CreateTempSubdirectory("edge-test-deploying-").FullName;
        File.CreateSymbolicLink(Path.Combine(folder, "edge"), NativeEdge.Binary);
        using Process serving = Start(folder, "exec " + At(blocks.Single(b => b.Is("serves"))));
        string first = await serving.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) ?? "";
        Assert.Contains(address, first, StringComparison.Ordinal);
        using Process loading = Start(folder, $"curl --silent --fail --retry 20 --retry-connrefused http://{address}/home --output /dev/null\n"
            + At(blocks.Single(b => b.Is("loads"))));
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

                using Process command = Start(folder, At(block));
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

        string At(PageBlock block) => block.Text.Replace("127.0.0.1:5000", address, StringComparison.Ordinal);
    }

    // Another test may have the page's own port.
    private static string FreeAddress()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket.LocalEndPoint!.ToString()!;
    }

    private static Process Start(string folder, string script)
    {
        var start = new ProcessStartInfo("bash", ["-c", script]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{folder}:{start.Environment["PATH"]}";
        var process = Process.Start(start)!;
        process.BeginErrorReadLine();
        return process;
    }
}
