using System.Globalization;

namespace Edge.Config;

/// <summary>One option.</summary>
/// <param name="Key">With colons, as in the configuration; for a list, the key of the list.</param>
/// <param name="Kind">The kind of its value, in a word.</param>
/// <param name="Read">Reads the text of its value from the options; each item of a list is on a line of its own.</param>
/// <param name="Allowed">What may be written, for messages and for the documentation.</param>
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

    /// <summary>Whether its values have an index: <c>Key:0</c>, <c>Key:1</c>.</summary>
    internal bool IsList { get; init; }

    /// <summary>The value of each item that this is, where items have several: <c>List:0:Member</c>. Empty for a list of single values.</summary>
    internal string Member { get; init; } = "";

    /// <summary>
    /// Whether its text may be several, separated by commas. Any source may then give it like a list, too; the text of a source replaces that of an
    /// earlier one as a whole.
    /// </summary>
    internal bool TakesSeveral { get; init; }

    /// <summary>The short argument that means the same as <c>--Key</c>; for a list, or several, it gives one item. Null for most options.</summary>
    internal OptionAlias? Alias { get; init; }

    /// <summary>Whether the value must never be shown, not even if it is wrong.</summary>
    internal bool IsSecret { get; init; }

    /// <summary>The part of a valid value that may be shown.</summary>
    internal OptionShows Shows { get; init; }

    /// <summary>
    /// Whether a change takes effect in a running balancer, on SIGHUP. It does not if sockets, threads or drivers are made from the value, or if
    /// the value is read only while they are made.
    /// </summary>
    internal bool IsReloadable { get; init; } = true;

    /// <summary>Whether two allowed texts mean the same.</summary>
    internal bool IsSame(string one, string other) => Kind switch
    {
        "choice" or "switch" => one.Equals(other, StringComparison.OrdinalIgnoreCase),
        "duration" => Durations.Parse(one) == Durations.Parse(other),
        "number" => int.Parse(one, CultureInfo.InvariantCulture) == int.Parse(other, CultureInfo.InvariantCulture),
        "address" when one.Length > 0 && other.Length > 0 => OptionValues.ParseListen(one)!.SequenceEqual(OptionValues.ParseListen(other)!),
        _ => one == other,
    };

    /// <summary>The key as a reader writes it.</summary>
    internal string ShownKey => IsList ? FirstKey + "…" : Key;

    /// <summary>The key of its value; for a list, that of its first item.</summary>
    internal string FirstKey => !IsList ? Key : Member.Length == 0 ? Key + ":0" : $"{ListKey}:0:{Member}";

    /// <summary>The key of the list, without the member of its items.</summary>
    internal string ListKey => Member.Length == 0 ? Key : Key[..^(Member.Length + 1)];

    /// <summary>The environment variable that sets it; for a list, that of its first item.</summary>
    internal string EnvironmentName => FirstKey.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>The path of the item, if a path is that of this member of an item; null if it is not.</summary>
    internal string? ItemOf(string path) =>
        Member.Length == 0 ? path
        : path.EndsWith(":" + Member, StringComparison.OrdinalIgnoreCase) ? path[..^(Member.Length + 1)]
        : null;
}
