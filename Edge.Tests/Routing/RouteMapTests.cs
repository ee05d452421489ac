using System.Text;
using Edge.Routing;

namespace Edge.Tests.Routing;

/// <summary>Which route a request takes, by tables, and against a slow reference that writes every path in one form first.</summary>
public class RouteMapTests
{
    private const string Ambiguous = RouteOracle.Ambiguous;
    private const string Default = RouteOracle.Default;

    private static readonly Route[] s_routes =
    [
        new("shop.example", "", 1),
        new("shop.example", "/api", 2, Strips: true),
        new("shop.example", "/api/v2", 3),
        new("*.shop.example", "", 4),
        new("*.shop.example", "/only", 5),
        new("paths.example", "/a", 6),
        new("[2001:db8::1]", "", 7),
        new("10.0.0.1", "", 8),
        new("", "/everywhere", 9),
        new("one.example", "", 10),
        new("[::ffff:1.2.3.4]", "", 11),
    ];

    private static readonly RouteMap s_map = new(s_routes);

    private static string Find(string host, string path, out int length)
    {
        RouteTarget? found = s_map.Find(Encoding.Latin1.GetBytes(host), Encoding.Latin1.GetBytes(path), out length, out bool isAmbiguous);
        Assert.True(found is null || !isAmbiguous);
        return isAmbiguous ? Ambiguous : found?.Service.ToString() ?? Default;
    }

    [Theory]
    [InlineData("shop.example", "/", "1")]
    [InlineData("SHOP.Example", "/", "1")]
    [InlineData("shop.example:8080", "/", "1")]
    [InlineData("shop.example:", "/", "1")]
    [InlineData("shop.example.", "/", "1")]
    [InlineData("shop.example.:443", "/", "1")]
    [InlineData("shop.example..", "/", Default)]
    [InlineData(".shop.example", "/", Default)]
    [InlineData("shop", "/", Default)]
    [InlineData("shop.example.org", "/", Default)]
    [InlineData("xshop.example", "/", Default)]
    [InlineData("a.shop.example", "/", "4")]
    [InlineData("A.shop.example:1", "/x", "4")]
    [InlineData("a.b.shop.example", "/", Default)]
    [InlineData("*.shop.example", "/", "4")]
    [InlineData("[2001:db8::1]", "/", "7")]
    [InlineData("[2001:DB8::1]:8080", "/", "7")]
    [InlineData("[2001:db8:0:0:0:0:0:1]", "/", "7")]
    [InlineData("[2001:0DB8::0.0.0.1]:80", "/", "7")]
    [InlineData("[2001:db8:0::0:1]", "/", "7")]
    [InlineData("[2001:db8:1::]", "/", Default)]
    [InlineData("[2001:db8::2]", "/", Default)]
    [InlineData("[::2001:db8:0:1]", "/", Default)]
    [InlineData("[::ffff:1.2.3.4]", "/", "11")]
    [InlineData("[::FFFF:102:304]", "/", "11")]
    [InlineData("[0:0:0:0:0:ffff:0102:0304]", "/", "11")]
    [InlineData("[::102:304]", "/", Default)]
    [InlineData("%73hop.example", "/", "1")]
    [InlineData("shop%2Eexample%2e:80", "/", "1")]
    [InlineData("SHO%50.example", "/", "1")]
    [InlineData("%61.shop.example", "/", "4")]
    [InlineData("%2573hop.example", "/", Default)]
    [InlineData("sho%ff.example", "/", Default)]
    [InlineData("10.0.0.1:80", "/", "8")]
    [InlineData("10.0.0.10", "/", Default)]
    [InlineData("", "/", Default)]
    [InlineData("", "/everywhere/x", "9")]
    [InlineData("other.example", "/everywhere", "9")]
    [InlineData("other.example", "/everywhereelse", Default)]
    public void A_host_is_compared_without_case_port_and_last_dot(string host, string path, string service) =>
        Assert.Equal(service, Find(host, path, out _));

