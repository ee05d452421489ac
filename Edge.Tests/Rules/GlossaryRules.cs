using System.Text.RegularExpressions;

namespace Edge.Tests.Rules;

/// <summary>The glossary names the type that is the thing: in the last column of its tables, which is headed "type".</summary>
internal static partial class GlossaryRules
{
    /// <returns>Types that are named and not there, each once; and a glossary that names none.</returns>
    internal static IEnumerable<Finding> Unknown(string glossary, IEnumerable<SourceFile> files)
    {
        HashSet<string> types = [.. files.SelectMany(f => f.Types).Select(t => t.Name)];
        bool inTable = false;
        bool any = false;
        foreach (string line in glossary.Split('\n'))
        {
            string[] cells = line.StartsWith('|') ? line.Split('|')[1..^1] : [];
            inTable = cells.Length > 0 && (inTable || cells[^1].Trim() == "type");
            if (inTable)
            {
                foreach (Match match in Quoted().Matches(cells[^1]))
                {
                    any = true;
                    string type = match.Groups["name"].Value;
                    if (types.Add(type))
                    {
                        yield return new Finding(type, $"{cells[0].Trim()}: there is no type {type}");
                    }
                }
            }
        }

        if (!any)
        {
            yield return new Finding("", "The glossary names no type");
        }
    }

    // Of `Type.Member`, the type.
    [GeneratedRegex(@"`(?<name>[A-Z]\w*)[^`]*`")]
    private static partial Regex Quoted();
}
