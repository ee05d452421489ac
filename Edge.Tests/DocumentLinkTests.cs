using System.Text.RegularExpressions;
using Edge.Tests.Backends;

namespace Edge.Tests;

/// <summary>Follows the links of the documents within the repository.</summary>
public partial class DocumentLinkTests
{
    private static readonly string[] s_pages =
    [
        "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "loadtests/README.md", "loadtests/peers/README.md",
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md").Select(file => $"docs/{Path.GetFileName(file)}"),
    ];

    [Fact]
    public void Each_link_leads_to_a_file_and_to_a_heading_that_exist()
    {
        (string Page, string Target)[] links =
        [
            .. s_pages.SelectMany(page => Link().Matches(Fence().Replace(Repository.Read(page), "")).Select(match => (page, match.Groups["target"].Value)))
                .Where(link => !link.Value.StartsWith("http", StringComparison.Ordinal)),
        ];
        Assert.True(links.Length > 100, $"{links.Length} links");
        Assert.DoesNotContain(links, link => !Leads(link.Page, link.Target));
    }

    [Theory]
    [InlineData("README.md", "docs/glossary.md", true)]
    [InlineData("README.md", "docs/glossary.md#where-it-happens", true)]
    [InlineData("README.md", "docs/glossary.md#where-it-does-not", false)]
    [InlineData("docs/api.md", "../README.md#the-rest-contract", true)]
    [InlineData("docs/api.md", "nowhere.md", false)]
    public void A_link_that_leads_nowhere_is_found(string page, string target, bool leads) => Assert.Equal(leads, Leads(page, target));

    private static bool Leads(string page, string target)
    {
        string[] parts = target.Split('#');
        string folder = Path.Combine(Repository.Root, Path.GetDirectoryName(page)!);
        string file = parts[0].Length == 0 ? page : Path.GetRelativePath(Repository.Root, Path.Combine(folder, parts[0]));
        if (!Path.Exists(Path.Combine(Repository.Root, file)))
        {
            return false;
        }

        return parts.Length == 1 || !file.EndsWith(".md", StringComparison.Ordinal)
            || Heading().Matches(Fence().Replace(Repository.Read(file), "")).Any(heading => AnchorOf(heading.Groups["text"].Value) == parts[1]);
    }

    // As GitHub makes them: lower case, hyphens for spaces, everything else but letters, digits, hyphens and underscores left out.
    private static string AnchorOf(string heading) =>
        new([.. heading.Trim().ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_').Select(c => c == ' ' ? '-' : c)]);

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
