using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Edge.Tests.Backends;
using Edge.Tests.Native;

namespace Edge.Tests.Docker;

/// <summary>
/// Does what a page says, as its reader would: in a folder of the name that the page has, with bash, with the binary as "edge" on the PATH, and with
/// the tests' own engine, which at the end has nothing left of it.
/// </summary>
internal sealed class PageWalk : IAsyncDisposable
{
    // Where the pages have clients come in.
    private static readonly IPEndPoint s_clients = new(IPAddress.Loopback, 8080);

    private readonly string _top = Directory.CreateTempSubdirectory("edge-test-page-").FullName;
    private readonly DockerCli _docker;
    private readonly Dictionary<string, string> _environment;
    private readonly List<Server> _servers = [];
    private string _printed = "";

    private PageWalk(DockerCli docker, Dictionary<string, string> environment) => (_docker, _environment) = (docker, environment);

    private string Folder => Path.Combine(_top, "my-project");

    /// <summary>Before the first block: the application of the page, under the names of the page.</summary>
    /// <param name="engine">Of the tests; it has to be the tests' own, because the names on a page are fixed.</param>
    /// <param name="compose">The program that "docker compose" means.</param>
    internal static async Task<PageWalk> StartAsync(Engine engine, string compose)
    {
        PrivateEngine own = engine.Own();
        using (var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            // Else it would be said of the page's command, after a long time.
            probe.Bind(s_clients);
        }

        string release = await engine.BuildReleaseAsync();
        await engine.BuildAsync("my-db:1", $"FROM {Engine.App}\nCMD [\"db\"]\n");
        await engine.BuildAsync("my-blog:3", $"FROM {Engine.App}\nENV VERSION=blog\n");
        (string Image, string Name)[] names = [(Engine.App, "my-app:1.2"), (Engine.NextApp, "my-app:1.3"), (release, "edge:local"), (release, "edge:next")];
        foreach ((string image, string name) in names)
        {
            await engine.Docker.RunAsync("tag", image, name);
        }

        string socket = own.Host["unix://".Length..];
        var walk = new PageWalk(engine.Docker, new() { ["DOCKER_HOST"] = own.Host, ["DOCKER_SOCK_DIR"] = Path.GetDirectoryName(socket)! });
        walk.PutPrograms(compose);
        return walk;
    }

    /// <summary>
    /// Runs it, writes it to its file, or compares it with what the one before printed. Throws with what was printed where that is not as the page says.
    /// </summary>
    /// <param name="block">Of the page.</param>
    /// <param name="next">The one behind it; null for the last.</param>
    internal async Task DoAsync(PageBlock block, PageBlock? next)
    {
        if (block.Is("ended"))
        {
            await EndAsync();
        }

        if (block.File is { } file)
        {
            await File.WriteAllTextAsync(Path.Combine(Folder, file), block.Text + "\n");
            return;
        }

        if (block.Is("prints"))
        {
            Assert.True(block.Matches(_printed), $"{block} says:\n{block.Text}\nbut it is:\n{_printed}\n{ServersSay()}");
            return;
        }

        SteadyLoad? load = block.Is("loaded") ? new SteadyLoad(s_clients, "/", [], 10, TimeSpan.FromMilliseconds(95)) : null;
        if (load is not null)
        {
            await load.MoreAsync(50);
        }

        if (block.Is("serves"))
        {
            var server = new Server(Bash($"exec {block.Text}"));
            _servers.Add(server);
            await server.ListensAsync();
        }
        else if (block.Is("looks") && next is not null && next.Is("prints"))
        {
            await LookAsync(block, next);
        }
        else
        {
            _printed = await RunAsync(block);
        }

        if (load is not null)
        {
            await load.MoreAsync(100);
            string[] failures = await load.StopAsync();
            string first = string.Join('\n', failures.Take(5));
            Assert.True(failures.Length == 0, $"{block}: of {load.Requests} requests {failures.Length} failed:\n{first}\n{ServersSay()}");
        }
    }

