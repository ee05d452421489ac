namespace Edge.Config;

/// <summary>The options, or everything that is wrong with them.</summary>
/// <param name="Options">Null where there are mistakes.</param>
/// <param name="Mistakes">All of them; none where the options can be used.</param>
internal sealed record LoadedOptions(EdgeOptions? Options, IReadOnlyList<OptionMistake> Mistakes)
{
    /// <summary>The text of each key of the catalog, in its order, as it holds: the default where none is given.</summary>
    internal IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>The keys of the catalog, in its order, to which any source gives a value that is not empty, be it the default.</summary>
    internal IReadOnlyList<string> SetKeys { get; init; } = [];

    /// <summary>The first key that any source gives a value to, of this key and those below it; null where there is none.</summary>
    internal string? FirstSet(string key) =>
        SetKeys.FirstOrDefault(set => set == key || set.StartsWith(key + ":", StringComparison.Ordinal));

    /// <summary>The same for where it comes from: null where nothing is given.</summary>
    internal IReadOnlyList<string?> Origins { get; init; } = [];

    /// <summary>The files that were looked for, the one that counts most last.</summary>
    internal IReadOnlyList<OptionFile> Files { get; init; } = [];

    /// <summary>
    /// Each key with its value, to be shown: of what may be or hold a secret only whether it is set, and of an environment and of labels
    /// their names. Without mistakes.
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

    /// <summary>The keys that have another value in <paramref name="later"/>. Both without mistakes.</summary>
    internal IReadOnlyList<OptionEntry> ChangedIn(LoadedOptions later) =>
        [.. OptionsCatalog.All.Where((entry, i) => !entry.IsSame(Texts[i], later.Texts[i]))];
}
