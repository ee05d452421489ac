using System.Globalization;

namespace Edge.Config;

/// <summary>One key that can be set.</summary>
/// <param name="Key">With colons, as in the configuration; for a list, the key of the list.</param>
/// <param name="Kind">What sort of value it is, in a word.</param>
/// <param name="Read">The text of its value in some options; the items of a list on a line each.</param>
/// <param name="Allowed">What a reader may write, for messages and for the documentation.</param>
/// <param name="Description">What it does.</param>
/// <param name="Check">Whether a text is allowed.</param>
internal sealed record OptionEntry(
    string Key,
    string Kind,
    Func<EdgeOptions, string> Read,
    string Allowed,
    string Description,
    Func<string, bool> Check)
{
    private static readonly EdgeOptions s_defaults = new();

    /// <summary>The text that means the same as leaving it out; empty for an empty text or list.</summary>
    internal string Default { get; } = Read(s_defaults);

    /// <summary>Whether the values stand under this key with an index: <c>Key:0</c>, <c>Key:1</c>.</summary>
    internal bool IsList { get; init; }

    /// <summary>The short argument that means the same as <c>--Key</c>; of a list it gives one item. Null for most.</summary>
    internal OptionAlias? Alias { get; init; }

    /// <summary>Whether the value must not be shown, not even where it is wrong.</summary>
    internal bool IsSecret { get; init; }

    /// <summary>What is shown of a value that holds.</summary>
    internal OptionShows Shows { get; init; }

    /// <summary>
    /// Whether a change takes effect in a balancer that runs, on SIGHUP. It does not where sockets, threads and drivers are made from the
    /// value, or where it is only looked at while they are.
    /// </summary>
    internal bool IsReloadable { get; init; } = true;

    /// <summary>Whether two texts that are allowed mean the same.</summary>
    internal bool IsSame(string one, string other) => Kind switch
    {
        "choice" or "switch" => one.Equals(other, StringComparison.OrdinalIgnoreCase),
        "duration" => Durations.Parse(one) == Durations.Parse(other),
        "number" => int.Parse(one, CultureInfo.InvariantCulture) == int.Parse(other, CultureInfo.InvariantCulture),
        "address" when one.Length > 0 && other.Length > 0 => OptionValues.ParseEndpoint(one)!.Equals(OptionValues.ParseEndpoint(other)),
        _ => one == other,
    };

    /// <summary>The key as a reader writes it.</summary>
    internal string ShownKey => IsList ? Key + ":0…" : Key;

    /// <summary>The environment variable that sets it; of a list, its first item.</summary>
    internal string EnvironmentName =>
        (IsList ? Key + ":0" : Key).Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant();
}
