using System.Text.Json;
using System.Text.RegularExpressions;
using Edge.Config;
using Edge.Io;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Control;

namespace Edge.Tests.Telemetry;

/// <summary>Holds docs/observability.md, and what lies beside it for Prometheus and Grafana, against the program.</summary>
public sealed partial class ObservabilityDocumentTests
{
    private static readonly string s_document = Repository.Read("docs/observability.md");

    [Fact]
    public void Every_event_of_the_process_log_is_documented_and_no_other()
    {
        string[] sources = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "Edge"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText)];
        HashSet<string> documented = [.. Rows("## Process log")];
        Assert.Empty(sources.SelectMany(s => Events().Matches(s)).Select(m => m.Groups["name"].Value).Except(documented));
        Assert.All(documented, name => Assert.Contains(sources, s => s.Contains($"\"{name}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_field_of_a_line_is_documented_in_its_order()
    {
        AccessTexts texts = default;
        texts.TlsVersion = "1.3"u8;
        var record = new AccessRecord { Responding = -1, Service = "shop"u8 };
        using JsonDocument fields = JsonDocument.Parse(AccessLineTests.Write(AccessLogFormat.Json, texts, record));
        Assert.Equal(fields.RootElement.EnumerateObject().Select(p => p.Name), Rows("## Access log"));
    }

    [Fact]
    public void Every_reason_is_documented()
    {
        Assert.Equal(Reasons.Count, Enum.GetValues<Reason>().Length);
        Assert.All(Enum.GetValues<Reason>().Where(r => r != Reason.None), r => Assert.Contains($"`{r.Word()}`", s_document, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_way_in_which_TLS_fails_is_documented()
    {
        Assert.Equal(TlsFailures.Count, Enum.GetValues<TlsFailure>().Length);
        Assert.All(
            Enum.GetValues<TlsFailure>().Where(f => f != TlsFailure.None), f => Assert.Contains($"`{f.Word()}`", s_document, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(20, null, 0, "")]
    [InlineData(13, null, 0, "EdgeCertificateEndsSoon")]
    [InlineData(2, null, 0, "EdgeCertificateEnds EdgeCertificateEndsSoon")]
    [InlineData(2, 1, 0, "")]
    [InlineData(2, 1, 1, "EdgeCertificateEnds EdgeCertificateEndsSoon EdgeCertificateFails")]
    [InlineData(20, -1, 0, "EdgeCertificateRenewalLate")]
    [InlineData(20, null, 1, "EdgeCertificateFails")]
    public async Task A_certificate_is_alerted_of_when_somebody_should_act(int daysLeft, int? daysToRenewal, int failing, string alerts)
    {
        const int Day = 86400, Now = 2 * 3600;
        const string Renewal = """      - {series: 'edge_certificate_renewal_seconds{certificate="shop.test"}', values: 'WHENx200'}""";
        string[] all = ["EdgeCertificateEndsSoon", "EdgeCertificateEnds", "EdgeCertificateRenewalLate", "EdgeCertificateFails"];
        IEnumerable<string> expected = all.Intersect(alerts.Split(' ')).Select(alert => $"{{labels: '{{alertname=\"{alert}\"}}', value: 1}}");
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            file,
            $$"""
            rule_files: ["{{Path.Combine(Repository.Root, "docs/alerts.yml")}}"]
            evaluation_interval: 1m
            tests:
              - interval: 1m
                input_series:
                  - {series: 'edge_certificate_not_after_seconds{certificate="shop.test"}', values: '{{Now + daysLeft * Day}}x200'}
                  - {series: 'edge_certificate_failing{certificate="shop.test"}', values: '{{failing}}x200'}
            {{(daysToRenewal is { } days ? Renewal.Replace("WHEN", $"{Now + days * Day}", StringComparison.Ordinal) : "")}}
                promql_expr_test:
                  - expr: count by (alertname) (ALERTS{alertstate="firing"})
                    eval_time: 2h
                    exp_samples: [{{string.Join(", ", expected)}}]
            """,
            TestContext.Current.CancellationToken);
        (int code, string said) = await MetricsTests.PromtoolAsync("", "test", "rules", file);
        File.Delete(file);
        Assert.True(code == 0, said);
    }

    [Fact]
    public async Task Rules_and_configuration_are_what_promtool_calls_good()
    {
        (int rules, string said) = await MetricsTests.PromtoolAsync("", "check", "rules", Path.Combine(Repository.Root, "docs/alerts.yml"));
        Assert.True(rules == 0, said);
        (int config, said) = await MetricsTests.PromtoolAsync("", "check", "config", Path.Combine(Repository.Root, "docs/prometheus.yml"));
        Assert.True(config == 0, said);
    }

    [Theory]
    [InlineData("docs/alerts.yml")]
    [InlineData("docs/grafana-dashboard.json")]
    public void What_is_asked_of_Prometheus_is_there(string file)
    {
        HashSet<string> known = [.. Rows("## Metrics")];
        string[] used = [.. Metric().Matches(Repository.Read(file)).Select(m => m.Value)
            .Where(m => !m.StartsWith("edge_alert", StringComparison.Ordinal)).Distinct()];
        Assert.NotEmpty(used);
        Assert.DoesNotContain(used, name => !known.Contains(name) && !known.Contains(Parts().Replace(name, "")));
    }

    [Theory]
    [InlineData("docs/alerts.yml")]
    [InlineData("docs/grafana-dashboard.json")]
    [InlineData("docs/observability.md")]
    public void Codes_that_are_asked_for_are_codes_that_there_are(string file)
    {
        var table = new AnswerTable();
        foreach (int status in Enumerable.Range(0, 600))
        {
            table.Count(0, status);
        }

        Assert.All(Code().Matches(Repository.Read(file).Replace("\\\"", "\"", StringComparison.Ordinal)), asked =>
            Assert.Contains(table.All(), a => Regex.IsMatch(
                a.Code, asked.Groups["is"].Value == "=" ? $"^{Regex.Escape(asked.Groups["code"].Value)}$" : $"^({asked.Groups["code"].Value})$")));
    }

    [Fact]
    public void The_dashboard_is_JSON_with_an_expression_for_each_target()
    {
        using JsonDocument dashboard = JsonDocument.Parse(Repository.Read("docs/grafana-dashboard.json"));
        JsonElement[] panels = [.. dashboard.RootElement.GetProperty("panels").EnumerateArray().Where(p => p.GetProperty("type").GetString() != "row")];
        Assert.NotEmpty(panels);
        Assert.All(panels, p => Assert.All(p.GetProperty("targets").EnumerateArray(), t => Assert.NotEmpty(t.GetProperty("expr").GetString()!)));
        Assert.Equal(panels.Length, panels.Select(p => p.GetProperty("id").GetInt32()).Distinct().Count());
    }

    // The first column of the tables of one section.
    private static IEnumerable<string> Rows(string heading)
    {
        int start = s_document.IndexOf(heading + "\n", StringComparison.Ordinal);
        Assert.True(start >= 0, heading);
        int end = s_document.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return Row().Matches(s_document[start..(end < 0 ? s_document.Length : end)]).Select(m => m.Groups["name"].Value);
    }

    [GeneratedRegex(
        """\b[lL]og\.(Info|Warning|Error)\(\s*"(?<name>\w+)"|\b(Note|NoteRefused|PauseAsync)\("(?<name>\w+)"|"""
        + """panics \? "(?<name>\w+)" : "(?<name>\w+)"|isAdd \? "(?<name>call_\w+)" : "(?<name>call_\w+)".""")]
    private static partial Regex Events();

    [GeneratedRegex(@"code(?<is>=~?)""(?<code>[^""]+)""")]
    private static partial Regex Code();

    [GeneratedRegex(@"^\| `(?<name>\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\b(edge|process|dotnet)_[a-z_]+\b")]
    private static partial Regex Metric();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Parts();
}
