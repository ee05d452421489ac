namespace Edge.Tests.Rules;

/// <summary>How large a group of files may be in which each knows each other, directly or through others of the group.</summary>
internal static class CycleRules
{
    internal const int FilesAtMost = 5;

    /// <param name="graph">Of the sources.</param>
    /// <param name="names">Paths by which cycles go; one that has none of these goes by its first file.</param>
    internal static IEnumerable<Finding> Broken(ReferenceGraph graph, IReadOnlyCollection<string> names) =>
        from cycle in Cycles.Of(graph.References.Select(r => (r.From.Path, r.To.Path)))
        where cycle.Length > FilesAtMost
        let name = cycle.FirstOrDefault(names.Contains) ?? cycle[0]
        select new Finding(name, $"{cycle.Length} files are one cycle: {string.Join(", ", cycle)}", cycle.Length);
}
