namespace Edge.Tests.Rules;

public sealed class CodeMapTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("edge-map");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void The_map_counts_what_is_in_a_checkout()
    {
        Write("Edge/Program.cs", "class Program { A X; }");
        Write("Edge/Io/A.cs", "class A { B X; }\n");
        Write("Edge/Proxy/B.cs", $"class B {{ A X; C Y; }} unsafe class C {{\n void F() {{\n\n }} }}\n// {new string('x', 160)}\n");
        Write("Edge/obj/Made.cs", "class Made;");
        Write("Edge.Tests/T.cs", "class T { void G() { } }");
        Assert.Equal(
            [
                ("files of Edge", "3"),
                ("files directly in each folder", "Edge 1, Io 1, Proxy 1"),
                ("cycles of files", "2"),
                ("cycles of folders", "2"),
                ("files known by the hubs", "A 1, B 1, Program 1"),
                ("types in files of their own", "2 of 4 (50 %)"),
                ("longest file", "5 lines (B.cs)"),
                ("longest function", "3 lines (B.cs F)"),
                ("longest function of the tests", "1 lines (T.cs G)"),
                ("lines over 160 columns", "1"),
                ("lines over 160 columns in the tests", "0"),
                ("files outside Io that are unsafe", "1"),
            ],
            CodeMap.Of(_root.FullName));
    }

    private void Write(string path, string text)
    {
        string file = Path.Combine(_root.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
