using System.Text;
using Edge.Routing;

namespace Edge.Tests.Routing;

/// <summary>Which paths are sent where, and that none is sent to a host that the options do not name.</summary>
public sealed class RedirectMapTests
{
    private static string? Find(RedirectMap map, string target) => map.Find(Encoding.ASCII.GetBytes(target));

    [Theory]
    [InlineData("/old", "/new")]
    [InlineData("/old/", "/new/")]
    [InlineData("/old/x/y?q=/old", "/new/x/y?q=/old")]
    [InlineData("/old?q", "/new?q")]
    [InlineData("/oldest", null)]
    [InlineData("/old.html", null)]
    [InlineData("/x/old", null)]
    [InlineData("/OLD", null)]
    [InlineData("/?/old", null)]
    [InlineData("/", null)]
    [InlineData("", null)]
    [InlineData("*", null)]
    [InlineData("/old/deep", "/deeper")]
    [InlineData("/old/deep/x", "/deeper/x")]
    [InlineData("/old/deepest", "/new/deepest")]
    [InlineData("/top", "/")]
    [InlineData("/top/x", "/x")]
    [InlineData("/top?q", "/?q")]
    [InlineData("/far", "https://far.example:8443/base/")]
    [InlineData("/far/x?q", "https://far.example:8443/base/x?q")]
    [InlineData("/bare/x", "http://bare.example/x")]
    [InlineData("/bare", "http://bare.example")]
    [InlineData("/%6fld/%61", "/new/%61")]
    [InlineData("//old//x//y", "/new/x//y")]
    [InlineData("/old//evil.example", "/new/evil.example")]
    [InlineData("/top//evil.example/x", "/evil.example/x")]
    [InlineData("/top////evil.example", "/evil.example")]
    [InlineData("/top/\\evil.example", null)]
    [InlineData("/top/%5Cevil.example", null)]
    [InlineData("/top/%2fevil.example", null)]
    [InlineData("/top%2f/evil.example", null)]
    [InlineData("/old/../admin", null)]
    [InlineData("/old/%2e%2e/admin", null)]
    [InlineData("/old;x/y", null)]
    [InlineData("/old/.", null)]
    public void A_path_is_sent_where_the_longest_path_that_it_is_below_is_sent(string target, string? location)
    {
        var map = new RedirectMap(
        [
            ("/old", "/new"), ("/old/deep", "/deeper"), ("/top", "/"), ("/far", "https://far.example:8443/base/"), ("/bare", "http://bare.example"),
        ]);
        Assert.Equal(location, Find(map, target));
    }

    [Theory]
    [InlineData("/x?q", "https://new.example/x?q")]
    [InlineData("/", "https://new.example/")]
    [InlineData("", "https://new.example")]
    [InlineData("?q", "https://new.example?q")]
    [InlineData("//evil.example/%2e", null)]
    [InlineData("//evil.example/x", "https://new.example/evil.example/x")]
    public void A_whole_service_can_have_moved(string target, string? location) =>
        Assert.Equal(location, Find(new RedirectMap([("", "https://new.example")]), target));

    [Fact]
    public void No_path_leads_to_a_host_that_nobody_named()
    {
        string[] pieces = ["/", "//", "\\", "/\\", "%2f", "%5C", "..", ".", ";", "old", "top", "evil.example", "?", "@", ":", "%", "%0", "%00", "http:", "&"];
        var map = new RedirectMap([("/old", "/new"), ("/top", "/"), ("/old/top", "https://to.example"), ("/top/old", "https://to.example/x")]);
        var random = new Random(21);
        int sent = 0;
        for (int i = 0; i < 200_000; i++)
        {
            string target = "/" + string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => pieces[random.Next(pieces.Length)]));
            if (Find(map, target) is not { } location)
            {
                continue;
            }

            // As browsers do, it takes a backslash for a slash.
            sent++;
            string host = new Uri(new Uri("http://edge.example/"), location).Host;
            Assert.True(host is "edge.example" or "to.example", $"{target} leads to {location}");
            Assert.DoesNotContain(location, c => c is <= ' ' or >= '\x7f');
        }

        Assert.InRange(sent, 1000, 200_000);
    }
}
