using Edge.Cli;
using Edge.Tests.Backends;
using Edge.Tests.Docker;
using Edge.Tests.Native;

namespace Edge.Tests.Cli;

/// <summary>What a shell and a reader of manuals get. Without the program in question a test is skipped, but fails where CI is set.</summary>
public sealed class ShellTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-shell-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Bash_completes_verbs_and_their_options()
    {
        string script = Write("bash");
        Assert.Equal("stop status", await CompleteAsync("edge st"));
        Assert.Equal("--service", await CompleteAsync("edge pause --se"));
        Assert.Equal("-n --weight --service --url --token --config --json", await CompleteAsync("edge add -"));
        Assert.Equal("--listen", await CompleteAsync("edge --li"));
        Assert.Equal("--replicas", await CompleteAsync("edge --listen :80 --rep"));
        Assert.Equal("--health", await CompleteAsync("edge check --hea"));
        Assert.Equal("rep resume reload replica", await CompleteAsync("edge help re"));
        Assert.Equal("bash zsh fish", await CompleteAsync("edge completion ''"));
        Assert.Equal("server_1 server_2", await CompleteAsync("edge rm server"));

        // The program that is asked for names is a stand-in.
        async Task<string> CompleteAsync(string line) => await RunAsync(
            "bash", "-c", $"edge() {{ echo server_1; echo server_2; }}; source {script}; COMP_WORDS=({line}); COMP_CWORD=$(({line.Split(' ').Length} - "
                + $"1)); _edge; printf '%s' \"${{COMPREPLY[*]}}\"");
    }

    [Fact]
    public async Task Fish_completes_verbs_and_their_options()
    {
        string script = Write("fish");
        Assert.Equal("status\tshow the balancer and its replicas", await RunAsync("fish", "-c", $"source {script}; complete -C 'edge sta'"));
        Assert.Equal("--service", await RunAsync("fish", "-c", $"source {script}; complete -C 'edge stop --se' | cut -f1"));
        Assert.Equal(
            "--config\n--json\n--service\n--token\n--url\n--weight",
            await RunAsync("fish", "-c", $"source {script}; complete -C 'edge add --' | cut -f1 | sort"));
        Assert.Equal("--listen", await RunAsync("fish", "-c", $"source {script}; complete -C 'edge --li' | cut -f1"));
        Assert.Equal("--listen", await RunAsync("fish", "-c", $"source {script}; complete -C 'edge check --li' | cut -f1"));
        Assert.Equal("bash\nfish\nzsh", await RunAsync("fish", "-c", $"source {script}; complete -C 'edge completion ' | cut -f1 | sort"));
    }

    [Fact]
    public async Task Zsh_takes_the_function()
    {
        string script = Write("zsh");
        Assert.Equal("_edge", await RunAsync("zsh", "-f", "-c", $"autoload -Uz compinit; compinit -D; source {script}; print -r -- $_comps[edge]"));
    }

    [Fact]
    public void No_other_shell_is_known() => Assert.False(Completion.Write("csh", TextWriter.Null));

    [Fact]
    public void The_manual_page_is_what_the_program_prints()
    {
        using var page = new StringWriter { NewLine = "\n" };
        ManPage.Write(page, "0.1.0");
        string path = Path.Combine(Repository.Root, "docs", "edge.1");
        Assert.True(File.Exists(path) && File.ReadAllText(path) == page.ToString(), $"docs/edge.1 is not what edge man prints, which is:\n{page}");
    }

    [Fact]
    public async Task The_manual_page_is_sound() =>
        Assert.Equal("", await RunAsync("mandoc", "-Tlint", "-Wwarning", Path.Combine(Repository.Root, "docs", "edge.1")));

    [Fact]
    public async Task Top_draws_on_a_terminal_until_q_is_pressed()
    {
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(2);

        // script(1) has a terminal of its own made, and passes on what is typed.
        string drawn = await RunAsync("bash", "-c", $"(sleep 2; printf q) | env -u NO_COLOR TERM=xterm script -qec 'stty cols 220 rows 50; "
            + $"{NativeEdge.Binary} top --url http://{edge.Endpoint}' /dev/null");
        Assert.Contains("\e[?1049h", drawn);
        Assert.Contains("2 of 2 in rotation", drawn);
        Assert.Contains("\e[32mhealthy", drawn);
        Assert.EndsWith("\e[?1049l", drawn.TrimEnd(), StringComparison.Ordinal);
        string plain = await RunAsync("bash", "-c",
            $"(sleep 2; printf q) | NO_COLOR=1 TERM=xterm script -qec 'stty cols 220 rows 50; {NativeEdge.Binary} top --url http://{edge.Endpoint}' /dev/null");
        Assert.Contains("healthy", plain);
        Assert.DoesNotContain("\e[32m", plain);
        string once = await RunAsync(NativeEdge.Binary, "top", "--url", $"http://{edge.Endpoint}");
        Assert.Contains("2 of 2 in rotation", once);
        Assert.DoesNotContain("\e[", once);
    }

    private string Write(string shell)
    {
        string path = Path.Combine(_folder.FullName, shell);
        using var file = new StreamWriter(path);
        Assert.True(Completion.Write(shell, file));
        return path;
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        if (!program.Contains('/', StringComparison.Ordinal) && Command.Find(program) is null)
        {
            Assert.True(Environment.GetEnvironmentVariable("CI") is null, $"CI has to have {program}.");
            Assert.Skip($"{program} is not installed; ./test.sh installs it.");
        }

        return await Command.RunAsync(program, arguments);
    }
}
