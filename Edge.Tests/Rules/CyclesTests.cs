namespace Edge.Tests.Rules;

public class CyclesTests
{
    [Theory]
    [InlineData("")]
    [InlineData("ab bc ac")]
    [InlineData("aa")]
    [InlineData("ab ba", "ab")]
    [InlineData("ab bc ca cd", "abc")]
    [InlineData("ab ba cd de ec bc", "cde", "ab")]
    [InlineData("ab bc cb ca", "abc")]
    [InlineData("ab bc cd da ef fe", "abcd", "ef")]
    public void What_reaches_itself_is_found(string edges, params string[] expected) =>
        Assert.Equal(
            expected,
            Cycles.Of(edges.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(e => ($"{e[0]}", $"{e[1]}"))).Select(c => string.Concat(c)));

    [Fact]
    public void A_cycle_of_more_than_five_files_is_found_by_the_name_that_an_exception_has_for_it()
    {
        SourceFile[] Ring(int files) =>
            [.. Enumerable.Range(0, files).Select(i => MadeUp.File($"Edge/Io/Loop/R{i}.cs", $"namespace Edge.Io; class R{i} {{ R{(i + 1) % files} X; }}"))];

        Assert.Empty(CycleRules.Broken(MadeUp.Graph(Ring(5)), []));
        Finding found = Assert.Single(CycleRules.Broken(MadeUp.Graph(Ring(6)), []));
        Assert.Equal(("Edge/Io/Loop/R0.cs", 6), (found.What, found.Size));
        Assert.Equal("Edge/Io/Loop/R3.cs", Assert.Single(CycleRules.Broken(MadeUp.Graph(Ring(6)), ["Edge/Io/Loop/R3.cs", "Edge/Io/Net/B.cs"])).What);
    }

    [Fact]
    public void The_parts_of_a_type_are_in_one_cycle()
    {
        ReferenceGraph graph = MadeUp.Graph(
            MadeUp.File("Edge/Io/Loop/A.cs", "namespace Edge.Io; partial class A;"),
            MadeUp.File("Edge/Io/Loop/A.Ends.cs", "namespace Edge.Io; partial class A { B X; }"),
            MadeUp.File("Edge/Io/Loop/B.cs", "namespace Edge.Io; class B { A X; }"));
        Assert.Equal(
            [["Edge/Io/Loop/A.Ends.cs", "Edge/Io/Loop/A.cs", "Edge/Io/Loop/B.cs"]], Cycles.Of(graph.References.Select(r => (r.From.Path, r.To.Path))));
    }

    [Fact]
    public void A_name_of_a_type_that_the_compiler_cannot_relate_to_anything_is_reported()
    {
        ReferenceGraph Of(string code) => MadeUp.Graph(MadeUp.File("Edge/Io/Net/A.cs", $"namespace Edge.Io;\nclass A {{ {code} }}"));

        Assert.Empty(Of("EventLoop X; Proxy.Exchange Y; int Exchange; int Z() => Exchange; string W = nameof(Exchange);").NotUnderstood);
        Assert.Equal(["Edge/Io/Net/A.cs(2): Exchange"], Of("Exchange X;").NotUnderstood);
        Assert.Equal(["Edge/Io/Net/A.cs(2): Exchange"], Of("int X = Exchange.Y;").NotUnderstood);
        Assert.Empty(Of("object X = EventLoop.Generated.Exchange;").NotUnderstood);
    }
}
