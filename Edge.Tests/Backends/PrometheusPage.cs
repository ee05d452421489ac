using System.Globalization;
using System.Text.RegularExpressions;

namespace Edge.Tests.Backends;

/// <summary>One family of a page: its name, type and help.</summary>
internal sealed record PrometheusFamily(string Name, string Type, string Help, HashSet<string> Labels);

/// <summary>
/// Reads the text format of Prometheus, strictly: every family is announced once, with help and type, before its samples,
/// which stand together; no sample is there twice; a histogram is cumulative and has all of its parts.
/// </summary>
internal sealed partial class PrometheusPage
{
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);

    internal List<PrometheusFamily> Families { get; } = [];

    internal int Samples => _samples.Count;

    /// <summary>One sample, with exactly these labels.</summary>
    internal double this[string name, params (string Name, string Value)[] labels] => _samples[Key(name, labels)];

    /// <summary>The sum of all samples of a name that have these labels at least.</summary>
    internal double Sum(string name, params (string Name, string Value)[] labels) => _samples
        .Where(s => (s.Key == name || s.Key.StartsWith(name + "{", StringComparison.Ordinal))
            && labels.All(l => s.Key.Contains($"{l.Name}=\"{l.Value}\"", StringComparison.Ordinal)))
        .Sum(s => s.Value);

    internal static PrometheusPage Parse(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var page = new PrometheusPage();
        string? help = null;
        foreach (string line in text[..^1].Split('\n'))
        {
            if (HelpLine().Match(line) is { Success: true } helps)
            {
                Assert.Null(help);
                help = helps.Groups["text"].Value;
                Assert.DoesNotContain(page.Families, f => f.Name == helps.Groups["name"].Value);
                page.Families.Add(new PrometheusFamily(helps.Groups["name"].Value, "", help, []));
            }
            else if (TypeLine().Match(line) is { Success: true } types)
            {
                Assert.NotNull(help);
                Assert.Equal(page.Families[^1].Name, types.Groups["name"].Value);
                page.Families[^1] = page.Families[^1] with { Type = types.Groups["type"].Value };
                help = null;
            }
            else
            {
                Assert.Null(help);
                page.AddSample(line);
            }
        }

        page.CheckHistograms();
        return page;
    }

    private void AddSample(string line)
    {
        Match match = SampleLine().Match(line);
        Assert.True(match.Success, $"no sample: {line}");
        PrometheusFamily family = Families[^1];
        string name = match.Groups["name"].Value;
        string[] allowed = family.Type == "histogram" ? [family.Name + "_bucket", family.Name + "_sum", family.Name + "_count"] : [family.Name];
        Assert.Contains(name, allowed);
        (string, string)[] labels = [.. match.Groups["label"].Captures.Zip(match.Groups["value"].Captures, (l, v) => (l.Value, v.Value))];
        family.Labels.UnionWith(labels.Select(l => l.Item1).Where(l => l != "le"));
        string number = match.Groups["number"].Value;
        double value = number == "+Inf" ? double.PositiveInfinity : double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
        Assert.True(family.Type == "gauge" || value >= 0, line);
        Assert.True(_samples.TryAdd(Key(name, labels), value), $"twice: {line}");
    }

    private void CheckHistograms()
    {
        foreach (PrometheusFamily family in Families.Where(f => f.Type == "histogram"))
        {
            var last = (Labels: "", Count: 0.0);
            foreach ((string key, double value) in _samples.Where(s => s.Key.StartsWith(family.Name + "_bucket{", StringComparison.Ordinal)))
            {
                string labels = Bound().Replace(key, "");
                Assert.True(labels != last.Labels || value >= last.Count, $"not cumulative: {key}");
                last = (labels, value);
                if (key.Contains("le=\"+Inf\"", StringComparison.Ordinal))
                {
                    string whole = labels.Replace("_bucket", "_count", StringComparison.Ordinal).Replace("{}", "", StringComparison.Ordinal);
                    Assert.Equal(_samples[whole], value);
                    Assert.True(_samples.ContainsKey(whole.Replace("_count", "_sum", StringComparison.Ordinal)));
                }
            }

            Assert.NotEqual("", last.Labels);
        }
    }

    private static string Key(string name, (string Name, string Value)[] labels) =>
        labels.Length == 0 ? name : $"{name}{{{string.Join(',', labels.Select(l => $"{l.Name}=\"{l.Value}\""))}}}";

    [GeneratedRegex(@"^# HELP (?<name>[a-z_][a-z0-9_]*) (?<text>\S.*)$")]
    private static partial Regex HelpLine();

    [GeneratedRegex(@"^# TYPE (?<name>[a-z_][a-z0-9_]*) (?<type>counter|gauge|histogram)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^(?<name>[a-z_][a-z0-9_]*)(\{((?<label>[a-z_]+)="(?<value>([^"\\\n]|\\["\\n])*)",?)+\})? (?<number>[-+0-9.Einf]+)$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex(",?le=\"[^\"]*\"")]
    private static partial Regex Bound();
}
