using System.Globalization;

namespace Edge.Config;

/// <summary>
/// Reads the arguments of serving: <c>--Edge:Key=value</c>, or a short one of the catalog, with its value behind an equals sign or as the next
/// argument.
/// </summary>
internal sealed class OptionArguments
{
    /// <summary>The argument that names the one file to read.</summary>
    internal const string ConfigFile = "--config";

    internal const string TakeOver = "--takeover";

    // They have no value, and were read before.
    private static readonly string[] s_alone = [TakeOver, "--help", "--version"];

    private readonly Dictionary<string, OptionText> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, List<OptionText>> _lists = [];
    private readonly List<OptionMistake> _mistakes = [];

    private OptionArguments()
    {
    }

    /// <summary>The values by key; the items of lists, and of what takes several, have their numbers.</summary>
    internal IReadOnlyDictionary<string, OptionText> Values => _values;

    /// <summary>Lists that short arguments give: they replace the lists of other sources.</summary>
    internal IEnumerable<string> WholeLists => _lists.Keys;

    /// <summary>The one file to read; null for the usual files.</summary>
    internal string? Config { get; private set; }

    internal IReadOnlyList<OptionMistake> Mistakes => _mistakes;

    internal static OptionArguments Parse(IReadOnlyList<string> arguments)
    {
        var parsed = new OptionArguments();
        var rest = new Queue<string>(arguments);
        while (rest.TryDequeue(out string? argument))
        {
            parsed.Take(argument, rest);
        }

        foreach ((string list, List<OptionText> items) in parsed._lists)
        {
            parsed.Number(list, items);
        }

        return parsed;
    }

    private void Take(string argument, Queue<string> rest)
    {
        int equals = argument.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? argument : argument[..equals];
        if (!name.StartsWith('-'))
        {
            string shown = OptionsCatalog.MayBeSecret(argument) ? name : argument;
            _mistakes.Add(new OptionMistake(shown, null, "an argument is --Edge:Key=value, or a short one that edge --help lists; a verb comes first"));
            return;
        }

        string? value = equals < 0 ? null : argument[(equals + 1)..];
        if (value is null && rest.TryPeek(out string? next) && !next.StartsWith("--", StringComparison.Ordinal))
        {
            value = rest.Dequeue();
        }

        OptionEntry? entry = OptionsCatalog.All.FirstOrDefault(
            e => e.Alias?.Name == name || (e.TakesSeveral && name.Equals("--" + e.Key, StringComparison.OrdinalIgnoreCase)));
        bool isKey = name.StartsWith("--Edge:", StringComparison.OrdinalIgnoreCase);
        if (s_alone.Contains(name))
        {
            _mistakes.Add(new OptionMistake(name, null, equals < 0 ? "stands alone" : "has no value"));
        }
        else if (entry is null && !isKey && name != ConfigFile)
        {
            _mistakes.Add(new OptionMistake(name, null, Unknown(name)));
        }
        else if (value is null)
        {
            _mistakes.Add(new OptionMistake(name, null, $"needs a value: {name} {entry?.Alias?.Value ?? (isKey ? "VALUE" : "FILE")}"));
        }
        else
        {
            Set(name, entry, value);
        }
    }

    private void Set(string name, OptionEntry? entry, string value)
    {
        var text = new OptionText(value, name);
        if (name == ConfigFile)
        {
            Config = value;
        }
        else if (entry is null)
        {
            _values[name["--".Length..]] = text;
        }
        else if (entry is { IsList: false, TakesSeveral: false })
        {
            _values[entry.Key] = text;
        }
        else if (!_lists.TryAdd(entry.Key, [text]))
        {
            _lists[entry.Key].Add(text);
        }
    }

    // Behind the items that were given with their numbers, so that none is lost.
    private void Number(string list, List<OptionText> items)
    {
        int next = 0;
        foreach (string key in _values.Keys.Where(key => key.StartsWith(list + ":", StringComparison.OrdinalIgnoreCase)))
        {
            bool isNumber = int.TryParse(key.AsSpan(list.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number);
            next = isNumber ? Math.Max(next, number + 1) : next;
        }

        foreach (OptionText item in items)
        {
            _values[string.Create(CultureInfo.InvariantCulture, $"{list}:{next++}")] = item;
        }
    }

    // Shows no part of the value: it could be the token.
    private static string Unknown(string name)
    {
        string word = name.TrimStart('-');
        if (word.Equals("token", StringComparison.OrdinalIgnoreCase))
        {
            return "whoever is on this machine can read arguments (ps), so the token is not one: "
                + "set EDGE__CONTROL__TOKEN, or Edge:Control:Token in a file that only the balancer can read";
        }

        IEnumerable<string> known = OptionsCatalog.All.Select(entry => entry.Alias?.Name).OfType<string>().Concat(s_alone).Append(ConfigFile);
        string? nearest = Nearest.Of(word, known.Select(candidate => candidate[2..])) ?? OptionsCatalog.Meant(word, OptionsCatalog.All)?.ShownKey;
        return nearest is null ? "there is no such argument; edge --help lists them" : $"there is no such argument; --{nearest} is one";
    }
}
