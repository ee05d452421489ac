using System.Net;
using System.Text;
using Edge.Contract;
using Edge.Control;
using Authorization = Edge.Control.Authorization;

namespace Edge.Tests.Control;

public sealed class AuthorizationTests
{
    [Theory]
    [InlineData("", null, "127.0.0.1", nameof(Access.GrantedByLoopback))]
    [InlineData("", null, "127.8.9.1", nameof(Access.GrantedByLoopback))]
    [InlineData("", null, "::1", nameof(Access.GrantedByLoopback))]
    [InlineData("", null, "::ffff:127.0.0.1", nameof(Access.GrantedByLoopback))]
    [InlineData("", "Bearer x", "127.0.0.1", nameof(Access.GrantedByLoopback))]
    [InlineData("", null, "10.0.0.1", nameof(Access.LoopbackOnly))]
    [InlineData("", "Bearer ", "10.0.0.1", nameof(Access.LoopbackOnly))]
    [InlineData("", null, "0.0.0.0", nameof(Access.LoopbackOnly))]
    [InlineData("", null, "::ffff:10.0.0.1", nameof(Access.LoopbackOnly))]
    [InlineData("", null, "fe80::1", nameof(Access.LoopbackOnly))]
    [InlineData("secret", null, "127.0.0.1", nameof(Access.TokenNeeded))]
    [InlineData("secret", null, "10.0.0.1", nameof(Access.TokenNeeded))]
    [InlineData("secret", "Bearer secret", "127.0.0.1", nameof(Access.GrantedByToken))]
    [InlineData("secret", "Bearer secret", "10.0.0.1", nameof(Access.GrantedByToken))]
    [InlineData("secret", "bearer  secret ", "10.0.0.1", nameof(Access.GrantedByToken))]
    [InlineData("secret", "Bearer Secret", "127.0.0.1", nameof(Access.TokenWrong))]
    [InlineData("secret", "Bearer secre", "127.0.0.1", nameof(Access.TokenWrong))]
    [InlineData("secret", "Bearer secrets", "127.0.0.1", nameof(Access.TokenWrong))]
    [InlineData("secret", "Bearer secret\0", "127.0.0.1", nameof(Access.TokenWrong))]
    [InlineData("secret", "Bearer", "127.0.0.1", nameof(Access.TokenWrong))]
    [InlineData("secret", "Bearer ", "127.0.0.1", nameof(Access.TokenWrong))]
    [InlineData("secret", "Basic secret", "127.0.0.1", nameof(Access.TokenWrong))]
    [InlineData("secret", "secret", "127.0.0.1", nameof(Access.TokenWrong))]
    [InlineData("geheimnüß", "Bearer geheimnüß", "127.0.0.1", nameof(Access.GrantedByToken))]
    public void Access_follows_from_the_token_and_the_peer(string token, string? authorization, string peer, string access)
    {
        string? sent = authorization is null ? null : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(authorization));
        Assert.Equal(access, new Authorization(token).Check(Request(sent, peer), out _).ToString());
    }

    [Theory]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    public void A_forwarded_address_never_counts_as_loopback(string field, string value)
    {
        ControlRequest request = Request(null, "10.0.0.1") with { Fields = [new(field, value)] };
        Assert.Equal(Access.LoopbackOnly, new Authorization("").Check(request, out _));
    }

    [Theory]
    [InlineData("127.0.0.1", nameof(Access.NotForwarded))]
    [InlineData("::1", nameof(Access.NotForwarded))]
    [InlineData("192.0.2.7", nameof(Access.LoopbackOnly))]
    public void Nor_does_one_whose_connection_a_proxy_passes_on(string peer, string access) =>
        Assert.Equal(access, new Authorization("").Check(Request(null, peer) with { IsProxied = true }, out _).ToString());

    [Fact]
    public void The_comparison_takes_the_same_steps_whatever_is_sent()
    {
        // A longer text that begins with the token, and the token with zeros behind it, are other texts.
        var authorization = new Authorization("secret");
        foreach (string sent in new[] { "secret" + new string('\0', 506), "secret" + new string('x', 10_000) })
        {
            Assert.Equal(Access.TokenWrong, authorization.Check(Request("Bearer " + sent, "127.0.0.1"), out _));
        }
    }

    private static ControlRequest Request(string? authorization, string peer) =>
        new("GET", "/rep", "", authorization, "localhost", IPAddress.Parse(peer), default);
}
