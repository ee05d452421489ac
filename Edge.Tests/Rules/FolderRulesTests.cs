namespace Edge.Tests.Rules;

public class FolderRulesTests
{
    private static IEnumerable<string> Broken(string path, string code) =>
        FolderRules.Broken(MadeUp.Graph(MadeUp.File(path, code)), MadeUp.Rules).Select(f => f.What);

    [Theory]
    [InlineData("Io/Net", "using Alias = Edge.Proxy.Exchange; namespace Edge.Io; class A { Alias X; }", "Proxy/Exchange.Exchange")]
    [InlineData("Io/Net", "using static Edge.Proxy.Exchange; namespace Edge.Io; class A { int X = Y; }", "Proxy/Exchange.Exchange")]
    [InlineData("Io/Net", "namespace Edge.Io; class A { global::Edge.Proxy.Exchange X; }", "Proxy/Exchange.Exchange")]
    [InlineData("Io/Net", "namespace Edge.Io; class A { Proxy.Exchange X; }", "Proxy/Exchange.Exchange")]
    [InlineData("Io/Net", "namespace Edge.Io; class A { Proxy . Exchange[]? X; }", "Proxy/Exchange.Exchange")]
    [InlineData("Io/Net", "namespace Edge.Io; class A { List<Dictionary<int, Proxy.Exchange>> X; }", "Proxy/Exchange.Exchange")]
    [InlineData("Io/Net", "namespace Edge.Io; class A { object X = new Proxy.Exchange(1); }", "Proxy/Exchange.Exchange")]
    [InlineData("Io/Net", "namespace Edge.Io; class A { string X = $\"{new Proxy.Exchange()}\"; }", "Proxy/Exchange.Exchange")]
    [InlineData("Io/Net", "namespace Edge.Io; class A { string X = $$\"\"\"{ {{new Proxy.Exchange()}} }\"\"\"; }", "Proxy/Exchange.Exchange")]
    [InlineData("Io/Net", "namespace Edge.Io; class A { Config.EdgeOptions X; }", "Config.EdgeOptions")]
    [InlineData("Io/Net", "using Edge.Config; namespace Edge.Io; class A { bool X(object o) => o is EdgeOptions; }", "Config.EdgeOptions")]
    [InlineData("Io/Net", "using Edge.Config; namespace Edge.Io; class A<T> where T : EdgeOptions { }", "Config.EdgeOptions")]
    [InlineData("Io/Net", "namespace Edge.Io; class A { string X = Program.Version; }", "..Program")]
    [InlineData("Io/Net", "namespace Edge.Io; class A { object X = new Program(); }", "..Program")]
    [InlineData("Io/Net", "namespace Edge.Io; class A { string X = nameof(Program); }", "..Program")]
    [InlineData("Proxy/Exchange", "namespace Edge.Proxy; class A { int X = Reader.Twice(1); }", "Proxy/Http1.Reader")]
    [InlineData("Hosting", "namespace Edge.Hosting; class A { string X = Program.Version; }", "..Program")]
    [InlineData("Config", "namespace Edge.Config; class A { Io.EventLoop.Inner X; }", "Io/Loop.EventLoop")]
    public void A_reference_that_is_not_allowed_is_found(string folder, string code, string known) =>
        Assert.Equal([$"{folder} → {known}"], Broken($"Edge/{folder}/A.cs", code));

