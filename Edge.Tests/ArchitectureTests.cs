using System.Text.RegularExpressions;
using Edge.Tests.Backends;

namespace Edge.Tests;

/// <summary>Holds docs/architecture.md against the sources.</summary>
public class ArchitectureTests
{
    // Files of the tests in which Task.Delay is no guess at how long something else takes.
    private static readonly Dictionary<string, string> s_mayDelay = new()
    {
        ["Edge.Tests/Backends/Quiet.cs"] = "polls for things that raise no event, with a bound",
        ["Edge.Tests/Drivers/FakeEngine.cs"] = "an answer that never comes",
        ["Edge.Tests/Fleet/AddTests.cs"] = "a start that never ends by itself",
        ["Edge.Tests/Fleet/Fakes.cs"] = "a driver that never ends by itself",
        ["Edge.Tests/Fleet/RestlessWorld.cs"] = "an engine whose call never ends by itself",
        ["Edge.Tests/Fleet/TinyServer.cs"] = "an answer that never comes",
        ["Edge.Tests/Native/MemoryTests.cs"] = "a reader that is slow on purpose",
        ["Edge.Tests/Native/MixedLoad.cs"] = "clients that think between two requests",
        ["Edge.Tests/Native/NativeEdge.cs"] = "polls another process, with a bound",
        ["Edge.Tests/Native/SlowAttackTests.cs"] = "attackers that are slow on purpose",
        ["Edge.Tests/Proxy/CutAnswerTests.cs"] = "a client that reads slowly on purpose",
        ["Edge.Tests/Proxy/HalfCloseTests.cs"] = "replicas that answer slowly, and a client that rests, on purpose",
        ["Edge.Tests/Proxy/KeepAliveTests.cs"] = "a replica that closes what is idle for too long",
        ["Edge.Tests/Proxy/FailureTests.cs"] = "a client that sends slowly on purpose",
        ["Edge.Tests/Proxy/StaleConnectionTests.cs"] = "a replica that works for a while before it ends",
        ["Edge.Tests/Proxy/InterimTests.cs"] = "a replica that takes its time for its answer",
        ["Edge.Tests/Proxy/SlowClientTests.cs"] = "clients that are slow on purpose",
    };

    private static readonly SourceFile[] s_edge = Read("Edge");
    private static readonly SourceFile[] s_tests = Read("Edge.Tests");

