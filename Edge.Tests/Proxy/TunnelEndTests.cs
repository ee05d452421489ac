using Edge.Config;
using Edge.Fleet;
using Edge.Proxy;
using Edge.Routing;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Fleet;

namespace Edge.Tests.Proxy;

/// <summary>Tunnels that do not end by themselves.</summary>
public sealed class TunnelEndTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(100);

    // A replica of one tunnel, and how that ended there.
    private sealed class Party
    {
        internal TaskCompletionSource<string> Heard { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task Script(Wire wire) => Switching.Then(async tunnel =>
        {
            await tunnel.SendAsync(await tunnel.ReadExactlyAsync(5));
            try
            {
                Heard.TrySetResult(await tunnel.ReadToEndAsync());
            }
            catch (Exception broken)
            {
                Heard.TrySetException(broken);
            }
        })(wire);
    }

    [Fact]
    public async Task An_idle_tunnel_is_closed_in_order_on_both_sides()
    {
        var party = new Party();
        await using var balancer = new TestBalancer(s => s with { Timeouts = new() { Tunnel = s_short } }, null, new Backend(party.Script));
        using Wire client = await balancer.OpenTunnelAsync();
        await client.PlayAsync("hello");
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Equal("", await party.Heard.Task);
    }

    [Fact]
    public async Task Bytes_that_the_other_side_does_not_read_do_not_keep_a_tunnel_open()
    {
        await using var balancer = new TestBalancer(s => s with { Timeouts = new() { Tunnel = s_short } }, null, new Backend(Switching.Then(async wire =>
        {
            while (true)
            {
                await wire.SendAsync(new byte[64 * 1024]);
            }
        })));
        using Wire client = await balancer.OpenTunnelAsync();
        await Quiet.UntilAsync(() => balancer.Replicas[0].Totals().InFlight == 0, "the tunnel has ended");
    }

    [Fact]
    public async Task The_time_for_a_whole_request_is_not_the_tunnels()
    {
        await using var balancer = new TestBalancer(
            s => s with { Timeouts = new() { Request = TimeSpan.FromMilliseconds(400) }, Loops = 1, Retries = new() { Attempts = 1 } },
            null, new Backend(async wire =>
            {
                string head = await wire.ReadHeadAsync();
                if (head.Contains("Upgrade", StringComparison.Ordinal))
                {
                    await wire.SendAsync(Switching.Answer);
                    await Switching.Echo(wire);
                }
                else
                {
                    await Scripts.NeverAnswers(wire);
                }
            }));
        using Wire client = await balancer.OpenTunnelAsync();
        // By this clock, which began after the tunnel, its time would be over.
        Assert.Equal(504, (await balancer.GetAsync()).Status);
        await client.PlayAsync("still here");
    }

    [Fact]
    public async Task A_release_waits_for_a_tunnel_that_ends_in_time()
    {
        await using var balancer = new TestBalancer(new Backend(Switching.Then(Switching.Echo)));
        using Wire client = await balancer.OpenTunnelAsync();
        balancer.Plane.Publish(ReplicaTable.Empty);
        Task<DrainReport> released = balancer.Plane.ReleaseAsync(balancer.Replicas[0], s_long);
        // The plane has got the release, and the tunnel goes on.
        Assert.Equal(503, (await balancer.GetAsync()).Status);
        await client.PlayAsync("hello");
        Assert.False(released.IsCompleted);
        client.Finish();
        Assert.Equal("", await client.ReadToEndAsync());
        DrainReport drained = await released;
        Assert.Equal((1, 0, 0), (drained.Finished, drained.Retried, drained.Cut));
    }

    [Fact]
    public async Task A_release_cuts_a_tunnel_in_order_at_the_end_of_its_time()
    {
        var party = new Party();
        await using var balancer = new TestBalancer(new Backend(party.Script));
        using Wire client = await balancer.OpenTunnelAsync();
        await client.PlayAsync("hello");
        balancer.Plane.Publish(ReplicaTable.Empty);
        DrainReport drained = await balancer.Plane.ReleaseAsync(balancer.Replicas[0], s_short);
        Assert.Equal((0, 0, 1), (drained.Finished, drained.Retried, drained.Cut));
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Equal("", await party.Heard.Task);
        Assert.Equal(0, balancer.Replicas[0].Totals().InFlight);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_removal_tells_of_the_tunnel_that_it_cut_and_so_does_the_death_of_a_replica(bool dies)
    {
        var party = new Party();
        await using var backend = new Backend(party.Script);
        await using var balancer = new TestBalancer();
        var journal = new Journal();
        var driver = new FakeDriver(journal) { Address = backend.Address };
        var log = new StringWriter();
        var options = new ServiceOptions { Fleet = new() { Replicas = 1 }, Timeouts = new() { Start = s_long, Drain = s_short } };
        await using var manager = new FleetManager(
            driver, balancer.Plane.For(Service.Default), new FakeHealth(journal, driver).WatchAsync, options,
            TimeProvider.System, new Random(1), new Log(log, TimeProvider.System));
        manager.Start();
        await manager.Steady.WaitAsync(s_long);
        using Wire client = await balancer.OpenTunnelAsync();
        await client.PlayAsync("hello");
        if (dies)
        {
            driver.Kill("server_1");
        }
        else
        {
            DrainReceipt receipt = Assert.Single((await manager.RemoveAsync(1, ["server_1"])).Drained);
            Assert.Equal(("server_1", 0, 0, 1), (receipt.Name, receipt.Requests.Finished, receipt.Requests.Retried, receipt.Requests.Cut));
            Assert.True(receipt.Requests.LongestMilliseconds > 0);
            Assert.Contains(" replica_cut name=server_1 retried=0 cut=1 ", log.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Equal("", await party.Heard.Task);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_end_of_the_balancer_waits_for_tunnels_and_then_closes_them(bool inTime)
    {
        var party = new Party();
        await using var backend = new Backend(party.Script);
        var balancer = new TestBalancer(backend);
        using Wire client = await balancer.OpenTunnelAsync();
        using Wire idle = await balancer.ConnectAsync();
        Task stopped = balancer.Plane.StopAsync(inTime ? s_long : s_short);
        if (inTime)
        {
            // The end has begun, and the tunnel goes on.
            Assert.Equal("", await idle.ReadToEndAsync());
            await client.PlayAsync("hello");
            Assert.False(stopped.IsCompleted);
            client.Finish();
        }

        Assert.Equal("", await client.ReadToEndAsync());
        await stopped.WaitAsync(s_long);
        Assert.Equal(0, balancer.Replicas[0].Totals().InFlight);
        if (inTime)
        {
            Assert.Equal("", await party.Heard.Task);
        }
    }

    [Fact]
    public async Task A_balancer_that_was_replaced_leaves_its_tunnels_alone()
    {
        var party = new Party();
        await using var backend = new Backend(party.Script);
        var balancer = new TestBalancer(backend);
        using Wire client = await balancer.OpenTunnelAsync();
        await balancer.Plane.HandOverAsync();
        var hurry = new TaskCompletionSource();
        Task stopped = balancer.Plane.StopAsync(s_long, hurry.Task);
        hurry.SetResult();
        await client.PlayAsync("hello");
        Assert.False(stopped.IsCompleted);
        client.Finish();
        Assert.Equal("", await client.ReadToEndAsync());
        await stopped.WaitAsync(s_long);
    }
}
