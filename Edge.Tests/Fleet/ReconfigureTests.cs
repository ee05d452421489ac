using System.Threading.Channels;
using Edge.Config;
using Edge.Drivers;
using Edge.Fleet;

namespace Edge.Tests.Fleet;

public sealed class ReconfigureTests
{
    [Fact]
    public async Task The_next_call_is_checked_against_the_new_bounds()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 3, maximum: 4);
        fleet.Manager.Reconfigure(fleet.Manager.Options with { Fleet = new() { Minimum = 3, Maximum = 3 } });
        Assert.Contains("at most 3", (await fleet.AddAsync(1)).Refusal!.Message);
        Assert.Contains("below the minimum of 3", (await fleet.RemoveAsync(1)).Refusal!.Message);
        fleet.Manager.Reconfigure(fleet.Manager.Options with { Fleet = new() { Minimum = 0, Maximum = 4 } });
        Assert.Null((await fleet.AddAsync(1)).Refusal);
    }

    [Fact]
    public async Task A_maximum_below_the_present_size_ends_no_replica()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 3);
        fleet.Manager.Reconfigure(fleet.Manager.Options with { Fleet = new() { Maximum = 1 } });
        Assert.Equal(3, (await fleet.SettleAsync()).Running.Count);
        Assert.NotNull((await fleet.AddAsync(1)).Refusal);
    }

    [Fact]
    public async Task Replicas_carry_the_new_number_of_failures_but_not_on_trial()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 2);
        var ejection = new EjectionOptions { Failures = 7, BaseTime = TimeSpan.FromSeconds(1), MaxTime = TimeSpan.FromSeconds(9), MaxPercent = 100 };
        fleet.Manager.Reconfigure(fleet.Manager.Options with { Ejection = ejection });
        await fleet.SettleAsync();
        Assert.All(fleet.Plane.Table.Replicas.ToArray(), r => Assert.Equal(7, r.EjectAfter));
        Edge.Routing.Replica suspect = fleet.Plane.Table.Replicas[0];
        fleet.Manager.Eject(suspect);
        await fleet.Journal.WaitAsync("timer 1");
        fleet.Time.Advance(TimeSpan.FromSeconds(1));
        await Backends.Quiet.UntilAsync(() => suspect.EjectAfter == 1, "it is on trial");
        fleet.Manager.Reconfigure(fleet.Manager.Options with { Ejection = new() { Failures = 0 } });
        await fleet.SettleAsync();
        Assert.Equal(1, suspect.EjectAfter);
    }

    [Fact]
    public async Task The_new_options_hold_from_a_replicas_next_check_on()
    {
        var verdicts = Channel.CreateUnbounded<HealthVerdict>();
        await using var server = new TinyServer(request => TinyServer.Response(request.StartsWith("GET /old ", StringComparison.Ordinal) ? 200 : 500));
        var options = new HealthOptions { Path = "/old", Interval = TimeSpan.FromMilliseconds(1), Timeout = TimeSpan.FromSeconds(10), Fall = 100 };
        var prober = new HealthProber(options, TimeSpan.FromSeconds(1), DockerDriver.Abilities, TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task watch = prober.WatchAsync(new ObservedReplica("id", "app", server.Address, 1), (verdict, _) => verdicts.Writer.TryWrite(verdict), stop.Token);
        Assert.Equal(HealthVerdict.Passed, await verdicts.Reader.ReadAsync(stop.Token));
        prober.Reconfigure(options with { Path = "/new", Fall = 1 }, TimeSpan.FromSeconds(1));
        Assert.Equal(HealthVerdict.Failed, await verdicts.Reader.ReadAsync(stop.Token));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch);
    }
}
