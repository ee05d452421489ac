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

    /// <summary>The services beside the default one.</summary>
    internal IReadOnlyList<LoadedService> Services { get; init; } = [];

    /// <summary>The files that were looked for; the last one counts most.</summary>
    internal IReadOnlyList<OptionFile> Files { get; init; } = [];

    /// <summary>
    /// Each key with its value, in the form that may be shown: for a value that may be a secret only whether it is set, for an environment and for
    /// labels only the names. Of services those that a source gives. Without mistakes.
    /// </summary>
    internal IReadOnlyDictionary<string, string> Shown() => OptionsCatalog.All.Zip(Texts, (entry, text) => (entry.Key, Shown: Show(entry, text)))
        .Concat(Services.SelectMany(service => service.Shown()).Select(option => (option.Key, option.Shown)))
        .ToDictionary(option => option.Key, option => option.Shown);

    internal static string Show(OptionEntry entry, string text) => entry switch
    {
        { IsSecret: true } or { Shows: OptionShows.WhetherSet } => text.Length > 0 ? "set" : "unset",
        { Shows: OptionShows.Names } => string.Join(", ", text.Split('\n').Select(item => item.Split('=')[0])),
        { IsList: true } => text.Replace("\n", ", ", StringComparison.Ordinal),
        _ => text,
    };

    /// <summary>The keys of services that have another value in <paramref name="later"/>, and the sections of services that only one of both has.</summary>
    internal IEnumerable<string> ServicesChangedIn(LoadedOptions later) =>
        Services.Select(service => service.Name).Union(later.Services.Select(service => service.Name)).Order(StringComparer.Ordinal).SelectMany(name =>
            Service(name) is { } was && later.Service(name) is { } now
                ? was.ChangedIn(now).Select(was.KeyOf) : [ServiceCatalog.KeyOf(name, "Edge")]);

    /// <summary>The keys of services that have another value in <paramref name="later"/>, and cannot change while the service is there.</summary>
    internal IEnumerable<string> ServicesStuckIn(LoadedOptions later) =>
        from was in Services
        let now = later.Service(was.Name)
        where now is not null
        from entry in was.ChangedIn(now)
        where !entry.IsReloadable
        select was.KeyOf(entry);

    private LoadedService? Service(string name) => Services.FirstOrDefault(service => service.Name == name);

    /// <summary>The keys that have another value in <paramref name="later"/>. Neither has mistakes.</summary>
    internal IReadOnlyList<OptionEntry> ChangedIn(LoadedOptions later) =>
        [.. OptionsCatalog.All.Where((entry, i) => !entry.IsSame(Texts[i], later.Texts[i]))];
}
