using System.Globalization;

namespace Edge.Config;

// The kinds that options are of: each says how a value is read, shown and checked.
internal static partial class OptionsCatalog
{
    private const string Duration = "longer than 0 and up to a day, as 30s, 500ms, 1m30s or hh:mm:ss";

    private static OptionEntry Integer(string key, Func<EdgeOptions, int> read, int least, int most, string description) =>
        Number(key, read, $"{least} to {most}", description, text => OptionValues.TryParseInteger(text, least, most, out _));

    private static OptionEntry Number(string key, Func<EdgeOptions, int> read, string allowed, string description, Func<string, bool> check) =>
        new(key, "number", options => read(options).ToString(CultureInfo.InvariantCulture), allowed, description, check);

    private static OptionEntry Time(string key, Func<EdgeOptions, TimeSpan> read, string description, bool mayBeOff = false) =>
        new(key, "duration", options => Durations.Show(read(options)), mayBeOff ? "0s for none, or " + Duration : Duration, description,
            text => OptionValues.IsDuration(text) || (mayBeOff && Durations.Parse(text) == TimeSpan.Zero));

    internal static OptionEntry Switch(string key, Func<EdgeOptions, bool> read, string description) =>
        new(key, "switch", options => read(options) ? "true" : "false", "true or false", description, text => bool.TryParse(text, out _));

    internal static OptionEntry List(
        string key, Func<EdgeOptions, IEnumerable<string>> read, string allowed, string description, Func<string, bool> check) =>
        new(key, "list", options => string.Join('\n', read(options)), allowed, description, check) { IsList = true };

    /// <summary>One of several values that each item of a list has.</summary>
    private static OptionEntry Items(
        string list, string member, Func<EdgeOptions, IEnumerable<string>> read, string allowed, string description, Func<string, bool> check) =>
        List($"{list}:{member}", read, allowed, description, check) with { Member = member };

    private static OptionEntry Text(string key, Func<EdgeOptions, string> read, string allowed, string description, Func<string, bool> check) =>
        new(key, "text", read, allowed, description, check);

    /// <summary>The name of an enum value, in any case. The allowed names are written as they are shown: "A, B or C".</summary>
    private static OptionEntry Choice(string key, Func<EdgeOptions, string> read, string allowed, string description)
    {
        string[] words = allowed.Split([", ", " or "], StringSplitOptions.None);
        return new(
            key, "choice", options => Array.Find(words, word => IsOne(word, read(options)))!, allowed, description,
            text => Array.Exists(words, word => IsOne(word, text)));

        static bool IsOne(string word, string text) => word.Equals(text, StringComparison.OrdinalIgnoreCase);
    }
}
