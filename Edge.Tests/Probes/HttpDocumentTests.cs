using Edge.Tests.Backends;

namespace Edge.Tests.Probes;

/// <summary>Holds the tables of docs/http.md against the probes, which <see cref="ProbeTests"/> holds against Edge.</summary>
public class HttpDocumentTests
{
    [Fact]
    public void The_summary_in_the_documentation_is_that_of_the_probes() => Holds("summary", HttpDocument.Summary(Peers.Read()));

    [Fact]
    public void The_tables_in_the_documentation_are_those_of_the_probes() => Holds("probes", HttpDocument.Tables(Peers.Read()));

    [Fact]
    public void The_table_of_routes_in_the_documentation_is_that_of_the_route_probes() => Holds("routes", HttpDocument.Routes());

    private static void Holds(string name, string text)
    {
        string document = Repository.Read("docs/http.md");
        string begin = $"<!-- {name} -->\n\n", end = $"<!-- end of {name} -->";
        int start = document.IndexOf(begin, StringComparison.Ordinal) + begin.Length, stop = document.IndexOf(end, StringComparison.Ordinal);
        Assert.True(start >= begin.Length && stop >= start, $"docs/http.md has no place for the {name}");
        string[] there = document[start..stop].TrimEnd('\n').Split('\n'), right = text.TrimEnd('\n').Split('\n');
        if (there.SequenceEqual(right))
        {
            return;
        }

        string file = Path.Combine(AppContext.BaseDirectory, "http.md");
        File.WriteAllText(file, document[..start] + text.TrimEnd('\n') + "\n\n" + document[stop..]);
        string[] wrong = [.. right.Except(there)];
        Assert.Fail($"docs/http.md has to be as {file}, where these lines are new:\n\n{string.Join('\n', wrong)}");
    }
}
