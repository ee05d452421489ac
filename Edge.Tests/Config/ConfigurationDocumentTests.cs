using System.Text;
using Edge.Config;
using Edge.Tests.Backends;

namespace Edge.Tests.Config;

public sealed class ConfigurationDocumentTests
{
    [Fact]
    public void The_table_in_the_documentation_is_the_catalog()
    {
        string document = Repository.Read("docs/configuration.md");
        string table = Table();
        Assert.True(document.Contains(table, StringComparison.Ordinal), $"docs/configuration.md has to contain this table:\n\n{table}");
    }

    private static string Table()
    {
        var table = new StringBuilder("| Key | Environment | Default | Allowed | What it does | Reload |\n|---|---|---|---|---|---|\n");
        foreach (OptionEntry entry in OptionsCatalog.All)
        {
            string standard = entry.Default.Length == 0 ? "(empty)" : $"`{entry.Default}`";
            string allowed = entry.Allowed.Replace("|", "\\|", StringComparison.Ordinal).Replace("`", "&#96;", StringComparison.Ordinal)
                .Replace("*", "\\*", StringComparison.Ordinal);
            string description = entry.Description.Replace("*", "\\*", StringComparison.Ordinal);
            string key = entry.Alias is { } alias ? $"`{entry.ShownKey}`, `{alias.Name}`" : $"`{entry.ShownKey}`";
            table.Append($"| {key} | `{entry.EnvironmentName}` | {standard} | {allowed} | {description} | {(entry.IsReloadable ? "yes" : "no")} |\n");
        }

        return table.ToString();
    }
}
