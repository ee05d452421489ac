using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Edge.Tests.Backends;

namespace Edge.Tests.Native;

/// <summary>
/// What a request costs in instructions outside the kernel, from the first byte read to the last one sent. Counted by
/// callgrind, so that no other load on the machine and no clock has a say: two runs that differ in the number of requests
/// only, and the difference of their counts. That nothing is allocated is held by <see cref="SteadyStateTests"/>.
/// </summary>
public sealed class InstructionTests : IDisposable
{
    /// <summary>A tenth above the count when it was set. If you raise it, say in docs/scaling.md for what.</summary>
    private const int InstructionsAtMost = 12_600;

    // More than the replicas, so that no connection is made in what is counted.
    private const int Fewer = 2_000;
    private const int More = 8_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("edge-callgrind-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(3, 1)]
    [InlineData(16, 1)]
    [InlineData(256, 1)]
    [InlineData(3, 500)]
    public async Task A_request_costs_no_more_instructions_than_it_did(int replicas, int connections)
    {
        // Valgrind looks for debug information beside the binary, and can't read what it would find.
        string binary = Path.Combine(_folder, "edge");
        File.Copy(NativeEdge.Binary, binary);
        Assert.True(OnPath("valgrind") || Environment.GetEnvironmentVariable("CI") is null, "CI has to have valgrind.");
        Assert.SkipUnless(OnPath("valgrind"), "valgrind is missing; ./test.sh installs it.");
        using Process replica = Process.Start(new ProcessStartInfo(binary, ["replica", "--listen", "*:0", "--id", "1"]) { RedirectStandardOutput = true })!;
        try
        {
            string listening = await replica.StandardOutput.ReadLineAsync() ?? "";
            int port = IPEndPoint.Parse(listening["listening ".Length..]).Port;
            double each = double.MaxValue;

            // With many connections, a turn has fewer requests where other programs take the processor, and each request has more of the turns:
            // the least of three counts is what requests cost.
            for (int i = 0; i < (connections == 1 ? 1 : 3); i++)
            {
                long[] counts = await Task.WhenAll(
                    CountAsync(binary, replicas, connections, port, Fewer), CountAsync(binary, replicas, connections, port, More));
                each = Math.Min(each, (double)(counts[1] - counts[0]) / (More - Fewer));
            }

            TestContext.Current.TestOutputHelper!.WriteLine($"{replicas} replicas, {connections} connections: {each:0} instructions a request");

            // The lower bound tells a count that went wrong from a gain; for a gain, set the ceiling anew.
            Assert.InRange(each, InstructionsAtMost * 0.6, InstructionsAtMost);
        }
        finally
        {
            replica.Kill();
            await replica.WaitForExitAsync();
        }
    }

    // One loop. With one connection, each request has turns of the loop to itself; with many, a turn has many.
    private async Task<long> CountAsync(string binary, int replicas, int connections, int port, int requests)
    {
        string counts = Path.Combine(_folder, $"counts-{requests}");
        var start = new ProcessStartInfo("valgrind", ["--quiet", "--tool=callgrind", "--separate-threads=yes", $"--callgrind-out-file={counts}", binary])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };
        start.Environment["EDGE__LISTEN"] = "127.0.0.1:0";
        start.Environment["EDGE__LOOPS"] = "1";
        start.Environment["EDGE__FLEET__DRIVER"] = "static";
        start.Environment["EDGE__HEALTH__INTERVAL"] = "12:00:00";
        start.Environment["EDGE__TIMEOUTS__POOLIDLE"] = "00:02:00";
        for (int i = 0; i < replicas; i++)
        {
            start.Environment[$"EDGE__FLEET__ADDRESSES__{i}"] = $"127.0.{1 + (i / 250)}.{1 + (i % 250)}:{port}";
        }

        using Process valgrind = Process.Start(start)!;
        try
        {
            Task<string> errors = valgrind.StandardError.ReadToEndAsync();
            IPEndPoint endpoint = await ListeningAsync(valgrind);
            Task drained = valgrind.StandardOutput.ReadToEndAsync();
            int loop = LoopOf(valgrind.Id);
            counts += $"-{loop:00}";
            var clients = new Wire[connections];
            for (int i = 0; i < connections; i++)
            {
                clients[i] = await Wire.ConnectAsync(endpoint);
            }

            for (int sent = 0; sent < requests; sent += connections)
            {
                foreach (Wire client in clients)
                {
                    await client.SendAsync("GET /home HTTP/1.1\r\nHost: h\r\nUser-Agent: a client\r\nAccept: */*\r\n\r\n");
                }

                foreach (Wire client in clients)
                {
                    Assert.Equal(200, (await client.ReadMessageAsync()).Status);
                }
            }

            foreach (Wire client in clients)
            {
                client.Dispose();
            }

            using Process kill = Process.Start("kill", ["-TERM", valgrind.Id.ToString(CultureInfo.InvariantCulture)]);
            await valgrind.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
            await drained;
            Assert.True(valgrind.ExitCode == 0, await errors);
        }
        finally
        {
            if (!valgrind.HasExited)
            {
                valgrind.Kill();
            }
        }

        string total = File.ReadLines(counts).First(line => line.StartsWith("totals: ", StringComparison.Ordinal));
        return long.Parse(total["totals: ".Length..], CultureInfo.InvariantCulture);
    }

    // Valgrind numbers threads in the order in which they are made, as the kernel does. What the others do, which is not
    // the same each time, is not counted.
    private static int LoopOf(int pid)
    {
        string[] threads = [.. Directory.GetDirectories($"/proc/{pid}/task").OrderBy(t => int.Parse(Path.GetFileName(t), CultureInfo.InvariantCulture))];
        return 1 + Array.FindIndex(threads, thread => File.ReadAllText(Path.Combine(thread, "comm")).Trim() == "edge-loop-0");
    }

    private static async Task<IPEndPoint> ListeningAsync(Process edge)
    {
        var said = new StringBuilder();
        IPEndPoint? endpoint = null;
        while (await edge.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)) is { } line)
        {
            said.AppendLine(line);
            if (line.Contains("listens at http://", StringComparison.Ordinal))
            {
                endpoint = IPEndPoint.Parse(line[(line.IndexOf("http://", StringComparison.Ordinal) + "http://".Length)..]);
            }

            if (endpoint is not null && line.StartsWith("in rotation", StringComparison.Ordinal))
            {
                return endpoint;
            }
        }

        throw new InvalidOperationException($"It did not come up:\n{said}");
    }

    private static bool OnPath(string command) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, command)));
}
