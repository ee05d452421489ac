namespace Edge.Config;

/// <summary>A section of the configuration in which options are looked for.</summary>
/// <param name="Path">Of the section, as the sources write it.</param>
/// <param name="Shown">The same as messages write it.</param>
/// <param name="Entries">The options below it; their keys have <c>Edge</c> in its place.</param>
internal readonly record struct OptionPlace(string Path, string Shown, IReadOnlyList<OptionEntry> Entries)
{
    /// <summary>The key of a path below the section, as the entries have it.</summary>
    internal string KeyOf(string path) => "Edge" + path[Path.Length..];

    /// <summary>A key of the entries as messages write it.</summary>
    internal string Show(string key) => Shown + key["Edge".Length..];
}