    [Theory]
    [InlineData("Io/Net", "using Edge.Config; namespace Edge.Io; class A { int X = Limits.HeadBytes; EventLoop Y; }")]
    [InlineData("Io/Net", "namespace Edge.Io; class A { int X = Config.Limits.HeadBytes + Edge.Config.Limits.HeadBytes; }")]
    [InlineData("Io/Net", "using static Edge.Config.Limits; namespace Edge.Io; class A { int X = HeadBytes; }")]
    [InlineData("Io/Net", "namespace Edge.Io; // Proxy.Exchange\n/* Program */ class A { string X = \"Program\" + @\"a\\\" + \"Program\"; }")]
    [InlineData("Io/Net", "namespace Edge.Io; class A { string X = \"\"\"\n Proxy.Exchange \" Program\n\"\"\"; char Y = '\"'; char Z = '\\''; }")]
    [InlineData("Io/Net", "namespace Edge.Io; class A { A Proxy; int Exchange, Program; void B() { Proxy.Exchange = 1; Program = 2; } }")]
    [InlineData("Io/Net", "namespace Edge.Io; class A { class Exchange; Exchange X; }")]
    [InlineData("Io/Net", "namespace Edge.Io; class A { string X = $\"{{Proxy.Exchange}}\"; }")]
    [InlineData("Hosting", "using Edge.Io; using Edge.Proxy; namespace Edge.Hosting; class A { EventLoop X; Exchange Y; int Z = 1.Twice(); }")]
    public void What_is_allowed_or_only_looks_like_a_reference_is_not_reported(string folder, string code) =>
        Assert.Empty(Broken($"Edge/{folder}/A.cs", code));

    [Fact]
    public void Files_directly_in_the_project_may_know_all_folders() =>
        Assert.Empty(Broken("Edge/Root.cs", "using Edge.Io; using Edge.Proxy; namespace Edge; class Root { EventLoop X; Exchange Y; Program Z; }"));

    [Fact]
    public void A_folder_that_nothing_is_said_about_is_found()
    {
        ReferenceGraph graph = MadeUp.Graph(MadeUp.File("Edge/Misc/A.cs", "namespace Edge.Misc; class A { Program X; }"));
        Assert.Equal("nothing is said about what Misc may know", Assert.Single(FolderRules.Broken(graph, MadeUp.Rules)).Sentence);
    }

    [Fact]
    public void A_using_that_could_bring_in_extension_methods_is_found() =>
        Assert.Equal(["Edge/Io/Net/A.cs using Proxy"], Broken("Edge/Io/Net/A.cs", "using Edge.Proxy; namespace Edge.Io; class A { int X = 1.Twice(); }"));

    [Fact]
    public void All_who_know_too_much_are_named()
    {
        ReferenceGraph graph = MadeUp.Graph(
            MadeUp.File("Edge/Io/Net/A.cs", "namespace Edge.Io; class A { Program X; }"),
            MadeUp.File("Edge/Io/Net/B.cs", "namespace Edge.Io; class B { Program X; A Y; }"));
        Assert.Equal(["Edge/Io/Net/A.cs, Edge/Io/Net/B.cs: Io/Net may not know ..Program"], FolderRules.Broken(graph, MadeUp.Rules).Select(f => f.Sentence));
    }

    [Fact]
    public void Rules_that_name_what_is_not_there_or_are_a_circle_are_found()
    {
        SourceFile[] files = [new("Edge/A/X.cs", "class X;"), new("Edge/B/Y.cs", "class Y;"), new("Edge/Z.cs", "class Z;")];
        Assert.Empty(FolderRules.Wrong([new("A", "B"), new("B"), new(".", "*")], files));
        Assert.Equal(["There is no folder C"], FolderRules.Wrong([new("C")], files));
        Assert.Equal(["A may know C, which is not there", "A may know B.X, which is not there"], FolderRules.Wrong([new("A", "C", "B.X", "B.Y")], files));
        Assert.Equal(["A has two rules"], FolderRules.Wrong([new("A", "B"), new("A")], files));
        Assert.Equal(["The rules are a circle: A, B"], FolderRules.Wrong([new("A", "B"), new("B", "*")], files));
    }

    [Fact]
    public void The_table_says_it_in_the_words_of_the_rules() => Assert.Equal(
        [
            "| folder | may know, besides itself |",
            "|---|---|",
            "| `A` | nothing |",
            "| `A/B` | `A`, `C/*`, `D.Type` |",
            "| files directly in Edge/ | every folder |",
        ],
        FolderRules.Table([new("A"), new("A/B", "A", "C/*", "D.Type"), new(".", "*")]));
}
