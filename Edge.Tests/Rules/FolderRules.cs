using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Edge.Tests.Rules;

/// <summary>Holds references between files against the rules on folders.</summary>
internal static class FolderRules
{
    /// <returns>What knows more than it may, as "Folder → Folder.Type"; folders without a rule; usings of what a folder may not know.</returns>
    internal static IEnumerable<Finding> Broken(ReferenceGraph graph, IReadOnlyList<FolderRule> rules)
    {
        foreach (string folder in graph.Files.Select(NameOf).Distinct().Where(f => rules.All(r => r.Folder != f)))
        {
            yield return new Finding(folder, $"nothing is said about what {folder} may know");
        }

        foreach (var known in graph.References.GroupBy(r => (From: NameOf(r.From), To: NameOf(r.To), r.Type)))
        {
            (string from, string to, string type) = known.Key;
            if (from != to && rules.FirstOrDefault(r => r.Folder == from) is { } rule && !rule.Allows(to, type))
            {
                string who = string.Join(", ", known.Select(r => r.From.Path).Distinct());
                yield return new Finding($"{from} → {to}.{type}", $"{who}: {from} may not know {to}.{type}");
            }
        }

        foreach (SourceFile file in graph.Files)
        {
            if (rules.FirstOrDefault(r => r.Folder == NameOf(file)) is { } rule)
            {
                foreach (string folder in Usings(file).Where(u => u != file.TopFolder && !rule.MayKnow.Any(m => TopOf(m) == u || m == "*")))
                {
                    yield return new Finding($"{file.Path} using {folder}", $"{file.Path} has a using of {folder}, which it may not know");
                }
            }
        }
    }

    /// <returns>Rules that name what is not there, that are there twice, or that lead back to where they start.</returns>
    internal static IEnumerable<string> Wrong(IReadOnlyList<FolderRule> rules, IReadOnlyList<SourceFile> files)
    {
        string[] folders = [.. files.Select(NameOf).Distinct()];
        HashSet<string> types = [.. files.SelectMany(f => f.Types.Select(t => $"{NameOf(f)}.{t.Name}"))];
        foreach (FolderRule rule in rules)
        {
            if (!folders.Contains(rule.Folder))
            {
                yield return $"There is no folder {rule.Folder}";
            }

            foreach (string known in rule.MayKnow.Where(m => !types.Contains(m) && !folders.Any(f => FolderRule.Matches(m, f, ""))))
            {
                yield return $"{rule.Folder} may know {known}, which is not there";
            }
        }

        foreach (string twice in rules.GroupBy(r => r.Folder).Where(g => g.Count() > 1).Select(g => g.Key))
        {
            yield return $"{twice} has two rules";
        }

        IEnumerable<(string, string)> edges = from rule in rules
                                              from folder in folders
                                              where folder != rule.Folder && rule.MayKnow.Any(m => FolderRule.Matches(m, folder, ""))
                                              select (rule.Folder, folder);
        foreach (string[] cycle in Cycles.Of(edges))
        {
            yield return $"The rules are a circle: {string.Join(", ", cycle)}";
        }
    }

    /// <returns>The lines of the table that docs/architecture.md has.</returns>
    internal static IEnumerable<string> Table(IEnumerable<FolderRule> rules) =>
    [
        "| folder | may know, besides itself |",
        "|---|---|",
        .. rules.Select(r => $"| {Say(r.Folder)} | {(r.MayKnow.Length == 0 ? "nothing" : string.Join(", ", r.MayKnow.Select(Say)))} |"),
    ];

    /// <returns>The folder as the rules call it: "." for the project itself.</returns>
    private static string NameOf(SourceFile file) => file.Folder.Length == 0 ? "." : file.Folder;

    private static string Say(string name) => name switch
    {
        "." => "files directly in Edge/",
        "*" => "every folder",
        _ => $"`{name}`",
    };

    private static string TopOf(string pattern) => pattern.Split('/', '.')[0];

    // Without a type that is named, a using can still bring in extension methods.
    private static IEnumerable<string> Usings(SourceFile file) =>
        from directive in file.Root.DescendantNodes(n => n is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax).OfType<UsingDirectiveSyntax>()
        where directive.Alias is null && !directive.StaticKeyword.IsKind(SyntaxKind.StaticKeyword)
        let parts = directive.NamespaceOrType.ToString().Split('.')
        where parts is [var project, _, ..] && project == file.Project
        select parts[1];
}
