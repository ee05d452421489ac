namespace Edge.Tests.Rules;

public class LengthRulesTests
{
    [Theory]
    [InlineData(400, true, true)]
    [InlineData(401, true, false)]
    [InlineData(400, false, true)]
    [InlineData(401, false, false)]
    public void Lines_are_counted(int lines, bool ended, bool fine)
    {
        string text = string.Join('\n', Enumerable.Repeat("//", lines)) + (ended ? "\n" : "");
        Assert.Equal(fine, !LengthRules.Files([MadeUp.File("Edge/A.cs", text)]).Any());
    }

    [Fact]
    public void Columns_are_counted_and_wide_lines_named()
    {
        string text = $"{new string('x', 160)}\n{new string('x', 161)}\n\n{new string('é', 160)}\n// {new string('x', 200)}";
        Finding found = Assert.Single(LengthRules.Lines([MadeUp.File("Edge/A.cs", text)]));
        Assert.Equal(("Edge/A.cs has 2 lines of more than 160 columns: 2, 5", 2), (found.Sentence, found.Size));
    }

    [Theory]
    [InlineData("void F() {{0}}", 71)]
    [InlineData("/// <summary>F</summary>\n[A]\n[B(1)]\nvoid F() {{0}}", 71)]
    [InlineData("void F(\nint x) {{0}}", 72)]
    [InlineData("int F { get {{0} return 1; } }", 71)]
    [InlineData("int F => X({0});", 71)]
    [InlineData("Test() {{0}}", 71, "Test")]
    [InlineData("~Test() {{0}}", 71, "DestructorDeclaration")]
    [InlineData("public static int operator +(Test a, Test b) {{0} return 1; }", 71, "operator")]
    [InlineData("int this[int i] { get {{0} return 1; } }", 71, "this[]")]
    public void The_lines_of_a_function_are_counted(string code, int lines, string name = "F")
    {
        string text = $"class Test {{ {code.Replace("{0}", new string('\n', 70), StringComparison.Ordinal)} }}";
        Finding found = Assert.Single(LengthRules.Functions([MadeUp.File("Edge/A.cs", text)]));
        Assert.Equal(($"Edge/A.cs {name}", lines), (found.What, found.Size));
        Assert.Empty(LengthRules.Functions([MadeUp.File("Edge/A.cs", text.Replace("\n\n\n", "\n", StringComparison.Ordinal))]));
    }

    [Fact]
    public void A_local_function_is_counted_by_itself_and_in_what_it_is_in()
    {
        string text = $"class Test {{ void F() {{ G(); void G() {{{new string('\n', 70)}}} }} }}";
        Assert.Equal(["Edge/A.cs F", "Edge/A.cs G"], LengthRules.Functions([MadeUp.File("Edge/A.cs", text)]).Select(f => f.What));
    }

    [Fact]
    public void A_list_of_values_is_no_function()
    {
        string list = $"[{new string('\n', 100)}]";
        string text = $"class Test {{ int[] X = {list}; int[] Y => {list}; int[] Z {{ get; }} = {list}; }}";
        Assert.Empty(LengthRules.Functions([MadeUp.File("Edge/A.cs", text)]));
    }
}
