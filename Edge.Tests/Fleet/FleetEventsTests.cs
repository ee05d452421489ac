using System.Net;
using Edge.Fleet;
using Edge.Telemetry;

namespace Edge.Tests.Fleet;

public class FleetEventsTests
{
    private static readonly ReplicaSnapshot s_one = new(
        "server_1", new ObservedReplica("1", "server_1", new IPEndPoint(IPAddress.Loopback, 1), 1), ReplicaState.Healthy, "it passed", DateTimeOffset.UnixEpoch,
            1, 0, false, null, new PastFigures(default, new AnswerTable()));

    private static readonly FleetSnapshot s_fleet = Fleet(s_one);

    [Fact]
    public void Two_equal_snapshots_have_no_event_between_them() => Assert.Empty(FleetEvents.Between(s_fleet, Fleet(s_one with { Why = "it passed again" })));

    [Fact]
    public void Replicas_that_came_and_left_are_told_in_natural_order()
    {
        FleetSnapshot before = Fleet(s_one with { Name = "server_2" }, s_one with { Name = "server_9" });
        FleetSnapshot now = Fleet(s_one, s_one with { Name = "server_9" }, s_one with { Name = "server_10" });
        Assert.Equal(["ReplicaAdded server_1", "ReplicaRemoved server_2", "ReplicaAdded server_10"], Texts(before, now));
    }

    [Fact]
    public void A_change_of_state_tells_the_state_before_and_the_reason()
    {
        FleetEvent happened = Assert.Single(FleetEvents.Between(s_fleet, Fleet(s_one with { State = ReplicaState.Unhealthy, Why = "it answered 500" })));
        Assert.Equal((ReplicaState.Healthy, ReplicaState.Unhealthy, "it answered 500"), (happened.Was!.Value, happened.Replica!.State, happened.Why));
    }

    [Fact]
    public void A_replica_that_ended_and_came_back_between_two_snapshots_is_told() =>
        Assert.Equal(["ReplicaState server_1"], Texts(s_fleet, Fleet(s_one with { Since = DateTimeOffset.UnixEpoch.AddSeconds(1) })));

    [Fact]
    public void Weight_ejection_trial_and_crash_loop_are_events()
    {
        Assert.Equal(["ReplicaWeight server_1"], Texts(s_fleet, Fleet(s_one with { Weight = 2 })));
        FleetSnapshot ejected = Fleet(s_one with { Ejected = true });
        FleetSnapshot trial = Fleet(s_one with { OnTrial = true });
        Assert.Equal(["ReplicaEjected server_1"], Texts(s_fleet, ejected));
        Assert.Equal(["ReplicaTrial server_1"], Texts(ejected, trial));
        Assert.Equal(["ReplicaTrialOver server_1"], Texts(trial, s_fleet));
        Assert.Equal(["ReplicaCrashLoop server_1"], Texts(s_fleet, Fleet(s_one with { CrashLoop = true })));
    }

    [Fact]
    public void Events_of_the_fleet_come_before_those_of_replicas()
    {
        Assert.Equal(["DriverBack", "ReplicaAdded server_1"], Texts(FleetSnapshot.Empty, s_fleet));
        Assert.Equal(["DriverLost", "Panic"], Texts(s_fleet, s_fleet with { Blindness = "gone", InPanic = true }));
        Assert.Empty(Texts(s_fleet with { Blindness = "gone" }, s_fleet with { Blindness = "still gone" }));
        Assert.Equal(["DriverBack", "PanicOver"], Texts(s_fleet with { Blindness = "gone", InPanic = true }, s_fleet));
    }

    private static FleetSnapshot Fleet(params ReplicaSnapshot[] replicas) => new([], replicas, null) { IsKnown = true };

    private static string[] Texts(FleetSnapshot before, FleetSnapshot now) =>
        [.. FleetEvents.Between(before, now).Select(e => $"{e.Kind} {e.Replica?.Name}".TrimEnd())];
}
