using Edge.Tests.Rules;
using Edge.Tests.Backends;

namespace Edge.Tests;

/// <summary>Holds the sources, and docs/architecture.md, against the rules in Rules/.</summary>
public class ArchitectureTests
{
    private static readonly SourceFile[] s_edge = SourceTree.Read(Repository.Root, "Edge");
    private static readonly SourceFile[] s_tests = SourceTree.Read(Repository.Root, "Edge.Tests");
    private static readonly SourceFile[] s_all =
        [.. s_edge, .. s_tests, .. new[] { "Edge.Fuzz", "scripts", "loadtests" }.SelectMany(p => SourceTree.Read(Repository.Root, p))];
    private static readonly Lazy<ReferenceGraph> s_graph = new(() => ReferenceGraph.Of(s_edge));

    // In whole sentences, and all of them: the framework's own assertion would shorten both.
    private static void Nothing(IEnumerable<string> wrong)
    {
        string all = string.Join('\n', wrong);
        Assert.True(all.Length == 0, all);
    }

    [Fact]
    public void The_sources_are_found()
    {
        Assert.Contains(s_edge, f => f is { Path: "Edge/Program.cs", Folder: "" });
        Assert.Contains(s_edge, f => f is { Path: "Edge/Io/Loop/EventLoop.cs", Folder: "Io/Loop", TopFolder: "Io" });
        Assert.Contains(s_tests, f => f.Path == "Edge.Tests/ArchitectureTests.cs");
    }

    // Otherwise a name that the compiler cannot understand would be a reference that no rule sees.
    [Fact]
    public void The_compiler_understands_where_the_sources_name_their_types() =>
        Nothing(s_graph.Value.NotUnderstood);

    [Fact]
    public void Nobody_knows_more_than_the_architecture_allows() =>
        Nothing(AllowList.Check(FolderRules.Broken(s_graph.Value, WhoMayKnowWhom.Rules), Exceptions.References));

    [Fact]
    public void The_rules_on_who_may_know_whom_are_no_circle_and_name_what_is_there() =>
        Nothing(FolderRules.Wrong(WhoMayKnowWhom.Rules, s_edge));

    [Fact]
    public void The_documentation_says_who_may_know_whom()
    {
        string table = string.Join('\n', FolderRules.Table(WhoMayKnowWhom.Rules));
        Assert.True(
            Repository.Read("docs/architecture.md").Contains($"\n\n{table}\n\n", StringComparison.Ordinal),
            $"docs/architecture.md has to contain this table:\n\n{table}");
    }

    [Fact]
    public void No_more_than_five_files_know_each_other_in_a_circle() =>
        Nothing(AllowList.Check(CycleRules.Broken(s_graph.Value, [.. Exceptions.Cycles.Select(e => e.What)]), Exceptions.Cycles));

    [Fact]
    public void A_file_declares_one_type_and_is_named_after_it() => Nothing(AllowList.Check(TypeRules.Files(s_edge), Exceptions.Types));

    [Fact]
    public void No_two_types_have_the_same_name() => Nothing(TypeRules.Names(s_edge).Select(f => f.Sentence));

    [Fact]
    public void The_types_of_the_glossary_are_there() =>
        Nothing(AllowList.Check(GlossaryRules.Unknown(Repository.Read("docs/glossary.md"), s_edge), Exceptions.Glossary));

    [Fact]
    public void No_file_is_too_long_to_read() => Nothing(AllowList.Check(LengthRules.Files(s_all), Exceptions.LongFiles));

    [Fact]
    public void No_function_is_too_long_to_read() => Nothing(AllowList.Check(LengthRules.Functions(s_all), Exceptions.LongFunctions));

    [Fact]
    public void No_line_is_too_long_to_read() => Nothing(AllowList.Check(LengthRules.Lines(s_all), Exceptions.WideLines));

    [Fact]
    public void Every_file_has_the_namespace_of_its_folder() =>
        Nothing(CodeRules.Namespaces([.. s_edge, .. s_tests]).Concat(CodeRules.GlobalUsings(s_all)).Select(f => f.Sentence));

    [Fact]
    public void Nobody_blocks_a_thread_to_wait() => Nothing(CodeRules.Sleeps(s_all).Select(f => f.Sentence));

    [Fact]
    public void Tests_wait_for_events_not_for_time() => Nothing(AllowList.Check(CodeRules.Delays(s_tests), Exceptions.Delays));

    [Fact]
    public void Only_what_talks_to_the_kernel_is_unsafe() => Nothing(AllowList.Check(CodeRules.Unsafe(s_edge), Exceptions.Unsafe));

    [Fact]
    public void A_channel_without_a_bound_has_a_reason() =>
        Nothing(AllowList.Check(CodeRules.UnboundedChannels(s_edge), Exceptions.UnboundedChannels));

    [Fact]
    public void Five_files_see_the_client_library_of_Docker() => Assert.Equal(
        ["Edge/Drivers/Docker/ContainerBlueprint.cs", "Edge/Drivers/Docker/DockerEngine.cs", "Edge/Drivers/Docker/EngineEvents.cs",
            "Edge/Drivers/Docker/EngineLine.cs",
            "Edge/Drivers/Docker/PullEnd.cs"],
        CodeRules.DockerLibrary(s_edge).Select(f => f.What));

    [Fact]
    public void Nobody_needs_OpenSSL_which_a_static_binary_does_not_have() => Nothing(CodeRules.NeedsOpenSsl(s_edge).Select(f => f.Sentence));

    [Fact]
    public void Only_the_edges_write_to_the_console() => Nothing(CodeRules.Consoles(s_edge).Select(f => f.Sentence));
}
