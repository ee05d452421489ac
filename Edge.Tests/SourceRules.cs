using System.Text.RegularExpressions;

namespace Edge.Tests;

/// <summary>A file of the tree as the rules see it.</summary>
/// <param name="Path">From the root of the checkout, with slashes.</param>
/// <param name="Text">As it is on the disk.</param>
internal sealed record SourceFile(string Path, string Text)
{
    internal string Code { get; } = SourceText.CodeOf(Text);

    /// <summary>The folder below the project, "" for files directly in it.</summary>
    internal string Folder => Path.Split('/') is [_, var folder, _, ..] ? folder : "";

    internal string Project => Path.Split('/')[0];

    internal int Lines => Text.Count(c => c == '\n') + (Text.EndsWith('\n') ? 0 : 1);
}

/// <summary>What the architecture says about the sources. Each rule returns what breaks it, as sentences.</summary>
internal static partial class SourceRules
{
    internal const int LinesAtMost = 400;

    /// <summary>What each folder may know besides itself: folders, or single types of one. "" is what lies directly in Edge/.</summary>
    private static readonly Dictionary<string, string[]> s_mayKnow = new()
    {
        ["Config"] = [],
        ["Http"] = ["Config.Limits"],

        // What data plane and control plane say to each other about the balancer's own paths.
        ["Contract"] = ["Config.Limits"],
        ["Routing"] = ["Telemetry", "Config.Limits"],
        ["Io"] = ["Config.Limits"],
        ["Telemetry"] = ["Config.Limits", "Config.AccessLogFormat"],
        ["Proxy"] = ["Contract", "Http", "Routing", "Io", "Telemetry", "Config"],
        ["Takeover"] = ["Io", "Telemetry"],
        ["BuiltInReplica"] = ["Http", "Io", "Config.Limits"],
        ["Fleet"] = ["Routing", "Telemetry", "Config"],
        ["Control"] = ["Contract", "Fleet", "Routing", "Telemetry", "Config"],
        ["Drivers"] = ["Fleet", "Telemetry", "Config"],

        // The loops' counts are a part of the status that the contract returns and the client prints.
        ["Cli"] = ["Control", "Telemetry.LoopReport", "Config"],

        // Puts all parts together, and none of them knows it.
        ["Hosting"] = ["Config", "Contract", "Http", "Routing", "Io", "Telemetry", "Proxy", "Takeover", "Fleet", "Control", "Drivers", "Cli", "BuiltInReplica", ""],
    };

    private static readonly HashSet<string> s_mayUseConsole = ["", "Cli", "Hosting", "Telemetry", "BuiltInReplica"];

    internal static IEnumerable<string> References(IReadOnlyList<SourceFile> edge)
    {
        ILookup<string, string> types = edge
            .SelectMany(f => Declarations().Matches(f.Code).Select(m => (f.Folder, Type: m.Groups["name"].Value)))
            .ToLookup(d => d.Folder, d => d.Type);
        return edge.Where(f => f.Folder.Length > 0).SelectMany(f => References(f, types));
    }

    internal static IEnumerable<string> FileLengths(IEnumerable<SourceFile> files) =>
        files.Where(f => f.Lines > LinesAtMost).Select(f => $"{f.Path} has {f.Lines} lines");

    internal static IEnumerable<string> Namespaces(IEnumerable<SourceFile> files) =>
        files.Where(f => !FileNamespaces().Matches(f.Code).Select(m => m.Groups["name"].Value).SequenceEqual([NamespaceOf(f)]) || BlockNamespaces().IsMatch(f.Code))
            .Select(f => $"{f.Path} does not have the one namespace {NamespaceOf(f)}, for the file");

    internal static IEnumerable<string> Sleeps(IEnumerable<SourceFile> files) =>
        files.Where(f => Sleep().IsMatch(f.Code)).Select(f => $"{f.Path} sleeps");

    /// <param name="files">Of the tests.</param>
    /// <param name="allowed">Paths of those that may wait for time to pass.</param>
    internal static IEnumerable<string> Delays(IEnumerable<SourceFile> files, IEnumerable<string> allowed)
    {
        string[] found = [.. files.Where(f => Delay().IsMatch(f.Code)).Select(f => f.Path)];
        return found.Except(allowed).Select(p => $"{p} waits for time to pass")
            .Concat(allowed.Except(found).Select(p => $"{p} needs no exception any more"));
    }

