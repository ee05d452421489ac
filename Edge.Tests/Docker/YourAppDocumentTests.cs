using System.Text.RegularExpressions;
using Edge.Config;
using Edge.Drivers;
using Edge.Tests.Backends;

namespace Edge.Tests.Docker;

/// <summary>What docs/your-app.md names is there: messages, options, labels. No engine is needed for these.</summary>
public sealed partial class YourAppDocumentTests
{
    private static readonly string s_page = Repository.Read("docs/your-app.md");

    [Fact]
    public void Each_message_that_the_page_explains_is_in_the_sources()
    {
        string sources = string.Concat(Directory.GetFiles(Path.Combine(Repository.Root, "Edge"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).Select(File.ReadAllText));
        string[] rows = [.. s_page[s_page.IndexOf("\n| message |", StringComparison.Ordinal)..].Split('\n').Skip(3).TakeWhile(l => l.StartsWith('|'))];
        Assert.True(rows.Length > 20, $"{rows.Length} rows");
        string[] quoted = [.. rows.SelectMany(row => Code().Matches(row.Split('|')[1]).Select(m => m.Groups[1].Value))];
        Assert.All(rows, row => Assert.Matches(Code(), row.Split('|')[1]));
        string[] unknown = [.. quoted.Where(words => !sources.Contains(words, StringComparison.Ordinal))];
        Assert.Empty(unknown);
    }

    [Theory]
    [InlineData("docs/your-app.md")]
    [InlineData("README.md")]
    public void Each_option_that_a_page_names_is_in_the_catalog(string page)
    {
        string text = Repository.Read(page);
        string[] keys =
        [
            .. Key().Matches(text).Select(m => m.Value),
            .. Variable().Matches(text).Select(m => m.Value.Replace("__", ":", StringComparison.Ordinal)),
        ];
        Assert.True(keys.Length > 3, $"{keys.Length} keys");
        Assert.Empty(keys.Where(key => !OptionsCatalog.All.Any(o => key.Equals(o.Key, StringComparison.OrdinalIgnoreCase))).Distinct());
    }

    [Fact]
    public void Each_label_that_the_page_names_is_one_that_is_read()
    {
        string[] known =
        [
            ContainerLabels.Fleet, ContainerLabels.Port, ContainerLabels.Weight, ContainerLabels.Health, ContainerLabels.Host, ContainerLabels.Path,
            ContainerLabels.Strip, ContainerLabels.Scheme, ContainerLabels.Redirect, ContainerLabels.Sticky,
        ];
        string[] named = [.. Label().Matches(s_page).Select(m => m.Groups[1].Value).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(known.Order(StringComparer.Ordinal), named);
    }

    [Theory]
    [InlineData("docs/your-app.md", "sudo install -m 755 dist/edge /usr/local/bin/edge")]
    [InlineData("README.md", null)]
    public void Each_command_of_these_pages_is_run_by_a_test_but_for_the_one_that_changes_the_machine(string page, string? exception)
    {
        string text = Repository.Read(page);
        string section = page == "README.md"
            ? text[text.IndexOf("\n## Your own app", StringComparison.Ordinal)..text.IndexOf("\n## The walk", StringComparison.Ordinal)] : text;
        string[] alone = [.. Fence().Matches(section).Where(m => !m.Groups["comment"].Success).Select(m => m.Groups["text"].Value)];
        Assert.Equal(exception is null ? [] : [exception], alone);
        Assert.NotEmpty(PageBlock.ReadAll(page));
    }

    [Theory]
    [InlineData("a\n…\nd …", "a\nb\nc\nd e f\ng", true)]
    [InlineData("a\n…\nd …", "a\nd e", true)]
    [InlineData("a  b", "a    b  ", true)]
    [InlineData("a\nb", "a\nc\nb", false)]
    [InlineData("b", "a\nb", false)]
    [InlineData("3 of 3", "2 of 3", false)]
    [InlineData("a…:3000 …", "b 10.0.0.1:3000 x", false)]
    [InlineData("a …:3000 …", "a 10.0.0.1:3000 x", true)]
    public void What_a_page_shows_is_compared_line_by_line(string shown, string printed, bool matches) =>
        Assert.Equal(matches, new PageBlock("page", 1, ["walk"], [], shown).Matches(printed));

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\bEdge(?::[A-Z][A-Za-z0-9]+)+")]
    private static partial Regex Key();

    [GeneratedRegex(@"\bEDGE(?:__[A-Z0-9]+)+")]
    private static partial Regex Variable();

    [GeneratedRegex(@"(?<![\w/])(edge\.(?!json|service|cs|sock)[a-z]+)\b")]
    private static partial Regex Label();

    [GeneratedRegex(@"^(?<comment><!-- test: [^\n]*\n)?```\w+\n(?<text>.*?)\n```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();
}
