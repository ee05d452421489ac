using System.Diagnostics;

namespace Edge.Tests.Native;

/// <summary>An exception that no code catches ends the process, which logs in one line what it was, and where.</summary>
public sealed class CrashTests
{
    [Fact]
    public async Task A_loop_that_fails_ends_the_process_and_says_why_before()
    {
        NativeEdge edge = await NativeEdge.StartWithReplicasAsync(1, ("Loops", "1"));
        string loop = Path.GetFileName(Directory.GetDirectories($"/proc/{edge.Pid}/task").Single(
            t => File.ReadAllText(Path.Combine(t, "comm")).Trim() == "edge-loop-0"));
        string[] arguments = ["-e", "trace=epoll_wait", "-e", "inject=epoll_wait:error=EBADF", "-o", "/dev/null", "-p", loop];
        using Process strace = Process.Start(new ProcessStartInfo("strace", arguments) { RedirectStandardError = true })!;

        // It says so on its standard error when it has attached; and the loop, which waits in the kernel, has to be woken to wait again.
        Assert.Contains("attached", await strace.StandardError.ReadLineAsync(TestContext.Current.CancellationToken));
        Task drained = strace.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        using (System.Net.Sockets.TcpClient client = new())
        {
            await client.ConnectAsync(edge.Endpoint, TestContext.Current.CancellationToken);
            Assert.Equal(128 + 6, await edge.ExitAsync());
        }

        await drained;
        string line = Assert.Single(edge.Output.Split('\n'), l => l.Contains(" error crashed ", StringComparison.Ordinal));
        Assert.Contains(" thread=edge-loop-0 why=\"System.ComponentModel.Win32Exception ", line, StringComparison.Ordinal);
        Assert.Contains("epoll_wait", line, StringComparison.Ordinal);
        Assert.Contains(" at Edge.Io.EventLoop.", line, StringComparison.Ordinal);
        await edge.DisposeAsync();
    }
}
