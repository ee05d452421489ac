using Edge.Tests.Backends;

namespace Edge.Tests;

/// <summary>The form of docs/glossary.md; <see cref="ArchitectureTests"/> compares its types with the sources.</summary>
public class GlossaryTests
{
    private static readonly string[][] s_rows =
        [.. Repository.Read("docs/glossary.md").Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(Cells)];

    [Fact]
    public void Each_word_is_explained_once()
    {
        string[] terms = [.. s_rows.Where(row => row.Length == 4 && row[0] != "term").SelectMany(row => row[0].Split(", "))];
        Assert.True(terms.Length > 80, $"{terms.Length} terms");
        Assert.Equal(terms.Distinct(StringComparer.OrdinalIgnoreCase), terms);
    }

    [Fact]
    public void Each_behaviour_has_a_type_that_decides_it()
    {
        string[][] behaviours = [.. s_rows.Where(row => row.Length == 2 && row[0] != "behaviour")];
        Assert.Equal(20, behaviours.Length);
        Assert.All(behaviours, row => Assert.Contains('`', row[1]));
    }

    [Fact]
    public void Each_row_is_whole() =>
        Assert.All(s_rows, row => Assert.True(row.Length is 2 or 4 && row.All(cell => cell.Length > 0), string.Join(" | ", row)));

    private static string[] Cells(string row) => [.. row.Trim('|', ' ').Split(" | ").Select(cell => cell.Trim())];
}
