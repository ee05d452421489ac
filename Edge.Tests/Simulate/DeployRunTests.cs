using Edge.Fleet;
using Edge.Simulate;
using Edge.Tests.Backends;

namespace Edge.Tests.Simulate;

/// <summary>What the simulation of deploys finds, in a small version of it.</summary>
public class DeployRunTests
{
    private const int Deploys = 300;

    private static readonly Dictionary<(string, int), DeployResult> s_results =
        DeployRuns.RunAll(Deploys).ToDictionary(result => (result.Case.Name, result.Rate));

    private static double Share(string name, int rate, JudgeVerdict verdict) =>
        s_results[(name, rate)].Ends.Count(end => end.Verdict == verdict) / (double)Deploys;

    [Theory]
    [InlineData("fails everything", 1)]
    [InlineData("fails 5 %", 0.99)]
    [InlineData("3 × slower", 1)]
    [InlineData("2 × slower", 0.99)]
    [InlineData("fails 2 %", 0.85)]
    public void What_is_worse_is_found(string name, double share) =>
        Assert.All(DeployRuns.Rates, rate => Assert.InRange(Share(name, rate, JudgeVerdict.Revert), share, 1));

    [Fact]
    public void What_is_as_good_is_hardly_ever_reverted()
    {
        string[] good = [.. DeployRuns.Cases.Where(one => one.IsGood).Select(one => one.Name)];
        Assert.Equal(4, good.Length);
        Assert.All(good, name => Assert.All(DeployRuns.Rates, rate => Assert.InRange(Share(name, rate, JudgeVerdict.Revert), 0, 0.02)));
    }

    [Fact]
    public void The_same_deploys_end_alike_each_time()
    {
        DeployCase one = DeployRuns.Cases[1];
        Assert.Equal(DeployRuns.Run(one, 50, Deploys).Ends, s_results[(one.Name, 50)].Ends);
        Assert.Equal(DeployRuns.Run(one, 50, 10).Ends, s_results[(one.Name, 50)].Ends[..10]);
    }

    [Fact]
    public void The_documents_say_what_the_simulation_finds()
    {
        const int Rate = 50;
        DeployResult[] results =
            [.. DeployRuns.Cases.AsParallel().AsOrdered().Select(one => DeployRuns.Run(one, Rate, DeployRuns.Deploys))];
        string page = Repository.Read("docs/deploying.md");
        Assert.All(results, result => Assert.Contains(DeployTable.Row(result), page, StringComparison.Ordinal));
        Assert.Equal(
            DeployRuns.Cases.Length * DeployRuns.Rates.Length,
            page.Split('\n').Count(line => DeployRuns.Cases.Any(one => line.StartsWith($"| {one.Name} | ", StringComparison.Ordinal))));
        Assert.Equal(Repository.Read("docs/images/judge.svg"), DeployTable.Chart(results).Draw());
    }

    [Fact]
    public void A_chart_is_whole_and_needs_nothing_beside_it()
    {
        string svg = DeployTable.Chart(s_results.Values).Draw();
        var document = System.Xml.Linq.XDocument.Parse(svg);
        Assert.Equal(6, document.Descendants().Count(element => element.Name.LocalName == "polyline"));
        Assert.DoesNotContain("href", svg, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
    }
}
