using System.Text;
using System.Text.RegularExpressions;
using Edge.Contract;
using Edge.Tests.Backends;

namespace Edge.Tests.Contract;

/// <summary>Which paths are the balancer's own. That the description has the same ones is for OpenApiTests.</summary>
public class ControlPathsTests
{
    [Fact]
    public void Every_path_of_the_table_is_its_own_and_is_found_again() => Assert.All(ControlPaths.All, path =>
    {
        Assert.True(ControlPaths.Owns(Encoding.ASCII.GetBytes(path.Text)));
        Assert.True(path.Is(Encoding.ASCII.GetBytes(path.Text)));
        Assert.Same(path, ControlPaths.Find(path.Text));
    });

    [Fact]
    public void Each_path_and_each_operation_is_there_once()
    {
        Assert.Equal(Enum.GetValues<ControlOperation>(), ControlPaths.All.Select(path => path.Operation).Order());
        Assert.Equal(ControlPaths.All.Length, ControlPaths.All.DistinctBy(path => path.Text).Count());
    }

    [Theory]
    [InlineData("/edge/x", true)]
    [InlineData("/edge/statuses", true)]
    [InlineData("/edge/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true)]
    [InlineData("/edge/abcd", true)]
    [InlineData("/edge", false)]
    [InlineData("/edges/", false)]
    [InlineData("/Rep", false)]
    [InlineData("/rep/", false)]
    [InlineData("/rmx", false)]
    [InlineData("/rx", false)]
    [InlineData("/re", false)]
    [InlineData("/heartbeats", false)]
    [InlineData("/heartbeaT", false)]
    [InlineData("/x/heartbeat", false)]
    [InlineData("/", false)]
    [InlineData("", false)]
    [InlineData("/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    [InlineData("/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    [InlineData("/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    [InlineData("/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    public void Any_other_path_is_its_own_only_below_the_prefix(string path, bool isOwn)
    {
        Assert.Equal(isOwn, ControlPaths.Owns(Encoding.ASCII.GetBytes(path)));
        Assert.Null(ControlPaths.Find(path));
    }

    [Fact]
    public void To_look_a_path_up_allocates_nothing()
    {
        byte[][] paths = [.. ControlPaths.All.Select(path => path.Text).Append("/home").Append("/edge/x").Select(Encoding.ASCII.GetBytes)];
        int owned = 0;
        Assert.Equal(0, Allocated.BySecond(() =>
        {
            foreach (byte[] path in paths)
            {
                owned += ControlPaths.Owns(path) ? 1 : 0;
            }
        }));
        Assert.Equal(2 * (paths.Length - 1), owned);
    }

    [Fact]
    public void The_page_on_the_API_names_every_path_and_no_other()
    {
        string page = Repository.Read("docs/api.md");
        IEnumerable<string> named = Regex.Matches(page, @"(?<![\w./:-])/(?:(?:heartbeat|rep|add|rm)\b(?![/-])|edge/(?:services/NAME/\w+|[\w.]*))")
            .Select(match => match.Value).Distinct();
        IEnumerable<string> ofService = ControlPaths.OfService.Select(path => $"{ControlPaths.ServicesPrefix}NAME{path.Text}");
        Assert.Equal(ControlPaths.All.Select(path => path.Text).Concat(ofService).Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }
}