    internal static IEnumerable<string> Consoles(IEnumerable<SourceFile> edge) =>
        edge.Where(f => !s_mayUseConsole.Contains(f.Folder) && UseOfConsole().IsMatch(f.Code)).Select(f => $"{f.Path} uses the console");

    private static IEnumerable<string> References(SourceFile file, ILookup<string, string> types)
    {
        if (!s_mayKnow.TryGetValue(file.Folder, out string[]? allowed))
        {
            return [$"{file.Path}: nothing is said about what {file.Folder} may know"];
        }

        var mistakes = new List<string>();
        string code = file.Code;
        if (GlobalUsing().IsMatch(code))
        {
            mistakes.Add($"{file.Path} has a global using");
        }

        foreach (string folder in types.Select(g => g.Key).Append("").Distinct().Where(f => f != file.Folder && !allowed.Contains(f)))
        {
            string[] exempt = [.. allowed.Where(a => a.StartsWith(folder + ".", StringComparison.Ordinal)).Select(a => a[(folder.Length + 1)..])];
            string[] forbidden = [.. types[folder].Except(exempt)];
            if (folder.Length == 0)
            {
                // Visible without a using; only as a type, since members may well be called the same.
                Find(forbidden, @"(?<![\w.])(?:new\s+(?<type>{0})\b|(?<type>{0})\s*\.|Edge\s*\.\s*(?<type>{0})\b)");
                continue;
            }

            // Edge.Folder, wherever: without a type after it, the whole namespace.
            foreach (Match match in Regex.Matches(code, $@"\bEdge\s*\.\s*{folder}\b(?:\s*\.\s*(?<type>\w+))?"))
            {
                string type = match.Groups["type"].Value;
                if (exempt.Length == 0 || (type.Length > 0 && !exempt.Contains(type)))
                {
                    Add(folder, type);
                }
            }

            // Folder.Type, which resolves from inside Edge. A member called like a folder has no such type behind it.
            Find(forbidden, $@"(?<![\w.]){folder}\s*\.\s*(?<type>{{0}})\b");
            if (Regex.IsMatch(code, $@"\busing\s+Edge\.{folder}\s*;"))
            {
                Find(forbidden, @"(?<![\w.])(?<type>{0})\b");
            }

            void Find(string[] names, string pattern)
            {
                if (names.Length > 0)
                {
                    foreach (Match match in Regex.Matches(code, pattern.Replace("{0}", $"(?:{string.Join('|', names)})", StringComparison.Ordinal)))
                    {
                        Add(folder, match.Groups["type"].Value);
                    }
                }
            }
        }

        return mistakes.Distinct();

        void Add(string folder, string type) =>
            mistakes.Add($"{file.Path} knows {string.Join('.', new[] { folder, type }.Where(p => p.Length > 0))}");
    }

    // Folders below the first are for readers: their files share its namespace.
    private static string NamespaceOf(SourceFile file) => file.Folder.Length == 0 ? file.Project : $"{file.Project}.{file.Folder}";

    [GeneratedRegex(@"\b(?:class|struct|record|interface|enum)\s+(?!class\b|struct\b)(?<name>[A-Z]\w*)")]
    private static partial Regex Declarations();

    [GeneratedRegex(@"^namespace\s+(?<name>[\w.]+)\s*;", RegexOptions.Multiline)]
    private static partial Regex FileNamespaces();

    [GeneratedRegex(@"\bnamespace\s+[\w.]+\s*\{")]
    private static partial Regex BlockNamespaces();

    [GeneratedRegex(@"\bglobal\s+using\b")]
    private static partial Regex GlobalUsing();

    [GeneratedRegex(@"\bThread\s*\.\s*Sleep\b")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\bTask\s*\.\s*Delay\b")]
    private static partial Regex Delay();

    [GeneratedRegex(@"(?<![\w.])(?:System\s*\.\s*)?Console\s*\.")]
    private static partial Regex UseOfConsole();
}