    private static SourceFile[] Read(string project) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*.cs", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Repository.Root, f))
            .Where(f => f.Split('/')[1] is not ("bin" or "obj"))
            .Order(StringComparer.Ordinal)
            .Select(f => new SourceFile(f, Repository.Read(f))),
    ];

    [Fact]
    public void The_sources_are_found()
    {
        Assert.Contains(s_edge, f => f is { Path: "Edge/Program.cs", Folder: "" });
        Assert.Contains(s_edge, f => f is { Path: "Edge/Io/Loop/EventLoop.cs", Folder: "Io" });
        Assert.Contains(s_tests, f => f.Path == "Edge.Tests/ArchitectureTests.cs");
    }

    [Fact]
    public void Nobody_knows_more_than_the_architecture_allows() => Assert.Empty(SourceRules.References(s_edge));

    [Fact]
    public void No_file_is_too_long_to_read() => Assert.Empty(SourceRules.FileLengths([.. s_edge, .. s_tests]));

    [Fact]
    public void Every_file_has_the_namespace_of_its_folder() => Assert.Empty(SourceRules.Namespaces([.. s_edge, .. s_tests]));

    [Fact]
    public void Nobody_blocks_a_thread_to_wait() => Assert.Empty(SourceRules.Sleeps([.. s_edge, .. s_tests]));

    [Fact]
    public void Tests_wait_for_events_not_for_time() => Assert.Empty(SourceRules.Delays(s_tests, s_mayDelay.Keys));

    [Fact]
    public void Three_files_see_the_client_library_of_Docker() =>
        Assert.Equal(["Edge/Drivers/Docker/ContainerBlueprint.cs", "Edge/Drivers/Docker/DockerEngine.cs", "Edge/Drivers/Docker/EngineEvents.cs"], s_edge.Where(f => f.Code.Contains("Docker.DotNet", StringComparison.Ordinal)).Select(f => f.Path));

    [Fact]
    public void Nobody_needs_OpenSSL_which_a_static_binary_does_not_have() => Assert.Empty(
        s_edge.Where(f => Regex.IsMatch(f.Code, @"\b(SHA\d+|HMAC\w*|MD5|Aes|RSA|ECDsa|RandomNumberGenerator)\b")).Select(f => f.Path));

    [Fact]
    public void Only_the_edges_write_to_the_console() => Assert.Empty(SourceRules.Consoles(s_edge));

    private static SourceFile[] With(string path, string code) =>
    [
        new("Edge/Program.cs", "namespace Edge; class Program { }"),
        new("Edge/Config/Limits.cs", "namespace Edge.Config; static class Limits { }"),
        new("Edge/Config/EdgeConfig.cs", "namespace Edge.Config; sealed record EdgeOptions;"),
        new("Edge/Io/EventLoop.cs", "namespace Edge.Io; class EventLoop { }"),
        new("Edge/Fleet/Control.cs", "namespace Edge.Fleet; interface IReplicaDriver { }"),
        new("Edge/Proxy/Exchange.cs", "namespace Edge.Proxy; readonly record struct Exchange(int X);"),
        new("Edge/Control/ControlApi.cs", "namespace Edge.Control; class ControlApi { }"),
        new(path, code),
    ];

    [Theory]
    [InlineData("Http", "using Edge.Io;", "Io")]
    [InlineData("Io", "using Edge.Proxy;", "Proxy")]
    [InlineData("Io", "using Alias = Edge.Proxy.Exchange;", "Proxy.Exchange")]
    [InlineData("Io", "using static Edge.Proxy.Exchange;", "Proxy.Exchange")]
    [InlineData("Io", "class A { global::Edge.Proxy.Exchange X; }", "Proxy.Exchange")]
    [InlineData("Io", "class A { Proxy.Exchange X; }", "Proxy.Exchange")]
    [InlineData("Io", "class A { Proxy . Exchange X; }", "Proxy.Exchange")]
    [InlineData("Io", "class A { string X = $\"{new Proxy.Exchange()}\"; }", "Proxy.Exchange")]
    [InlineData("Io", "class A { string X = $$\"\"\"{ {{new Proxy.Exchange()}} }\"\"\"; }", "Proxy.Exchange")]
    [InlineData("Io", "using Edge.Config;\nclass A { EdgeOptions X; }", "Config.EdgeOptions")]
    [InlineData("Io", "class A { Config.EdgeOptions X; }", "Config.EdgeOptions")]
    [InlineData("Io", "class A { Edge.Config.EdgeOptions X; }", "Config.EdgeOptions")]
    [InlineData("Io", "class A { string X = Program.Version; }", "Program")]
    [InlineData("Io", "class A { object X = new Program(); }", "Program")]
    [InlineData("Proxy", "using Edge.Fleet;", "Fleet")]
    [InlineData("BuiltInReplica", "using Edge.Proxy;", "Proxy")]
    [InlineData("Fleet", "using Edge.Proxy;", "Proxy")]
    [InlineData("Fleet", "using Edge.Io;", "Io")]
    [InlineData("Control", "using Edge.Io;", "Io")]
    [InlineData("Drivers", "using Edge.Control;", "Control")]
    [InlineData("Cli", "using Edge.Fleet;", "Fleet")]
    [InlineData("Config", "using Edge.Io;", "Io")]
    public void A_reference_that_is_not_allowed_is_found(string folder, string code, string known)
    {
        string path = $"Edge/{folder}/Made/Up.cs";
        Assert.Equal([$"{path} knows {known}"], SourceRules.References(With(path, code)));
    }

    [Fact]
    public void A_folder_that_nothing_is_said_about_and_a_global_using_are_found()
    {
        Assert.Equal(["Edge/Misc/A.cs: nothing is said about what Misc may know"], SourceRules.References(With("Edge/Misc/A.cs", "")));
        Assert.Equal(["Edge/Io/A.cs has a global using"], SourceRules.References(With("Edge/Io/A.cs", "global using System;")));
    }

    [Theory]
    [InlineData("Http", "using Edge.Config;\nclass A { int X = Limits.HeadBytes; }")]
    [InlineData("Http", "class A { int X = Config.Limits.HeadBytes + Edge.Config.Limits.HeadBytes; }")]
    [InlineData("Http", "using static Edge.Config.Limits;")]
    [InlineData("Http", "// using Edge.Io;\n/* Io.EventLoop */ class A { string X = \"Io.EventLoop\" + @\"a\\\" + \"using Edge.Io;\"; }")]
    [InlineData("Http", "class A { string X = \"\"\"\n using Edge.Io; \" Edge.Io.EventLoop\n\"\"\"; char Y = '\"'; char Z = '\\''; }")]
    [InlineData("Http", "class A { void B() { Control.Listen(); a.Io.EventLoop = 1; Program = 2; a.Program.X(); } }")]
    [InlineData("Http", "class A { string X = $\"{{Io.EventLoop}}\"; }")]
    [InlineData("Proxy", "using Edge.Io;\nusing Edge.Http;\nusing Edge.Routing;\nusing Edge.Telemetry;")]
    [InlineData("Cli", "using Edge.Control;\nusing Edge.Telemetry;\nusing Edge.Config;")]
    public void What_is_allowed_or_only_looks_like_a_reference_is_not_reported(string folder, string code) =>
        Assert.Empty(SourceRules.References(With($"Edge/{folder}/Made.cs", code)));

    [Fact]
    public void Files_directly_in_the_project_may_know_all() =>
        Assert.Empty(SourceRules.References(With("Edge/Root.cs", "using Edge.Io;\nusing Edge.Proxy;\nusing Edge.Fleet;")));

    [Theory]
    [InlineData(400, true, true)]
    [InlineData(401, true, false)]
    [InlineData(400, false, true)]
    [InlineData(401, false, false)]
    public void Lines_are_counted(int lines, bool ended, bool fine)
    {
        string text = string.Join('\n', Enumerable.Repeat("x", lines)) + (ended ? "\n" : "");
        Assert.Equal(fine, !SourceRules.FileLengths([new SourceFile("Edge/A.cs", text)]).Any());
    }

    [Theory]
    [InlineData("Edge/Io/A.cs", "namespace Edge.Io;", true)]
    [InlineData("Edge/A.cs", "using X;\n\nnamespace Edge;", true)]
    [InlineData("Edge/Io/A.cs", "namespace Edge.Io { }", false)]
    [InlineData("Edge/Io/A.cs", "namespace Edge.Io\n{\n}", false)]
    [InlineData("Edge/Io/A.cs", "namespace Edge.Proxy;", false)]
    [InlineData("Edge/Io/A.cs", "// namespace Edge.Io;", false)]
    [InlineData("Edge/Io/A.cs", "", false)]
    public void Namespaces_are_checked(string path, string text, bool fine) =>
        Assert.Equal(fine, !SourceRules.Namespaces([new SourceFile(path, text)]).Any());

    [Theory]
    [InlineData("Thread.Sleep(1);", false)]
    [InlineData("System.Threading.Thread . Sleep(1);", false)]
    [InlineData("// Thread.Sleep(1);", true)]
    [InlineData("Thread.Yield();", true)]
    public void Sleeps_are_found(string text, bool fine) =>
        Assert.Equal(fine, !SourceRules.Sleeps([new SourceFile("Edge/A.cs", text)]).Any());

    [Fact]
    public void Delays_are_found_and_so_are_exceptions_without_use()
    {
        SourceFile[] files = [new("Edge.Tests/A.cs", "await Task.Delay(1);"), new("Edge.Tests/B.cs", "\"Task.Delay\"")];
        Assert.Equal(["Edge.Tests/A.cs waits for time to pass"], SourceRules.Delays(files, []));
        Assert.Empty(SourceRules.Delays(files, ["Edge.Tests/A.cs"]));
        Assert.Equal(["Edge.Tests/B.cs needs no exception any more"], SourceRules.Delays(files, ["Edge.Tests/A.cs", "Edge.Tests/B.cs"]));
    }

    [Theory]
    [InlineData("Io", "Console.WriteLine();", false)]
    [InlineData("Fleet", "System.Console.Error.Write(1);", false)]
    [InlineData("Io", "my.Console.Write(1); // Console.Write", true)]
    [InlineData("Cli", "Console.WriteLine();", true)]
    [InlineData("Telemetry", "Console.WriteLine();", true)]
    [InlineData("BuiltInReplica", "Console.WriteLine();", true)]
    public void Use_of_the_console_is_found(string folder, string text, bool fine) =>
        Assert.Equal(fine, !SourceRules.Consoles([new SourceFile($"Edge/{folder}/A.cs", text)]).Any());
}
