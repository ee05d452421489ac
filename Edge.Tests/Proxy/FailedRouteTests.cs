using System.Text;
using Edge.Proxy;

namespace Edge.Tests.Proxy;

/// <summary>What counts as the same thing that was asked for, where a replica fails it.</summary>
public class FailedRouteTests
{
    [Theory]
    [InlineData("/item/1", "/item/2")]
    [InlineData("/item", "/item?id=2")]
    [InlineData("/item/1", "/item/1/parts;v=2?x#y")]
    [InlineData("/user/alice", "/user/bob/posts")]
    [InlineData("/api/item/1", "/api/v2/item/9")]
    [InlineData("/api/v1.1/user", "//api/user")]
    [InlineData("/1234", "/98765/")]
    [InlineData("/my-first-post", "/hello-world")]
    [InlineData("/6f9619ff-8b86-d011-b42d-00c04fc964ff", "/1")]
    [InlineData("/aaaaaaaaaaaaaaaaaaaaaaaaa", "/bbbbbbbbbbbbbbbbbbbbbbbbbb")]
    [InlineData("/caf%C3%A9", "/na%C3%AFve")]
    [InlineData("/", "/?page=2")]
    [InlineData("/api/", "/api?x")]
    public void Paths_that_differ_only_in_ids_queries_and_prefixes_are_one_route(string one, string other) => Assert.Equal(Of(one), Of(other));

    [Theory]
    [InlineData("/item", "/user")]
    [InlineData("/", "/item")]
    [InlineData("/api/item", "/api/user")]
    [InlineData("/api/v1/item/1", "/api/v1/user/1")]
    [InlineData("/api", "/item")]
    [InlineData("/vet", "/item")]
    [InlineData("/item", "/items")]
    [InlineData("/item", "/1")]
    [InlineData("*", "/item")]
    public void Paths_that_differ_in_their_first_word_are_two_routes(string one, string other) => Assert.NotEqual(Of(one), Of(other));

    [Fact]
    public void No_head_is_no_route_and_every_head_has_one()
    {
        Assert.Equal(0, FailedRoute.Of([]));
        Assert.All(
            (string[])["GET", "GET ", "GET /", "GET / HTTP/1.1\r\n", "GET ///", "GET /api/", "GET /api//v1//", "\r\n", " "],
            head => Assert.NotEqual(0, FailedRoute.Of(Encoding.Latin1.GetBytes(head))));
    }

    private static long Of(string target) => FailedRoute.Of(Encoding.Latin1.GetBytes($"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n"));
}