    /// <summary>Ends what serves, as Ctrl-C does; each has to end with 0.</summary>
    internal async Task EndAsync()
    {
        foreach (Server server in _servers)
        {
            await server.EndAsync();
            server.Dispose();
        }

        _servers.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await EndAsync();
        }
        finally
        {
            await ClearAsync("ps --all --quiet", "rm --force --volumes");
            await ClearAsync("network ls --quiet --filter type=custom", "network rm");
            await ClearAsync("volume ls --quiet", "volume rm");
            await _docker.RunAsync("image", "rm", "my-app:1.2", "my-app:1.3", "edge:local", "edge:next");
            Directory.Delete(_top, recursive: true);
        }
    }

    // A balancer that ends while it starts a container has the engine remove that, which may be under way yet.
    private Task ClearAsync(string list, string remove) => Quiet.UntilAsync(
        async () =>
        {
            string[] found = await _docker.LinesAsync(list.Split(' '));
            return found.Length == 0 || (await Command.TryAsync("docker", [.. remove.Split(' '), .. found], _environment)).ExitCode == 0;
        },
        $"nothing is left of docker {list}",
        TimeSpan.FromSeconds(60));

    private void PutPrograms(string compose)
    {
        string programs = Directory.CreateDirectory(Path.Combine(_top, "bin")).FullName;
        Directory.CreateDirectory(Folder);
        File.CreateSymbolicLink(Path.Combine(programs, "edge"), NativeEdge.Binary);

        // Debian's client has no "docker compose" unless Compose 2 is installed.
        string shim = Path.Combine(programs, "docker");
        File.WriteAllText(shim, $"#!/bin/bash\nif [[ ${{1:-}} == compose ]]; then exec '{compose}' \"${{@:2}}\"; fi\nexec '{Command.Find("docker")}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(shim, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        _environment["PATH"] = $"{programs}:{Environment.GetEnvironmentVariable("PATH")}";
    }

    private async Task LookAsync(PageBlock block, PageBlock shows)
    {
        try
        {
            // It may fail at first: a container that is about to listen refuses.
            await Quiet.UntilAsync(
                async () =>
                {
                    (int exitCode, _printed, _) = await BashAsync(block);
                    return exitCode == 0 && shows.Matches(_printed);
                },
                $"what {shows} shows",
                TimeSpan.FromSeconds(60));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{e.Message}; {block} prints:\n{_printed}\n{ServersSay()}", e);
        }
    }

    /// <summary>What it printed on standard output. Throws where it ends with anything but 0.</summary>
    private async Task<string> RunAsync(PageBlock block)
    {
        (int exitCode, string output, string errors) = await BashAsync(block);
        Assert.True(exitCode == 0, $"{block} ended with {exitCode}:\n{block.Text}\n{output}{errors}\n{ServersSay()}");
        return output;
    }

    // What a block exports is there for the next ones, as in a reader's terminal.
    private async Task<(int ExitCode, string Output, string Errors)> BashAsync(PageBlock block)
    {
        string exports = Path.Combine(_top, "exports");
        string script = $"if [[ -e '{exports}' ]]; then . '{exports}'; fi\ntrap \"export -p >'{exports}'\" EXIT\n{block.Text}\n";
        using Process process = Process.Start(Bash(script))!;
        process.StandardInput.Close();
        using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(bound.Token);
            string errors = await process.StandardError.ReadToEndAsync(bound.Token);
            await process.WaitForExitAsync(bound.Token);
            return (process.ExitCode, await output, errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{block} did not end within two minutes");
        }
    }

    private ProcessStartInfo Bash(string script)
    {
        var start = new ProcessStartInfo("bash", ["-c", $"set -euo pipefail\n{script}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
        };
        foreach ((string key, string value) in _environment)
        {
            start.Environment[key] = value;
        }

        return start;
    }

    private string ServersSay() => string.Join('\n', _servers.Select(s => s.Output));

    /// <summary>A command that runs until it is ended.</summary>
    private sealed class Server : IDisposable
    {
        private readonly Process _process;
        private readonly List<string> _lines = [];
        private readonly TaskCompletionSource _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Server(ProcessStartInfo start)
        {
            _process = new Process { StartInfo = start };
            _process.OutputDataReceived += (_, e) => Note(e.Data);
            _process.ErrorDataReceived += (_, e) => Note(e.Data);
            _process.Start();
            _process.StandardInput.Close();
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }

        internal string Output
        {
            get
            {
                lock (_lines)
                {
                    return string.Join('\n', _lines);
                }
            }
        }

        internal async Task ListensAsync()
        {
            Task first = await Task.WhenAny(_listens.Task, _process.WaitForExitAsync()).WaitAsync(TimeSpan.FromSeconds(60));
            Assert.True(first == _listens.Task, $"it did not come up:\n{Output}");
        }

        /// <summary>One that another has taken over from has ended by itself, or does so.</summary>
        internal async Task EndAsync()
        {
            if (!_process.HasExited)
            {
                await Command.TryAsync("kill", ["-INT", $"{_process.Id}"]);
            }

            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
            Assert.True(_process.ExitCode == 0, $"it ended with {_process.ExitCode}:\n{Output}");
        }

        public void Dispose() => _process.Dispose();

        private void Note(string? line)
        {
            if (line is null)
            {
                return;
            }

            lock (_lines)
            {
                _lines.Add(line);
            }

            if (line.Contains(" listens at http://", StringComparison.Ordinal))
            {
                _listens.TrySetResult();
            }
        }
    }
}
