namespace Edge.Config;

/// <summary>
/// All options. The checks, <c>--help</c> and the table in docs/configuration.md are made from this list. The entries are in the files beside this one:
/// those of the process, of the fleet, and of the traffic.
/// </summary>
internal static partial class OptionsCatalog
{
    /// <summary>In the order of the documentation. Made at its first use, because the parts of it, in other files, have to be there before.</summary>
    internal static IReadOnlyList<OptionEntry> All => field ??=
    [
        .. s_process,
        .. s_services,
        .. s_timeouts,
        .. s_fleet,
        .. s_scale,
        .. s_docker,
        .. s_upstream,
        .. s_health,
        .. s_overload,
        .. s_deploy,
        .. s_forwarding,
        .. s_limits,
        .. s_access,
        .. s_sticky,
        .. s_answers,
        .. s_accessLog,
        .. s_tls,
        .. s_acme,
        .. s_https,
    ];

    /// <summary>The entry of a key with a value, in any case of its letters; null if there is none.</summary>
    internal static OptionEntry? Find(string path) => Find(path, All);

    /// <summary>The same among some entries.</summary>
    internal static OptionEntry? Find(string path, IReadOnlyList<OptionEntry> among)
    {
        foreach (OptionEntry entry in among)
        {
            bool matches = entry.IsList
                ? entry.ItemOf(path) is { } item && IsItemOf(entry.ListKey, item)
                : path.Equals(entry.Key, StringComparison.OrdinalIgnoreCase);
            if (matches)
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>
    /// The entry that was probably meant by a key that does not exist: that of a list whose items have no number, one with the same last word, or else the most
    /// similar one; null if there is none.
    /// </summary>
    internal static OptionEntry? Meant(string path, IReadOnlyList<OptionEntry> among)
    {
        string last = path[(path.LastIndexOf(':') + 1)..];
        return among.FirstOrDefault(entry => entry.Key.Equals(path, StringComparison.OrdinalIgnoreCase))
            ?? among.FirstOrDefault(entry => entry.Key.EndsWith(":" + last, StringComparison.OrdinalIgnoreCase))
            ?? (Nearest.Of(path, among.Select(entry => entry.Key)) is { } key ? among.First(entry => entry.Key == key) : null);
    }

    /// <summary>Whether a text could be the mistyped key of a secret.</summary>
    internal static bool MayBeSecret(string path) =>
        path.Contains("Control", StringComparison.OrdinalIgnoreCase) || path.Contains("Token", StringComparison.OrdinalIgnoreCase)
        || path.Contains("Access:", StringComparison.OrdinalIgnoreCase) || path.Contains("Users", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a path without a value of its own is a section or a list; these may be empty.</summary>
    internal static bool IsSection(string path, IReadOnlyList<OptionEntry> among) => among.Any(entry =>
        (entry.IsList && entry.Key.Equals(path, StringComparison.OrdinalIgnoreCase))
        || entry.Key.StartsWith(path + ":", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a path is that of one item of a list.</summary>
    internal static bool IsItemOf(string list, string path) =>
        path.Length > list.Length + 1
        && path.StartsWith(list, StringComparison.OrdinalIgnoreCase)
        && path[list.Length] == ':'
        && path.AsSpan(list.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0;
}
