namespace Edge.Tests.Rules;

/// <summary>The sources in figures, by the same rules that the tests hold: how easily a reader finds the way.</summary>
internal static class CodeMap
{
    private const int Hubs = 5;

    /// <param name="root">Folder of a checkout.</param>
    /// <returns>What is counted, and how much of it there is.</returns>
    internal static IEnumerable<(string What, string HowMuch)> Of(string root)
    {
        SourceFile[] edge = SourceTree.Read(root, "Edge");
        SourceFile[] tests = SourceTree.Read(root, "Edge.Tests");
        ReferenceGraph graph = ReferenceGraph.Of(edge);
        yield return ("files of Edge", $"{edge.Length}");
        yield return ("files directly in each folder", Folders(edge));
        yield return ("cycles of files", Sizes(Cycles.Of(graph.References.Select(r => (r.From.Path, r.To.Path)))));
        yield return ("cycles of folders", Sizes(Cycles.Of(graph.References.Select(r => (r.From.Folder, r.To.Folder)))));
        yield return ("files known by the hubs", FanOut(graph));
        (int types, int own) = TypeRules.InFilesOfTheirOwn(edge);
        yield return ("types in files of their own", $"{own} of {types} ({100.0 * own / types:0} %)");
        yield return ("longest file", Longest(edge.Select(f => new Finding(f.Path, "", f.Lines.Length))));
        yield return ("longest function", Longest(edge.SelectMany(LengthRules.FunctionsOf)));
        yield return ("longest function of the tests", Longest(tests.SelectMany(LengthRules.FunctionsOf)));
        yield return ($"lines over {LengthRules.ColumnsAtMost} columns", $"{LengthRules.Lines(edge).Sum(f => f.Size)}");
        yield return ($"lines over {LengthRules.ColumnsAtMost} columns in the tests", $"{LengthRules.Lines(tests).Sum(f => f.Size)}");
        yield return ("files outside Io that are unsafe", $"{CodeRules.Unsafe(edge).Count()}");
    }

    private static string Folders(IEnumerable<SourceFile> files) => string.Join(", ", files
        .GroupBy(f => f.Folder.Length == 0 ? "Edge" : f.Folder)
        .OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal)
        .Select(g => $"{g.Key} {g.Count()}"));

    private static string Sizes(string[][] cycles) => cycles.Length == 0 ? "none" : string.Join(", ", cycles.Select(c => c.Length));

    private static string FanOut(ReferenceGraph graph) => string.Join(", ", graph.References
        .GroupBy(r => r.From)
        .Select(g => (g.Key.Name, Known: g.Select(r => r.To).Distinct().Count()))
        .OrderByDescending(h => h.Known).ThenBy(h => h.Name, StringComparer.Ordinal)
        .Take(Hubs)
        .Select(h => $"{h.Name} {h.Known}"));

    private static string Longest(IEnumerable<Finding> found)
    {
        Finding longest = found.MaxBy(f => f.Size);
        return $"{longest.Size} lines ({longest.What.Split('/')[^1]})";
    }
}
