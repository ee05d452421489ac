namespace Edge.Tests.Rules;

public class TypeRulesTests
{
    [Theory]
    [InlineData("A.cs", "class A;", true)]
    [InlineData("A.cs", "namespace X; class A { class B; enum C { } }", true)]
    [InlineData("A.cs", "namespace X; interface A<T>;", true)]
    [InlineData("A.cs", "delegate void A();", true)]
    [InlineData("A.Ends.cs", "partial class A;", true)]
    [InlineData("A.cs", "class B;", false)]
    [InlineData("A.cs", "class A; class B;", false)]
    [InlineData("A.cs", "class A; enum B { }", false)]
    [InlineData("A.cs", "class A; file class B;", false)]
    [InlineData("A.cs", "record A; delegate void B();", false)]
    [InlineData("A.cs", "// class A;", false)]
    public void A_file_is_to_declare_the_one_type_of_its_name(string name, string code, bool fine) =>
        Assert.Equal(fine, !TypeRules.Files([MadeUp.File($"Edge/Io/{name}", code)]).Any());

    [Fact]
    public void A_name_that_two_types_have_is_found()
    {
        SourceFile a = new("Edge/Io/A.cs", "namespace X; partial class A;");
        Assert.Equal(["A"], TypeRules.Names([a, new("Edge/Fleet/A.cs", "namespace Y; class A;")]).Select(f => f.What));
        Assert.Equal(["A"], TypeRules.Names([new("Edge/Io/A.cs", "class A; class A<T>;")]).Select(f => f.What));
        Assert.Empty(TypeRules.Names([a, new("Edge/Io/A.Ends.cs", "partial class A;"), new("Edge/Io/B.cs", "class B { class A; }")]));
    }

    [Fact]
    public void Types_in_files_of_their_own_are_counted() => Assert.Equal(
        (5, 2),
        TypeRules.InFilesOfTheirOwn(
        [
            new("Edge/A.cs", "partial class A;"),
            new("Edge/A.X.cs", "partial class A;"),
            new("Edge/B.cs", "class B { class C; }"),
            new("Edge/D.cs", "class D; class E;"),
            new("Edge/F.cs", "class G;"),
        ]));

    [Fact]
    public void A_type_of_the_glossary_that_is_not_there_is_found()
    {
        SourceFile[] files = [new("Edge/Loop.cs", "class Loop { enum State { } }")];
        const string Text = "`NoType`\n\n| term | what | type |\n|---|---|---|\n| loop | a `Thread` | `Loop`, `State` |\n| x | y | – |\n";
        Assert.Empty(GlossaryRules.Unknown(Text, files));
        Assert.Equal(["turn: there is no type Turn"], GlossaryRules.Unknown($"{Text}| turn | y | `Turn`, `Loop.Run` |\n\n| a | b |\n| c | `D` |\n", files)
            .Select(f => f.Sentence));
        Assert.Equal(["The glossary names no type"], GlossaryRules.Unknown("| term | type |\n|---|---|\n| x | – |", files).Select(f => f.Sentence));
    }
}
