using System.Text.RegularExpressions;
using Edge.Tests.Backends;

namespace Edge.Tests.Docker;

/// <summary>
/// A fenced block of a page that a reader would copy, or compare with what he sees. A comment before it names the walk that it belongs to and
/// what it is: <c>test: WALK</c>, or several with spaces, then separated by commas
/// <list type="bullet">
/// <item><c>file NAME</c>: the file of this name holds it;</item>
/// <item><c>serves</c>: it is a command that runs until it is ended;</item>
/// <item><c>looks</c>: it changes nothing, and a reader would run it again until he sees what the page shows;</item>
/// <item><c>loads</c>: it makes requests until one fails;</item>
/// <item><c>loaded</c>: no request may fail while it runs;</item>
/// <item><c>fails</c>: it ends with 1;</item>
/// <item><c>ended</c>: what serves is ended before, by Ctrl-C;</item>
/// <item><c>prints</c>: it is what the block before has printed, from its first line on.</item>
/// </list>
/// </summary>
/// <param name="Page">Its path in the repository.</param>
/// <param name="Line">Of the page, where the comment is.</param>
/// <param name="Walks">Which it belongs to.</param>
/// <param name="Traits">What else the comment says.</param>
/// <param name="Text">What is between the fences.</param>
internal sealed partial record PageBlock(string Page, int Line, string[] Walks, string[] Traits, string Text)
{
    private const string FileTrait = "file ";
    private const string AnyText = "…";

    private static readonly string[] s_traits = ["serves", "looks", "loads", "loaded", "fails", "ended", "prints"];

    /// <summary>The name of the file that holds it; null where it is no file.</summary>
    internal string? File => Traits.FirstOrDefault(t => t.StartsWith(FileTrait, StringComparison.Ordinal))?[FileTrait.Length..];

    internal bool Is(string trait) => Traits.Contains(trait);

    /// <summary>
    /// All blocks of a page that a test runs or compares, in order. Fails if a comment has no block behind it, or is not one of the known ones.
    /// </summary>
    internal static PageBlock[] ReadAll(string page)
    {
        string text = Repository.Read(page);
        PageBlock[] blocks =
        [
            .. Block().Matches(text).Select(m => new PageBlock(
                page,
                text[..m.Index].Count(c => c == '\n') + 1,
                m.Groups["walks"].Value.Split(' '),
                [.. m.Groups["traits"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
                m.Groups["text"].Value)),
        ];
        Assert.Equal(text.Split("<!-- test:").Length - 1, blocks.Length);
        Assert.All(blocks, b => Assert.All(b.Traits, t => Assert.True(s_traits.Contains(t) || t.StartsWith(FileTrait, StringComparison.Ordinal), $"{b}: {t}")));
        return blocks;
    }

    /// <summary>Whether this is what a command printed: … stands for anything, alone on a line for lines; between words there is any space.</summary>
    internal bool Matches(string output)
    {
        IEnumerable<string> lines = Text.Split('\n').Select(line => line.Trim() == AnyText ? @"(?:.*\n)*?" : PatternOf(line) + @"[^\S\n]*\n");
        return Regex.IsMatch(output.ReplaceLineEndings("\n").TrimEnd('\n') + "\n", @"\A" + string.Concat(lines));
    }

    public override string ToString() => $"{Page}:{Line}";

    private static string PatternOf(string line) =>
        string.Join(@"[^\S\n]+", line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => Regex.Escape(word).Replace(AnyText, ".*", StringComparison.Ordinal)));

    [GeneratedRegex(@"^<!-- test: (?<walks>[\w ]+)(?:, (?<traits>[^\n]*?))? -->\n```\w+\n(?<text>.*?)\n```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();
}
