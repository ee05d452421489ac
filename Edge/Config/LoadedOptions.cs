namespace Edge.Config;

/// <summary>The options, or all mistakes in them.</summary>
/// <param name="Options">Null if there are mistakes.</param>
/// <param name="Mistakes">All mistakes; none if the options can be used.</param>
internal sealed record LoadedOptions(EdgeOptions? Options, IReadOnlyList<OptionMistake> Mistakes)
{
    /// <summary>The present text of each key, in the order of the catalog; the default if no source gives one.</summary>
    internal IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>The keys to which any source gives a value that is not empty, even if it is the default; in the order of the catalog.</summary>
    internal IReadOnlyList<string> SetKeys { get; init; } = [];

    /// <summary>The first key with a value from any source, among this key and those below it; null if there is none.</summary>
    internal string? FirstSet(string key) =>
        SetKeys.FirstOrDefault(set => set == key || set.StartsWith(key + ":", StringComparison.Ordinal));

    /// <summary>The sources of the texts: null if no source gives one.</summary>
    internal IReadOnlyList<string?> Origins { get; init; } = [];

    /// <summary>The files that were looked for; the last one counts most.</summary>
    internal IReadOnlyList<OptionFile> Files { get; init; } = [];

    /// <summary>
    /// Each key with its value, in the form that may be shown: for a value that may be a secret only whether it is set, for an environment and for
    /// labels only the names. Without mistakes.
    /// </summary>
    internal IReadOnlyDictionary<string, string> Shown() => OptionsCatalog.All.Zip(Texts).ToDictionary(
        option => option.First.Key,
        option => option.First switch
        {
            { IsSecret: true } or { Shows: OptionShows.WhetherSet } => option.Second.Length > 0 ? "set" : "unset",
            { Shows: OptionShows.Names } => string.Join(", ", option.Second.Split('\n').Select(item => item.Split('=')[0])),
            { IsList: true } => option.Second.Replace("\n", ", ", StringComparison.Ordinal),
            _ => option.Second,
        });

    /// <summary>The keys that have another value in <paramref name="later"/>. Neither has mistakes.</summary>
    internal IReadOnlyList<OptionEntry> ChangedIn(LoadedOptions later) =>
        [.. OptionsCatalog.All.Where((entry, i) => !entry.IsSame(Texts[i], later.Texts[i]))];
}
