using System.Text.RegularExpressions;
using Edge.Tests.Backends;

namespace Edge.Tests;

/// <summary>Compares docs/glossary.md with the sources.</summary>
public partial class GlossaryTests
{
    private static readonly string s_page = Repository.Read("docs/glossary.md");

    private static readonly string[][] s_rows = [.. s_page.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(Cells)];
    // Words whose types are being written: the table has them already, so that the types get these names.
    private static readonly string[] s_coming = ["ClientStream", "UpstreamStream", "Service", "ServiceState", "RoutingTable", "SlotAllocator"];

    private static readonly string[][] s_terms = [.. s_rows.Where(row => row.Length == 4 && row[0] != "term")];
    private static readonly string[][] s_behaviours = [.. s_rows.Where(row => row.Length == 2 && row[0] != "behaviour")];

    [Fact]
    public void Each_word_is_explained_once()
    {
        Assert.True(s_terms.Length > 80, $"{s_terms.Length} terms");
        Assert.All(s_rows, row => Assert.True(row.Length is 2 or 4 && row.All(cell => cell.Length > 0), string.Join(" | ", row)));
        string[] terms = [.. s_terms.SelectMany(row => row[0].Split(", "))];
        Assert.Equal(terms.Distinct(StringComparer.OrdinalIgnoreCase), terms);
    }

    [Fact]
    public void Each_type_that_the_glossary_names_has_a_file_of_that_name()
    {
        string folder = Path.Combine(Repository.Root, "Edge");
        string[] files = [.. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Select(f => Path.GetFileNameWithoutExtension(f)!)];
        Assert.Equal(20, s_behaviours.Length);
        string[] named =
        [
            .. s_terms.Concat(s_behaviours).SelectMany(row => Name().Matches(row[^1]).Select(match => match.Groups[1].Value)),
            .. TwoWords().Matches(s_page.Split("```")[1]).Select(match => match.Value),
        ];
        Assert.True(named.Length > 100, $"{named.Length} names");
        Assert.Empty(named.Except(files).Except(s_coming));
    }

    private static string[] Cells(string row) => [.. row.Trim('|', ' ').Split(" | ").Select(cell => cell.Trim())];

    [GeneratedRegex("`([A-Za-z]+)`")]
    private static partial Regex Name();

    // In the tree at the top, where words of one capital may be words of the text.
    [GeneratedRegex("I?[A-Z][a-z]+[A-Z][A-Za-z]+")]
    private static partial Regex TwoWords();
}
