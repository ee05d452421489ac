using System.Net;
using Edge.Fleet;

namespace Edge.Tests.Fleet;

public sealed class ReconcilerTests
{
    [Fact]
    public void An_empty_fleet_is_filled_with_the_lowest_names() =>
        Assert.Equal(["Start server_1", "Start server_2"], Plan([], [], fillTo: 2));

    [Fact]
    public void What_runs_is_adopted_and_only_the_rest_is_started() =>
        Assert.Equal(["Adopt server_2/a", "Adopt other/b", "Start server_1"], Plan([], [Runs("server_2", "a"), Runs("other", "b")], fillTo: 3));

    [Fact]
    public void More_than_wanted_are_adopted_all_the_same() =>
        Assert.Equal(["Adopt a/1", "Adopt b/2"], Plan([], [Runs("a", "1"), Runs("b", "2")], fillTo: 1));

    [Fact]
    public void What_is_known_needs_nothing() =>
        Assert.Empty(Plan([new("a", "1", false)], [Runs("a", "1")]));

    [Fact]
    public void What_is_not_listed_any_more_is_lost() =>
        Assert.Equal(["Lose a/1"], Plan([new("a", "1", false)], []));

    [Fact]
    public void What_runs_under_the_name_anew_replaces_what_ran_before() =>
        Assert.Equal(["Replace a/2"], Plan([new("a", "1", false)], [Runs("a", "2")]));

    [Fact]
    public void What_waits_to_be_started_again_and_runs_already_is_adopted() =>
        Assert.Equal(["Adopt a/2"], Plan([new("a", null, false)], [Runs("a", "2")]));

    [Fact]
    public void What_is_being_started_or_stopped_is_left_alone() =>
        Assert.Empty(Plan([new("a", null, true), new("b", "1", true)], [Runs("a", "2")], fillTo: 2));

    [Fact]
    public void What_ended_is_started_before_others_are() =>
        Assert.Equal(
            ["Adopt server_2/a", "Start server_4*3", "Start server_1"],
            Plan([], [Runs("server_2", "a")], fillTo: 3, new ReplicaSpec("server_4", 3, false), new ReplicaSpec("server_2", 1, false)));

    [Fact]
    public void What_the_driver_has_against_a_replica_is_noted_and_taken_back()
    {
        Assert.Equal(["Object a: sick"], Plan([new("a", "1", false)], [Runs("a", "1") with { Objection = "sick" }]));
        Assert.Equal(["Object a: "], Plan([new("a", "1", false, "sick")], [Runs("a", "1")]));
        Assert.Empty(Plan([new("a", "1", false, "sick")], [Runs("a", "1") with { Objection = "sick" }]));
        Assert.Empty(Plan([new("a", "1", Busy: true)], [Runs("a", "1") with { Objection = "sick" }]));
    }

    private static string[] Plan(DesiredReplica[] desired, ObservedReplica[] observed, int fillTo = 0, params ReplicaSpec[] ended) =>
        [.. Reconciler.Plan(desired, observed, ended, fillTo).Select(Tell)];

    private static string Tell(FleetAction action) => action switch
    {
        FleetAction.Adopt adopt => $"Adopt {adopt.Replica.Name}/{adopt.Replica.Id}",
        FleetAction.Replace replace => $"Replace {replace.Replica.Name}/{replace.Replica.Id}",
        FleetAction.Lose lose => $"Lose {lose.Name}/{lose.Id}",
        FleetAction.Object noted => $"Object {noted.Name}: {noted.Objection}",
        FleetAction.Start start => $"Start {start.Name}{(start.Weight == 1 ? "" : $"*{start.Weight}")}",
        _ => throw new NotSupportedException(),
    };

    private static ObservedReplica Runs(string name, string id) => new(id, name, new IPEndPoint(IPAddress.Loopback, 1), 1);
}
