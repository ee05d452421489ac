using System.Text.Json;
using Edge.Drivers;
using Edge.Fleet;
using Edge.Tests.Backends;

namespace Edge.Tests.Drivers;

/// <summary>What the engine is asked for services that labels name, and when.</summary>
public sealed class LabelledContainersTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Container(string id, string host) => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["Id"] = id,
        ["Names"] = new[] { "/" + id },
        ["State"] = "running",
        ["Status"] = "Up",
        ["Created"] = 1_700_000_000,
        ["Image"] = "i",
        ["ImageID"] = "sha256:1",
        ["Labels"] = new Dictionary<string, string> { ["edge.host"] = host },
        ["NetworkSettings"] = new Dictionary<string, object> { ["Networks"] = new Dictionary<string, object>() },
    });

    private static string Event(string action, string id, params (string Name, string Value)[] attributes) =>
        JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["Type"] = "container",
            ["Action"] = action,
            ["Actor"] = new Dictionary<string, object> { ["ID"] = id, ["Attributes"] = attributes.ToDictionary(one => one.Name, one => one.Value) },
            ["time"] = 1,
            ["timeNano"] = 1,
        }) + "\n";

    [Fact]
    public async Task All_are_listed_at_first_and_after_an_event_of_one_with_a_host_and_the_balancer_itself_is_none()
    {
        string list = "[" + Container("web", "a.test") + "," + Container("me", "b.test") + "]";
        await using var fake = new FakeEngine { OnRequest = _ => (200, Volatile.Read(ref list)) };
        using var line = new EngineLine(fake.Endpoint);
        var containers = new LabelledContainers(new DockerEngine(line, "net"), "me", TimeProvider.System);
        await using IAsyncEnumerator<IReadOnlyList<RouteClaim>> claims = containers.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await claims.MoveNextAsync());
        RouteClaim web = Assert.Single(claims.Current);
        Assert.Equal(("web", "web", 1700000000L), (web.Service, web.UnitId, web.Made.ToUnixTimeSeconds()));
        Assert.Equal(["a.test"], web.Hosts);

        // An event of a container without a host asks for nothing.
        fake.Events.Writer.TryWrite(Event("start", "db", ("name", "db")));
        fake.Events.Writer.TryWrite(Event("health_status: healthy", "web", ("name", "web"), ("edge.host", "a.test")));
        Volatile.Write(ref list, "[" + Container("api", "c.test") + "]");
        Task<bool> next = claims.MoveNextAsync().AsTask();
        fake.Events.Writer.TryWrite(Event("create", "api", ("name", "api"), ("edge.host", "c.test")));
        Assert.True(await next);
        Assert.Equal("api", Assert.Single(claims.Current).Service);
        Assert.Equal(2, fake.Calls.Count(call => call.Line.EndsWith("/containers/json", StringComparison.Ordinal)));
        Assert.All(
            fake.Calls.Where(call => call.Line.EndsWith("/containers/json", StringComparison.Ordinal)),
            call => Assert.Contains("edge.host", Uri.UnescapeDataString(call.Query), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_end_of_the_engine_is_told_in_its_words()
    {
        await using var fake = new FakeEngine();
        using var line = new EngineLine(fake.Endpoint);
        var containers = new LabelledContainers(new DockerEngine(line, "net"), null, TimeProvider.System);
        await using IAsyncEnumerator<IReadOnlyList<RouteClaim>> claims = containers.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await claims.MoveNextAsync());
        Task<bool> next = claims.MoveNextAsync().AsTask();
        fake.Events.Writer.Complete();
        DriverException lost = await Assert.ThrowsAsync<DriverException>(() => next);
        Assert.Equal(DriverFailure.Unavailable, lost.Kind);
    }
}
