namespace Edge.Config;

/// <summary>The options of one service beside the default one, as they were read.</summary>
/// <param name="Options">Without mistakes.</param>
/// <param name="Texts">The present text of each of <see cref="ServiceCatalog.OfServices"/>; the default if no source gives one.</param>
/// <param name="Origins">The sources of the texts: null where no source gives one for this service.</param>
internal sealed record LoadedService(NamedServiceOptions Options, IReadOnlyList<string> Texts, IReadOnlyList<string?> Origins)
{
    internal string Name => Options.Name;

    /// <summary>The key of one of its options.</summary>
    internal string KeyOf(OptionEntry entry) => ServiceCatalog.KeyOf(Name, entry.Key);

    /// <summary>Each key that a source gives for this service, with its value in the form that may be shown, and the source.</summary>
    internal IEnumerable<(string Key, string Shown, string Origin)> Shown() =>
        ServiceCatalog.OfServices.Zip(Texts, Origins).Where(option => option.Third is not null)
            .Select(option => (KeyOf(option.First), LoadedOptions.Show(option.First, option.Second), option.Third!));

    /// <summary>Its options that have another value in <paramref name="later"/>.</summary>
    internal IEnumerable<OptionEntry> ChangedIn(LoadedService later) =>
        ServiceCatalog.OfServices.Where((entry, i) => !entry.IsSame(Texts[i], later.Texts[i]));
}
