using System.Net;
using System.Net.Sockets;
using Edge.Config;
using Edge.Drivers;
using Edge.Fleet;
using Edge.Telemetry;
using Edge.Tests.Fleet;

namespace Edge.Tests.Drivers;

public sealed class StaticDriverTests : IDisposable
{
    private readonly Journal _journal = new();
    private readonly FakeTime _time;
    private readonly StringWriter _log = new();
    private readonly Dictionary<string, string[]> _names = new() { ["localhost"] = ["::1", "127.0.0.1"] };

    public StaticDriverTests() => _time = new FakeTime(_journal);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Addresses_are_listed_with_their_weights_and_names_are_resolved()
    {
        await using StaticDriver driver = Driver(new("10.0.0.1", 80, 3), new("localhost", 81, 1), new("::1", 82, 1));
        IReadOnlyList<ObservedReplica> listed = (await driver.ListAsync(Cancellation)).Running;
        Assert.Equal(["10.0.0.1:80", "localhost:81", "[::1]:82"], listed.Select(r => r.Name));
        Assert.Equal(["10.0.0.1:80", "127.0.0.1:81", "[::1]:82"], listed.Select(r => r.Address.ToString()));
        Assert.Equal([3, 1, 1], listed.Select(r => r.Weight));
    }

    [Fact]
    public async Task A_name_without_an_address_may_have_one_later()
    {
        await using StaticDriver driver = Driver(new StaticAddress("app", 80, 1));
        DriverException failed = await Assert.ThrowsAsync<DriverException>(() => driver.ListAsync(Cancellation));
        Assert.Equal(DriverFailure.Unavailable, failed.Kind);
        Assert.Contains("app", failed.Message, StringComparison.Ordinal);
        _names["app"] = ["10.0.0.2"];
        Assert.Equal("10.0.0.2:80", Assert.Single((await driver.ListAsync(Cancellation)).Running).Address.ToString());
    }

    [Fact]
    public async Task A_name_that_is_not_found_keeps_nobody_else_away()
    {
        await using StaticDriver driver = Driver(new("app", 80, 1), new("localhost", 81, 1));
        Assert.Equal(["localhost:81"], (await driver.ListAsync(Cancellation)).Running.Select(r => r.Name));
        await driver.ListAsync(Cancellation);
        Assert.Single(_log.ToString().Split('\n'), l => l.Contains("warning name_not_found host=app", StringComparison.Ordinal));
        _names["app"] = ["10.0.0.2"];
        Assert.Equal(["app:80", "localhost:81"], (await driver.ListAsync(Cancellation)).Running.Select(r => r.Name));
    }

    [Fact]
    public async Task A_name_is_followed_to_another_address()
    {
        _names["app"] = ["10.0.0.2", "10.0.0.3"];
        await using StaticDriver driver = Driver(new StaticAddress("app", 80, 1));
        await using IAsyncEnumerator<DriverEvent> events = driver.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await events.MoveNextAsync());
        Assert.IsType<DriverEvent.Watching>(events.Current);
        ObservedReplica before = Assert.Single((await driver.ListAsync(Cancellation)).Running);
        ValueTask<bool> next = events.MoveNextAsync();

        // In another order, and not found for a while: neither is a change.
        await LookAgainAsync(1, ["10.0.0.3", "10.0.0.2"]);
        await LookAgainAsync(2, []);
        Assert.Equal(before, Assert.Single((await driver.ListAsync(Cancellation)).Running));
        Assert.False(next.IsCompleted);

        await LookAgainAsync(3, ["10.0.0.3"]);
        Assert.True(await next);
        Assert.IsType<DriverEvent.Watching>(events.Current);
        ObservedReplica after = Assert.Single((await driver.ListAsync(Cancellation)).Running);
        Assert.Equal((before.Name, "10.0.0.3:80"), (after.Name, after.Address.ToString()));
        Assert.NotEqual(before.Id, after.Id);
    }

    [Theory]
    [InlineData("", "app", "10.0.0.9")]
    [InlineData("replica.example", "replica.example", "replica.example")]
    public async Task A_server_of_https_has_to_show_a_certificate_for_its_host_or_for_the_name_of_the_options(string option, string named, string addressed)
    {
        _names["app"] = ["10.0.0.2"];
        StaticAddress[] addresses = [new("app", 443, 1, Scheme.Https), new("10.0.0.9", 443, 1, Scheme.Https), new("10.0.0.9", 80, 1)];
        await using var driver = new StaticDriver(addresses, option, LookUpAsync, _time, new Log(_log, _time));
        IReadOnlyList<ObservedReplica> all = (await driver.ListAsync(Cancellation)).Running;
        Assert.Equal([named, addressed, null], all.Select(replica => replica.TlsName));
        Assert.Equal(["app:443", "10.0.0.9:443", "10.0.0.9:80"], all.Select(replica => replica.Name));
        Assert.Equal(["https://10.0.0.2:443", "https://10.0.0.9:443", "10.0.0.9:80"], all.Select(replica => replica.ShownAddress));
    }

    [Fact]
    public async Task Nothing_is_started_or_stopped()
    {
        await using StaticDriver driver = Driver(new StaticAddress("10.0.0.1", 80, 1));
        Assert.False(driver.Capabilities.StartsReplicas);
        await Assert.ThrowsAsync<DriverException>(() => driver.StartAsync(new ReplicaSpec("a", 1), Cancellation));
        ObservedReplica replica = (await driver.ListAsync(Cancellation)).Running[0];
        await Assert.ThrowsAsync<DriverException>(() => driver.StopAsync(replica.UnitId, StopKind.Remove, "the test says so", Cancellation));
    }

    public void Dispose() => _log.Dispose();

    // Returns when it is about to wait for the next time, which is when it has looked.
    private async Task LookAgainAsync(int times, string[] addresses)
    {
        string timer = $"timer {StaticDriver.LookAgainAfter.TotalSeconds:0}";
        await _journal.WaitAsync(timer, times);
        _names["app"] = addresses;
        _time.Advance(StaticDriver.LookAgainAfter);
        if (addresses is not ["10.0.0.3"])
        {
            await _journal.WaitAsync(timer, times + 1);
        }
    }

    private StaticDriver Driver(params StaticAddress[] addresses) => new(addresses, "", LookUpAsync, _time, new Log(_log, _time));

    private Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellation) =>
        _names.GetValueOrDefault(host) is { Length: > 0 } found
            ? Task.FromResult<IPAddress[]>([.. found.Select(IPAddress.Parse)]) : throw new SocketException((int)SocketError.HostNotFound);
}
