using Edge.Drivers;
using Edge.Fleet;
using Edge.Options;

namespace Edge.Tests.Drivers;

public sealed class StaticDriverTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Addresses_are_listed_with_their_weights_and_names_are_resolved()
    {
        await using var driver = new StaticDriver([new("10.0.0.1", 80, 3), new("localhost", 81, 1), new("::1", 82, 1)]);
        IReadOnlyList<ObservedReplica> listed = (await driver.ListAsync(Cancellation)).Running;
        Assert.Equal(["10.0.0.1:80", "localhost:81", "[::1]:82"], listed.Select(r => r.Name));
        Assert.Equal(["10.0.0.1:80", "127.0.0.1:81", "[::1]:82"], listed.Select(r => r.Address.ToString()));
        Assert.Equal([3, 1, 1], listed.Select(r => r.Weight));
    }

    [Fact]
    public async Task A_name_without_an_address_may_have_one_later()
    {
        await using var driver = new StaticDriver([new("no-such-host.invalid", 80, 1)]);
        DriverException failed = await Assert.ThrowsAsync<DriverException>(() => driver.ListAsync(Cancellation));
        Assert.Equal(DriverFailure.Unavailable, failed.Kind);
    }

    [Fact]
    public async Task Nothing_is_started_or_stopped()
    {
        await using var driver = new StaticDriver([new StaticAddress("10.0.0.1", 80, 1)]);
        Assert.False(driver.Owned);
        await Assert.ThrowsAsync<DriverException>(() => driver.StartAsync(new ReplicaSpec("a", 1, IsNew: true), Cancellation));
        ObservedReplica replica = (await driver.ListAsync(Cancellation)).Running[0];
        await Assert.ThrowsAsync<DriverException>(() => driver.StopAsync(replica, Cancellation));
    }
}
