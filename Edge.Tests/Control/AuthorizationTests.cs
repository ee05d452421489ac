using System.Net;
using Edge.Control;
using Authorization = Edge.Control.Authorization;

namespace Edge.Tests.Control;

public sealed class AuthorizationTests
{
    [Theory]
    [InlineData("", null, "127.0.0.1", nameof(Access.Granted))]
    [InlineData("", null, "127.8.9.1", nameof(Access.Granted))]
    [InlineData("", null, "::1", nameof(Access.Granted))]
    [InlineData("", null, "::ffff:127.0.0.1", nameof(Access.Granted))]
    [InlineData("", "Bearer x", "127.0.0.1", nameof(Access.Granted))]
    [InlineData("", null, "10.0.0.1", nameof(Access.LoopbackOnly))]
    [InlineData("", "Bearer ", "10.0.0.1", nameof(Access.LoopbackOnly))]
    [InlineData("", null, "::ffff:10.0.0.1", nameof(Access.LoopbackOnly))]
    [InlineData("", null, "fe80::1", nameof(Access.LoopbackOnly))]
    [InlineData("secret", null, "127.0.0.1", nameof(Access.TokenNeeded))]
    [InlineData("secret", "Bearer secret", "127.0.0.1", nameof(Access.Granted))]
    [InlineData("secret", "Bearer secret", "10.0.0.1", nameof(Access.Granted))]
    [InlineData("secret", "bearer  secret ", "10.0.0.1", nameof(Access.Granted))]
    [InlineData("secret", "Bearer Secret", "127.0.0.1", nameof(Access.TokenNeeded))]
    [InlineData("secret", "Bearer secre", "127.0.0.1", nameof(Access.TokenNeeded))]
    [InlineData("secret", "Bearer secrets", "127.0.0.1", nameof(Access.TokenNeeded))]
    [InlineData("secret", "Bearer", "127.0.0.1", nameof(Access.TokenNeeded))]
    [InlineData("secret", "Bearer ", "127.0.0.1", nameof(Access.TokenNeeded))]
    [InlineData("secret", "Basic secret", "127.0.0.1", nameof(Access.TokenNeeded))]
    [InlineData("secret", "secret", "127.0.0.1", nameof(Access.TokenNeeded))]
    [InlineData("geheimnüß", "Bearer geheimnüß", "127.0.0.1", nameof(Access.Granted))]
    public void Access_follows_from_the_token_and_the_peer(string token, string? authorization, string peer, string access) =>
        Assert.Equal(access, new Authorization(token).Check(authorization, IPAddress.Parse(peer)).ToString());
}
