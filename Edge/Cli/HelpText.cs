using Edge.Config;

namespace Edge.Cli;

/// <summary>The texts of <c>edge --help</c>, <c>edge VERB --help</c> and <c>edge help</c>.</summary>
internal static class HelpText
{
    private const string All = "--all";

    // Most terminals have at least this width. The left column takes at most its share.
    private const int LineChars = 100;
    private const int LeftAtMost = 38;

    /// <summary>
    /// The topic of a call for help: "" for the whole, <c>--all</c> for more, a verb, or any other word that was given. Null if the call does not ask
    /// for help.
    /// </summary>
    internal static string? TopicOf(IReadOnlyList<string> arguments)
    {
        string first = arguments.Count > 0 ? arguments[0] : "";
        bool isVerb = first is [not '-', ..];
        if (first == Verbs.Help && !arguments.Contains("--help"))
        {
            return arguments.Count > 1 ? arguments[1] : "";
        }

        return arguments.Any(argument => argument is "--help" or "-h") ? isVerb ? first : arguments.Contains(All) ? All : "" : null;
    }

    /// <summary>Writes the help. Returns the exit code.</summary>
    internal static int Write(string topic, TextWriter output, TextWriter errors)
    {
        if (Verbs.Find(topic) is { } verb)
        {
            WriteVerb(verb, output);
        }
        else if (topic == Verbs.EveryOption)
        {
            WriteOptions(output);
        }
        else if (topic is "" or All)
        {
            WriteShort(output);
            if (topic == All)
            {
                output.WriteLine();
                WriteOptions(output);
            }
        }
        else
        {
            errors.WriteLine($"edge: {Verbs.Unknown(topic)}");
            return ExitCodes.Usage;
        }

        return ExitCodes.Ok;
    }

    private static void WriteShort(TextWriter output)
    {
        output.WriteLine("edge: an HTTP load balancer that owns its replicas");
        output.WriteLine();
        Columns(output, [.. Verbs.All.Select(verb => (Join("edge", verb.Name, verb.Arguments), verb.Description)), ("edge --version", "say which this is")]);
        output.WriteLine();
        output.WriteLine("Serving takes:");
        output.WriteLine();
        Columns(output, [.. Verbs.Serving.Select(Row)]);
        output.WriteLine();
        WriteSources(output);
        WriteExamples(output, Verbs.Examples);
        output.WriteLine();
        output.WriteLine("edge VERB --help says more about a verb, edge help options lists every option.");
    }

    private static void WriteVerb(Verb verb, TextWriter output)
    {
        output.WriteLine($"{Join("edge", verb.Name, verb.Arguments)}: {verb.Description}");
        output.WriteLine();
        if (verb.Details.Length > 0)
        {
            Wrap(verb.Details, LineChars).ForEach(output.WriteLine);
            output.WriteLine();
        }

        VerbOption[] options = [.. verb.Options, .. verb.IsClient ? Verbs.ClientOptions : [], .. verb.TakesOptions ? Verbs.Serving : []];
        if (options.Length > 0)
        {
            Columns(output, [.. options.Select(Row)]);
            output.WriteLine();
        }

        WriteExamples(output, verb.Examples);
    }

    private static void WriteOptions(TextWriter output)
    {
        output.WriteLine("Ends with:");
        output.WriteLine();
        Columns(output, [.. Verbs.ExitStatus.Select(status => ($"{status.Code}", status.When))]);
        output.WriteLine();
        output.WriteLine("Colours are for terminals alone, and for none where NO_COLOR is set.");
        output.WriteLine();
        WriteSources(output);
        Columns(output, [.. OptionsCatalog.All.Select(entry => (
            entry.ShownKey,
            entry.Description + (entry.Default.Length == 0 ? "" : $" [{entry.Default}]") + (entry.Alias is { } alias ? $" Short: {alias.Name}" : "")))]);
    }

    private static void WriteSources(TextWriter output)
    {
        Wrap(
            $"Options come from {OptionSources.MachineFile}, from appsettings.json beside the program and in the current directory, then from the environment "
            + "(EDGE__LISTEN=:80), then from arguments; what comes later counts.", LineChars).ForEach(output.WriteLine);
        output.WriteLine();
    }

    private static void WriteExamples(TextWriter output, IReadOnlyList<string> examples)
    {
        output.WriteLine(examples.Count == 1 ? "Example:" : "Examples:");
        output.WriteLine();
        foreach (string example in examples)
        {
            output.WriteLine($"  {example}");
        }
    }

    private static (string Left, string Right) Row(VerbOption option) => (Join(option.Name, option.Value), option.Description);

    private static string Join(params string[] parts) => string.Join(' ', parts.Where(part => part.Length > 0));

    private static void Columns(TextWriter output, IReadOnlyList<(string Left, string Right)> rows)
    {
        int width = Math.Min(LeftAtMost, rows.Max(row => row.Left.Length));
        foreach ((string left, string right) in rows)
        {
            List<string> lines = Wrap(right, LineChars - width - 4);
            if (left.Length > width)
            {
                // Too long for the left column: on a line of its own.
                output.WriteLine($"  {left}");
            }

            for (int i = 0; i < lines.Count; i++)
            {
                output.WriteLine($"  {(i == 0 && left.Length <= width ? left : "").PadRight(width)}  {lines[i]}");
            }
        }
    }

    private static List<string> Wrap(string text, int chars)
    {
        var lines = new List<string> { "" };
        foreach (string word in text.Split(' '))
        {
            if (lines[^1].Length > 0 && lines[^1].Length + word.Length >= chars)
            {
                lines.Add("");
            }

            lines[^1] += lines[^1].Length == 0 ? word : " " + word;
        }

        return lines;
    }
}
