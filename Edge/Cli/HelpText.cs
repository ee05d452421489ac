using Edge.Options;

namespace Edge.Cli;

/// <summary>What <c>edge --help</c> prints.</summary>
internal static class HelpText
{
    internal static void Write(TextWriter output)
    {
        output.WriteLine("edge: an HTTP load balancer that owns its replicas");
        output.WriteLine();
        (string Call, string Description)[] calls =
        [
            .. Verbs.All.Select(verb => (Join("edge", verb.Name, verb.Arguments), verb.Description)),
            ("edge --help | --version", ""),
        ];
        Columns(output, calls);
        output.WriteLine();
        output.WriteLine("Verbs that call a balancer take:");
        output.WriteLine();
        Columns(output, [.. Verbs.ClientOptions.Select(option => (Join(option.Option, option.Value), option.Description))]);
        output.WriteLine();
        output.WriteLine("Ends with:");
        output.WriteLine();
        Columns(output, [.. Verbs.ExitStatus.Select(status => ($"{status.Code}", status.When))]);
        output.WriteLine();
        output.WriteLine("Colours are for terminals alone, and for none where NO_COLOR is set.");
        output.WriteLine();
        output.WriteLine("Options, from appsettings.json, then the environment, then the arguments:");
        output.WriteLine();
        Columns(output, [.. OptionsCatalog.All.Select(entry => (entry.ShownKey, entry.Description + (entry.Default.Length == 0 ? "" : $" [{entry.Default}]")))]);
    }

    private static string Join(params string[] parts) => string.Join(' ', parts.Where(part => part.Length > 0));

    private static void Columns(TextWriter output, IReadOnlyList<(string Left, string Right)> rows)
    {
        int width = rows.Max(row => row.Left.Length);
        foreach ((string left, string right) in rows)
        {
            output.WriteLine($"  {left.PadRight(width)}  {right}".TrimEnd());
        }
    }
}
