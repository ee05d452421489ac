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
    /// <summary>A little above the counts when it was set, which repeat within 20. If you raise it, say in docs/scaling.md for what.</summary>
    private const int InstructionsAtMost = 12_700;

    /// <summary>What a route to a service may cost beyond a request without any, however many routes there are.</summary>
    private const int RouteAtMost = 330;

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
        double each = Assert.Single(await EachAsync(replicas, connections, Setup.None));

        // The lower bound tells a count that went wrong from a gain; for a gain, set the ceiling anew.
        Assert.InRange(each, InstructionsAtMost * 0.6, InstructionsAtMost);
    }

    [Theory]
    [InlineData(1, 1)]
    public async Task A_request_that_a_route_leads_to_its_service_costs_little_more_than_one_without_routes(int hosts, int paths)
    {
        double[] each = await EachAsync(replicas: 3, connections: 1, Setup.None with { Host = Setup.HostOf(hosts - 1) }, new Setup(hosts, paths));
        TestContext.Current.TestOutputHelper!.WriteLine($"{hosts * paths} routes: {each[1] - each[0]:0} instructions more");
        Assert.InRange(each[1], each[0], each[0] + RouteAtMost);
    }

    /// <summary>The instructions of a request, for one setup after the other.</summary>
    private async Task<double[]> EachAsync(int replicas, int connections, params Setup[] setups)
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
            var all = new List<double>();
            foreach (Setup setup in setups)
            {
                double each = double.MaxValue;

                // With many connections, a turn has fewer requests where other programs take the processor, and each request has more of the
                // turns: the least of three counts is what requests cost.
                for (int i = 0; i < (connections == 1 ? 1 : 3); i++)
                {
                    long[] counts = await Task.WhenAll(
                        CountAsync(binary, replicas, connections, port, setup, Fewer), CountAsync(binary, replicas, connections, port, setup, More));
                    each = Math.Min(each, (double)(counts[1] - counts[0]) / (More - Fewer));
                }

                TestContext.Current.TestOutputHelper!.WriteLine($"{replicas} replicas, {connections} connections, {setup}: {each:0} instructions a request");
                all.Add(each);
            }

            return [.. all];
        }
        finally
        {
            replica.Kill();
            await replica.WaitForExitAsync();
        }
    }

    // One loop. With one connection, each request has turns of the loop to itself; with many, a turn has many.
    private async Task<long> CountAsync(string binary, int replicas, int connections, int port, Setup setup, int requests)
    {
        // A name of its own, so that no count is taken for that of another setup.
        string counts = Path.Combine(_folder, $"counts-{setup.Hosts}-{setup.Paths}-{requests}");
        var start = new ProcessStartInfo("valgrind", ["--quiet", "--tool=callgrind", "--separate-threads=yes", $"--callgrind-out-file={counts}", binary])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };
        start.Environment["EDGE__LISTEN"] = "127.0.0.1:0";
        start.Environment["EDGE__LOOPS"] = "1";
        start.Environment[$"{setup.Section}FLEET__DRIVER"] = "static";
        start.Environment[$"{setup.Section}HEALTH__INTERVAL"] = "12:00:00";
        start.Environment["EDGE__TIMEOUTS__POOLIDLE"] = "00:02:00";
        for (int i = 0; i < replicas; i++)
        {
            start.Environment[$"{setup.Section}FLEET__ADDRESSES__{i}"] = $"127.0.{1 + (i / 250)}.{1 + (i % 250)}:{port}";
        }

        setup.AddRoutes(start.Environment, port);

        using Process valgrind = Process.Start(start)!;
        try
        {
            var healthy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Task<string> errors = ReadLogAsync(valgrind, setup.ReplicasWith(replicas), healthy);
            IPEndPoint endpoint = await ListeningAsync(valgrind);
            await healthy.Task.WaitAsync(TimeSpan.FromMinutes(5));
            Task drained = valgrind.StandardOutput.ReadToEndAsync();
            int loop = LoopOf(valgrind.Id);
            counts += $"-{loop:00}";
            var clients = new Wire[connections];
            for (int i = 0; i < connections; i++)
            {
                clients[i] = await Wire.ConnectAsync(endpoint);
            }

            // Each replica has come in a table of its own, and a loop that is behind takes them up for a while. With all of them there are connections to all.
            await AskAsync(clients, setup, Math.Max(connections, 4 * replicas));
            await ZeroAsync(valgrind.Id);
            await AskAsync(clients, setup, requests);
            Array.ForEach(clients, client => client.Dispose());
            using Process kill = Process.Start("kill", ["-TERM", valgrind.Id.ToString(CultureInfo.InvariantCulture)]);
            await valgrind.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
            await drained;
            Assert.True(valgrind.ExitCode == 0, await errors);
            Assert.Equal(setup.Hosts * setup.Paths, (await errors).Split(" service_added ").Length - 1);
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

    private static async Task AskAsync(Wire[] clients, Setup setup, int requests)
    {
        for (int sent = 0; sent < requests; sent += clients.Length)
        {
            foreach (Wire client in clients)
            {
                await client.SendAsync($"GET /home HTTP/1.1\r\nHost: {setup.Host}\r\nUser-Agent: a client\r\nAccept: */*\r\n\r\n");
            }

            foreach (Wire client in clients)
            {
                Assert.Equal(200, (await client.ReadMessageAsync()).Status);
            }
        }
    }

    // The loop takes up each service that comes, as often as it happens to look: with hundreds of them that is more than the requests are.
    private static async Task ZeroAsync(int pid)
    {
        var start = new ProcessStartInfo("callgrind_control", ["--zero", pid.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true };
        using Process zero = Process.Start(start)!;
        string output = await zero.StandardOutput.ReadToEndAsync();
        await zero.WaitForExitAsync();
        Assert.True(zero.ExitCode == 0, output);
    }

    // To its end; tells when so many replicas have become healthy.
    private static async Task<string> ReadLogAsync(Process edge, int replicas, TaskCompletionSource healthy)
    {
        var log = new StringBuilder();
        for (int seen = 0; await edge.StandardError.ReadLineAsync() is { } line;)
        {
            log.AppendLine(line);
            seen += line.Contains(" state=healthy", StringComparison.Ordinal) ? 1 : 0;
            if (seen == replicas)
            {
                healthy.TrySetResult();
            }
        }

        return log.ToString();
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
        while (await edge.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(5)) is { } line)
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

    /// <summary>Which routes there are: each of the hosts with each of the paths, each to a service of its own. Requests take the last of them.</summary>
    private sealed record Setup(int Hosts, int Paths)
    {
        internal static readonly Setup None = new(0, 0);

        /// <summary>Of the requests.</summary>
        internal string Host { get; init; } = Hosts == 0 ? "h" : HostOf(Hosts - 1);

        /// <summary>How many replicas there are, if the one that requests are for has so many.</summary>
        internal int ReplicasWith(int replicas) => replicas + Math.Max(0, (Hosts * Paths) - 1);

        /// <summary>The keys of the service that requests are for.</summary>
        internal string Section => Hosts == 0 ? "EDGE__" : SectionOf(Hosts - 1, 0);

        internal void AddRoutes(IDictionary<string, string?> environment, int port)
        {
            for (int host = 0; host < Hosts; host++)
            {
                for (int path = 0; path < Paths; path++)
                {
                    environment[SectionOf(host, path) + "HOSTS__0"] = HostOf(host);
                    if (Paths > 1)
                    {
                        // The one that is looked at last, since it is the shortest.
                        environment[SectionOf(host, path) + "PATHS__0"] = path == 0 ? "/home" : $"/home-{path}";
                    }

                    environment.TryAdd(SectionOf(host, path) + "FLEET__ADDRESSES__0", $"127.0.0.1:{port}");
                    environment.TryAdd(SectionOf(host, path) + "HEALTH__INTERVAL", "12:00:00");
                }
            }
        }

        public override string ToString() => $"{Hosts * Paths} routes";

        internal static string HostOf(int host) => $"host-{host:d2}.example.org";

        // No dash: valgrind is started by a shell, which passes only variables on that could be its own.
        private static string SectionOf(int host, int path) => $"EDGE__SERVICES__S{host}X{path}__";
    }

    private static bool OnPath(string command) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, command)));
}
