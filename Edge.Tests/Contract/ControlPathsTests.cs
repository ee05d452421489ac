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
        ControlOperation[] ofServices = [ControlOperation.Pause, ControlOperation.Stop, ControlOperation.Resume];
        Assert.Equal(Enum.GetValues<ControlOperation>().Except(ofServices), ControlPaths.All.Select(path => path.Operation).Order());
        Assert.Equal(ControlPaths.All.Length, ControlPaths.All.DistinctBy(path => path.Text).Count());
        Assert.Superset(ofServices.ToHashSet(), ControlPaths.OfService.Select(path => path.Operation).ToHashSet());
        Assert.Equal(ControlPaths.OfService.Length, ControlPaths.OfService.DistinctBy(path => path.Operation).Count());
    }

    [Theory]
    [InlineData("/edge/services/shop/pause", ControlOperation.Pause, "shop")]
    [InlineData("/edge/services/default/pause", ControlOperation.Pause, null)]
    [InlineData("/edge/services/default/rep", ControlOperation.List, null)]
    [InlineData("/edge/services/defaults/rep", ControlOperation.List, "defaults")]
    [InlineData("/edge/services/shop/status", null, "shop")]
    [InlineData("/edge/services/default/reload", null, null)]
    [InlineData("/edge/services/default", null, null)]
    [InlineData("/edge/pause", null, null)]
    public void A_path_of_a_service_names_it_and_default_is_the_one_without_a_name(string path, object? operation, string? service)
    {
        Assert.Equal(operation, ControlPaths.Find(path, out string? named)?.Operation);
        Assert.Equal(service, named);
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
        Assert.Equal(0, Allocated.ByEachRun(() =>
        {
            owned = 0;
            foreach (byte[] path in paths)
            {
                owned += ControlPaths.Owns(path) ? 1 : 0;
            }
        }));
        Assert.Equal(paths.Length - 1, owned);
    }

    [Fact]
    public void The_page_on_the_API_names_every_path_and_no_other()
    {
        string page = Repository.Read("docs/api.md");
        const string OfEdge = @"edge/(?:services/NAME/(?:deploy/)?\w+|deploy/\w+|[\w.]*)";
        IEnumerable<string> named = Regex.Matches(page, $@"(?<![\w./:-])/(?:(?:heartbeat|rep|add|rm)\b(?![/-])|{OfEdge})")
            .Select(match => match.Value).Distinct();
        IEnumerable<string> ofService = ControlPaths.OfService.Select(path => $"{ControlPaths.ServicesPrefix}NAME{path.Text}");
        Assert.Equal(ControlPaths.All.Select(path => path.Text).Concat(ofService).Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }
}
