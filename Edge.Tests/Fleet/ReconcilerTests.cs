using System.Net;
using Edge.Fleet;

namespace Edge.Tests.Fleet;

public sealed class ReconcilerTests
{
    [Fact]
    public void An_empty_fleet_gets_replicas_with_the_lowest_names() =>
        Assert.Equal(["Start server_1", "Start server_2"], Plan([], [], fillTo: 2));

    [Fact]
    public void Replicas_that_run_are_adopted_and_only_the_missing_ones_are_started() =>
        Assert.Equal(["Adopt server_2/a", "Adopt other/b", "Start server_1"], Plan([], [Runs("server_2", "a"), Runs("other", "b")], fillTo: 3));

    [Fact]
    public void Replicas_beyond_the_target_are_adopted_too() =>
        Assert.Equal(["Adopt a/1", "Adopt b/2"], Plan([], [Runs("a", "1"), Runs("b", "2")], fillTo: 1));

    [Fact]
    public void A_member_that_runs_as_listed_needs_no_action() =>
        Assert.Empty(Plan([new("a", "1", false)], [Runs("a", "1")]));

    [Fact]
    public void A_member_that_is_not_listed_any_more_vanishes() =>
        Assert.Equal(["Vanish a"], Plan([new("a", "1", false) { UnitId = "u" }], []));

    [Fact]
    public void A_member_that_is_listed_as_ended_is_lost() =>
        Assert.Equal(["Lose a/1"], Plan([new("a", "1", false) { UnitId = "u" }], [], 0, new ReplicaSpec("a", 1, "u")));

    [Fact]
    public void A_stopped_member_leaves_only_when_it_is_not_listed_any_more()
    {
        DesiredReplica stopped = new("a", null, false) { UnitId = "u", IsStopped = true };
        Assert.Empty(Plan([stopped], [], 0, new ReplicaSpec("a", 1, "u")));
        Assert.Equal(["Vanish a"], Plan([stopped], []));
        Assert.Empty(Plan([stopped with { IsStopped = false }], []));
    }

    [Fact]
    public void A_member_that_is_listed_under_another_name_is_renamed_and_nothing_else()
    {
        DesiredReplica known = new("old", "1", false) { UnitId = "u" };
        Assert.Equal(["Rename old to new"], Plan([known], [Runs("new", "1") with { UnitId = "u" }]));
        Assert.Equal(["Rename old to new"], Plan([known with { RunningId = null, IsStopped = true }], [], 0, new ReplicaSpec("new", 1, "u")));
    }

    [Fact]
    public void Two_members_that_have_swapped_their_names_are_both_renamed() =>
        Assert.Equal(
            ["Rename a to b", "Rename b to a"],
            Plan(
                [new("a", "1", false) { UnitId = "u" }, new("b", "2", false) { UnitId = "v" }],
                [Runs("b", "1") with { UnitId = "u" }, Runs("a", "2") with { UnitId = "v" }]));

    [Fact]
    public void An_ended_replica_that_the_balancer_did_not_make_is_shown_as_stopped_and_not_started() =>
        Assert.Equal(
            ["AdoptStopped theirs", "Start ours"],
            Plan([], [], 0, isFirst: true, new ReplicaSpec("theirs", 1, "t", ReplicaOrigin.Adopted), new ReplicaSpec("ours", 1, "o")));

    [Fact]
    public void A_new_replica_under_a_members_name_replaces_the_old_one() =>
        Assert.Equal(["Replace a/2"], Plan([new("a", "1", false)], [Runs("a", "2")]));

    [Fact]
    public void A_member_that_waits_for_its_next_start_and_runs_already_is_adopted() =>
        Assert.Equal(["Adopt a/2"], Plan([new("a", null, false)], [Runs("a", "2")]));

    [Fact]
    public void A_member_that_is_being_started_or_stopped_is_left_alone() =>
        Assert.Empty(Plan([new("a", null, true), new("b", "1", true)], [Runs("a", "2")], fillTo: 2));

    [Fact]
    public void Replicas_that_have_ended_are_started_before_new_ones() =>
        Assert.Equal(
            ["Adopt server_2/a", "Start server_4*3", "Start server_1"],
            Plan([], [Runs("server_2", "a")], fillTo: 3, new ReplicaSpec("server_4", 3, "d"), new ReplicaSpec("server_2", 1, "x")));

    [Fact]
    public void An_objection_of_the_driver_is_noted_and_taken_back()
    {
        Assert.Equal(["Object a: sick"], Plan([new("a", "1", false)], [Runs("a", "1") with { Objection = "sick" }]));
        Assert.Equal(["Object a: "], Plan([new("a", "1", false, "sick")], [Runs("a", "1")]));
        Assert.Empty(Plan([new("a", "1", false, "sick")], [Runs("a", "1") with { Objection = "sick" }]));
        Assert.Empty(Plan([new("a", "1", Busy: true)], [Runs("a", "1") with { Objection = "sick" }]));
    }

    private static string[] Plan(DesiredReplica[] desired, ObservedReplica[] observed, int fillTo = 0, params ReplicaSpec[] ended) =>
        Plan(desired, observed, fillTo, isFirst: fillTo > 0, ended);

    private static string[] Plan(DesiredReplica[] desired, ObservedReplica[] observed, int fillTo, bool isFirst, params ReplicaSpec[] ended) =>
        [.. Reconciler.Plan(desired, new ReplicaListing(observed, ended), isFirst, new FleetTarget(fillTo)).Select(Tell)];

    private static string Tell(FleetAction action) => action switch
    {
        FleetAction.Adopt adopt => $"Adopt {adopt.Replica.Name}/{adopt.Replica.Id}",
        FleetAction.Replace replace => $"Replace {replace.Replica.Name}/{replace.Replica.Id}",
        FleetAction.Lose lose => $"Lose {lose.Name}/{lose.Id}",
        FleetAction.Object noted => $"Object {noted.Name}: {noted.Objection}",
        FleetAction.Vanish vanish => $"Vanish {vanish.Name}",
        FleetAction.Rename rename => $"Rename {rename.Name} to {rename.To}",
        FleetAction.AdoptStopped stopped => $"AdoptStopped {stopped.Spec.Name}",
        FleetAction.Start start => $"Start {start.Spec.Name}{(start.Spec.Weight == 1 ? "" : $"*{start.Spec.Weight}")}",
        _ => throw new NotSupportedException(),
    };

    private static ObservedReplica Runs(string name, string id) => new(id, name, new IPEndPoint(IPAddress.Loopback, 1), 1);
}