    [Theory]
    [InlineData("/api", "2", 4)]
    [InlineData("/api/", "2", 4)]
    [InlineData("/api?x=/../", "2", 4)]
    [InlineData("/api/x", "2", 4)]
    [InlineData("/api/v2", "3", 7)]
    [InlineData("/api/v2?", "3", 7)]
    [InlineData("/api/v20", "2", 4)]
    [InlineData("/api2", "1", 0)]
    [InlineData("/ap", "1", 0)]
    [InlineData("/API", "1", 0)]
    [InlineData("", "1", 0)]
    [InlineData("?", "1", 0)]
    [InlineData("*", "1", 0)]
    [InlineData("//api/x", "2", 5)]
    [InlineData("//x//y", "1", 0)]
    [InlineData("/api//x", "2", 5)]
    [InlineData("/api///v2/x", "3", 9)]
    [InlineData("/%61pi/x", "2", 6)]
    [InlineData("/%61p%69%2", "1", 0)]
    [InlineData("/api%", "1", 0)]
    [InlineData("/x/.well-known", "1", 0)]
    [InlineData("/api/.hidden", "2", 4)]
    [InlineData("/api/...", "2", 4)]
    [InlineData("/x;y/api", "1", 0)]
    [InlineData("/x;y", "1", 0)]
    [InlineData("/api/x;y/v2", "2", 4)]
    [InlineData("/api/v2/x;y", "3", 7)]
    [InlineData("/api;x/v2", Ambiguous, 0)]
    [InlineData("/api%3Bx/v2", Ambiguous, 0)]
    [InlineData("/;/api", Ambiguous, 0)]
    [InlineData("/;x=1/api/v2", Ambiguous, 0)]
    [InlineData("/;x;y//;z/api", Ambiguous, 0)]
    [InlineData("//;/%61pi/", Ambiguous, 0)]
    [InlineData("/api/;/v2", Ambiguous, 0)]
    [InlineData("/ap;i", "1", 0)]
    [InlineData("/%c3%a4/x", "1", 0)]
    [InlineData("/%e2%82%ac", "1", 0)]
    [InlineData("/%e0%a4%85", "1", 0)]
    [InlineData("/x/%c0%ae%c0%ae/api", Ambiguous, 0)]
    [InlineData("/x%C0%AFapi", Ambiguous, 0)]
    [InlineData("/%c1%a1pi", Ambiguous, 0)]
    [InlineData("/x%e0%80%afapi", Ambiguous, 0)]
    [InlineData("/x%f0%80%80%afapi", Ambiguous, 0)]
    [InlineData("/%2561pi", "1", 0)]
    [InlineData("/..", Ambiguous, 0)]
    [InlineData("/x/../api", Ambiguous, 0)]
    [InlineData("/x/./api", Ambiguous, 0)]
    [InlineData("/api/..", Ambiguous, 0)]
    [InlineData("/x/%2e%2E/api", Ambiguous, 0)]
    [InlineData("/x/.%2e/api", Ambiguous, 0)]
    [InlineData("/x/..;a=b/api", Ambiguous, 0)]
    [InlineData("/x/%2e", Ambiguous, 0)]
    [InlineData("/x%2fapi", Ambiguous, 0)]
    [InlineData("/x%2Fapi", Ambiguous, 0)]
    [InlineData("/x%5c..%5Capi", Ambiguous, 0)]
    [InlineData("/x\\api", Ambiguous, 0)]
    [InlineData("/api%00", Ambiguous, 0)]
    [InlineData("/api;x=1/y", Ambiguous, 0)]
    [InlineData("/api;", Ambiguous, 0)]
    [InlineData("/x?..%2f", "1", 0)]
    public void The_longest_path_wins_and_a_path_that_may_mean_two_things_none(string path, string service, int length)
    {
        Assert.Equal(service, Find("shop.example", path, out int found));
        Assert.Equal(length, service == Ambiguous ? 0 : found);
    }

    [Fact]
    public void A_host_without_a_route_for_the_path_leaves_it_to_less_exact_hosts_and_then_to_the_default_service()
    {
        Assert.Equal("6", Find("paths.example", "/a/b", out _));
        Assert.Equal(Default, Find("paths.example", "/b", out _));
        Assert.Equal("9", Find("paths.example", "/everywhere", out _));
        Assert.Equal(Ambiguous, Find("paths.example", "/b/../a", out _));
        Assert.Equal("5", Find("x.shop.example", "/only/", out _));
    }

    [Fact]
    public void Where_the_routes_of_a_host_have_no_paths_every_path_is_passed_on()
    {
        foreach (string path in new[] { "/..", "/a%2fb", "\\", "/a/../b", "/%00" })
        {
            Assert.Equal("10", Find("one.example", path, out _));
        }
    }

    [Theory]
    [InlineData("SHOP.example:80", true)]
    [InlineData("a.shop.example", true)]
    [InlineData("a.b.shop.example", false)]
    [InlineData("other.example", false)]
    [InlineData("", false)]
    public void A_host_is_named_by_routes_of_itself_and_of_wildcards_alone(string host, bool isNamed) =>
        Assert.Equal(isNamed, s_map.HasHost(Encoding.ASCII.GetBytes(host)));

    [Fact]
    public void Two_routes_for_the_same_host_and_path_are_refused() =>
        Assert.Throws<ArgumentException>(() => new RouteMap([new Route("a.example", "/x", 1), new Route("a.example", "/x", 2)]));

    [Fact]
    public void Hundreds_of_hosts_are_all_found_and_no_other_is()
    {
        var map = new RouteMap([.. Enumerable.Range(0, 400).Select(i => new Route($"host-{i}.example", i % 4 == 0 ? "" : "/p", i))]);
        for (int i = 0; i < 400; i++)
        {
            Assert.Equal(i, map.Find(Encoding.ASCII.GetBytes($"HOST-{i}.example:80"), "/p/x"u8, out _, out _)!.Service);
            Assert.Null(map.Find(Encoding.ASCII.GetBytes($"host-{i}x.example"), "/p/x"u8, out _, out _));
        }
    }

    [Fact]
    public void Random_paths_go_where_a_slow_reference_says()
    {
        string[] pieces =
        [
            "/", "//", "api", "v2", "a", ".", "..", "%2e", "%2F", "%61", "pi", ";", "\\", "%5c", "%",
            "%0", "?", "x", "%00", "/api/v2", "/api", "%c0", "%ae", "%e0", "%80", ";/", "%3b",
        ];
        var random = new Random(2026_11);
        string[] hosts =
        [
            "shop.example", "SHOP.example.:80", "%73hop.example", "paths.example", "q.shop.example", "none.example", "one.example", "[2001:db8:0::1]",
            "[::ffff:0102:0304]:", "shop.example..", "",
        ];
        for (int round = 0; round < 60_000; round++)
        {
            string path = "/" + string.Concat(Enumerable.Range(0, random.Next(7)).Select(_ => pieces[random.Next(pieces.Length)]));
            string host = hosts[random.Next(hosts.Length)];
            string expected = RouteOracle.Judge(s_routes, host, path);
            Assert.True(expected == Find(host, path, out _), $"{host} {path}: {expected} and not {Find(host, path, out _)}");
        }
    }
}
