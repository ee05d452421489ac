using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Edge.Config;

/// <summary>Combines the sources: each value as it is written, with its source. If two sources have a value, the later one counts.</summary>
internal sealed class OptionReader
{
    private const string Root = "Edge";

    private readonly Dictionary<string, OptionText> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<OptionFile> _files = [];
    private readonly List<OptionMistake> _mistakes;

    /// <param name="sources">The sources; they are read now.</param>
    /// <param name="mistakes">Gets everything that cannot be read or understood.</param>
    internal OptionReader(OptionSources sources, List<OptionMistake> mistakes)
    {
        _mistakes = mistakes;
        OptionArguments arguments = OptionArguments.Parse(sources.Arguments);
        foreach (string file in arguments.Config is { } only ? [only] : sources.Files)
        {
            AddFile(file, mustBeThere: arguments.Config is not null);
        }

        // The case of a variable is lost on the way here; it is shown as in the documentation.
        Add(new ConfigurationBuilder().Add(sources.Environment).Build(), key => key.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant());
        foreach (string list in arguments.WholeLists)
        {
            _values.Keys.Where(key => key.StartsWith(list + ":", StringComparison.OrdinalIgnoreCase)).ToList().ForEach(key => _values.Remove(key));
        }

        Add(new ConfigurationBuilder().AddInMemoryCollection(arguments.Values.Select(value => KeyValuePair.Create(value.Key, value.Value.Value))).Build(),
            key => arguments.Values[key].Origin);

        mistakes.AddRange(arguments.Mistakes);
        Merged = new ConfigurationBuilder().AddInMemoryCollection(_values.Select(value => KeyValuePair.Create(value.Key, value.Value.Value))).Build();
        Edge = Merged.GetSection(Root);
    }

    /// <summary>All values as one source.</summary>
    internal IConfigurationRoot Merged { get; }

    /// <summary>The balancer's part of the values.</summary>
    internal IConfigurationSection Edge { get; }

    /// <summary>The files that were looked for, in the order in which they count.</summary>
    internal IReadOnlyList<OptionFile> Files => _files;

    /// <summary>The source of a key's value, for a list that of its first item; null if no source has it.</summary>
    internal string? OriginOf(string key) => _values.TryGetValue(key, out OptionText text) ? text.Origin
        : Merged.GetSection(key).GetChildren().FirstOrDefault() is { } first ? OriginOf(first.Path)
        : null;

    /// <summary>The source of an option's value, for a list that of its first one; null if no source has it.</summary>
    internal string? OriginOf(OptionEntry entry) => entry.Member.Length == 0
        ? OriginOf(entry.Key)
        : Merged.GetSection(entry.ListKey).GetChildren().Select(item => OriginOf($"{item.Path}:{entry.Member}")).FirstOrDefault(origin => origin is not null);

    /// <summary>Each file is read separately, so that a broken file is one mistake among others and hides none.</summary>
    private void AddFile(string file, bool mustBeThere)
    {
        string path = Path.GetFullPath(file);
        try
        {
            // Opened without a check before: for a file in a folder that may not be searched, a check would say that it does not exist.
            using FileStream stream = File.OpenRead(path);
            _files.Add(new OptionFile(path, true));
            Add(new ConfigurationBuilder().AddJsonStream(stream).Build(), _ => path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            _files.Add(new OptionFile(path, false));
            if (mustBeThere)
            {
                _mistakes.Add(new OptionMistake(path, null, $"there is no such file, which {OptionArguments.ConfigFile} names"));
            }
        }
        catch (Exception broken) when (broken is JsonException or InvalidDataException or FormatException)
        {
            _mistakes.Add(new OptionMistake(path, null, $"cannot be read as JSON: {broken.Message}"));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            _mistakes.Add(new OptionMistake(path, null, $"cannot be read: {refused.Message}"));
        }
    }

    private void Add(IConfigurationRoot source, Func<string, string> origin) => Add(source.GetSection(Root), origin);

    private void Add(IConfigurationSection section, Func<string, string> origin) => Add(section.GetChildren(), origin);

    private void Add(IEnumerable<IConfigurationSection> sections, Func<string, string> origin)
    {
        foreach (IConfigurationSection child in sections)
        {
            if (OptionsCatalog.All.FirstOrDefault(entry => entry.TakesSeveral && entry.Key.Equals(child.Path, StringComparison.OrdinalIgnoreCase)) is { } entry)
            {
                AddSeveral(entry, child, origin);
            }
            else if (child.GetChildren().Any())
            {
                Add(child, origin);
            }
            else
            {
                _values[child.Path] = new OptionText(child.Value, origin(child.Path));
            }
        }
    }

    /// <summary>
    /// Joins the items of a list to the one text that the key has. In one source, items count, and not a text beside them: an image may have the text in
    /// its environment, and whoever runs it adds the items.
    /// </summary>
    private void AddSeveral(OptionEntry entry, IConfigurationSection section, Func<string, string> origin)
    {
        ILookup<bool, IConfigurationSection> children = section.GetChildren().ToLookup(child => OptionsCatalog.IsItemOf(entry.Key, child.Path));
        if (children[true].Any())
        {
            _values[section.Path] = new OptionText(string.Join(',', children[true].Select(item => item.Value)), origin(children[true].First().Path));
        }
        else if (section.Value is not null || !children[false].Any())
        {
            _values[section.Path] = new OptionText(section.Value, origin(section.Path));
        }

        Add(children[false], origin);
    }
}
