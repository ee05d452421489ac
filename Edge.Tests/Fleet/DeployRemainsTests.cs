using System.Net;
using Edge.Fleet;

namespace Edge.Tests.Fleet;

/// <summary>What is found of a deploy whose balancer has ended, from the replicas alone.</summary>
public sealed class DeployRemainsTests
{
    // Old and new replicas: r runs, e has ended; L is the lead, which runs, l the lead, which has ended.
    [Theory]
    [InlineData("rr", "", 2, null)]
    [InlineData("rr", "L", 2, "Undecided")]
    [InlineData("rr", "l", 2, "Undecided")]
    [InlineData("ee", "l", 2, "Undecided")]
    [InlineData("rr", "Lr", 2, "Passed")]
    [InlineData("rr", "Lr", 3, "Passed")]
    [InlineData("re", "Lr", 2, "Passed")]
    [InlineData("rr", "r", 2, "Aborted")]
    [InlineData("rr", "e", 3, "Aborted")]
    [InlineData("ee", "Lr", 2, "Promoted")]
    [InlineData("ee", "le", 2, "Promoted")]
    [InlineData("ee", "le", 3, "Passed")]
    [InlineData("", "Lr", 2, null)]
    [InlineData("r", "L", 1, "Undecided")]
    [InlineData("e", "L", 1, "Promoted")]
    [InlineData("e", "l", 1, "Undecided")]
    public void What_runs_and_what_is_there_shows_how_far_it_had_come(string old, string fresh, int size, string? kind)
    {
        var remains = DeployRemains.Of(Listing(old, fresh, size));
        Assert.Equal(kind, remains?.Kind.ToString());
        if (remains is not null)
        {
            Assert.Equal((4, 3, size, "app:2", "app:1", "app:0"),
                (remains.Generation, remains.Replaces, remains.Size, remains.Image.Name, remains.OldImage!.Name, remains.Configured));
        }
    }

    [Fact]
    public void Only_a_promoted_version_has_old_replicas_that_stay_stopped()
    {
        ReplicaSpec old = new("server_1", 1, "u1") { Generation = 3 };
        Assert.True(DeployRemains.Of(Listing("e", "Lr", 2))!.Keeps(old));
        Assert.False(DeployRemains.Of(Listing("e", "Lr", 2))!.Keeps(old with { Generation = 4 }));
        Assert.False(DeployRemains.Of(Listing("re", "Lr", 2))!.Keeps(old));
    }

    [Fact]
    public void Replicas_of_any_older_generation_or_of_none_are_those_before_and_newer_ones_are_not()
    {
        ReplicaListing promoted = Listing("e", "Lr", 2);
        ReplicaSpec[] others = [new("a", 1, "a") { Generation = 1 }, new("b", 1, "b"), new("c", 1, "c") { Generation = 5 }];
        DeployRemains remains = DeployRemains.Of(promoted with { Ended = [.. promoted.Ended, .. others] })!;
        Assert.Equal(DeployRemainsKind.Promoted, remains.Kind);
        Assert.Equal([true, true, false], others.Select(remains.Keeps));
        Assert.False(remains.Keeps(others[0] with { Origin = ReplicaOrigin.Adopted }));
    }

    [Fact]
    public void Generations_that_no_deploy_has_made_are_no_deploy()
    {
        ObservedReplica[] running = [Observed("a", 1, "app:1", null), Observed("b", 2, "app:2", null)];
        Assert.Null(DeployRemains.Of(new ReplicaListing(running, [])));
        Assert.Null(DeployRemains.Of(new ReplicaListing([], [])));
    }

    private static ReplicaListing Listing(string old, string fresh, int size)
    {
        var running = new List<ObservedReplica>();
        var ended = new List<ReplicaSpec>();
        foreach ((char what, bool isNew) in old.Select(c => (c, false)).Concat(fresh.Select(c => (c, true))))
        {
            string name = $"server_{running.Count + ended.Count + 1}";
            int generation = isNew ? 4 : 3;
            string image = isNew ? "app:2" : "app:1";
            DeployMark? mark = isNew ? new DeployMark(3, size, what is 'L' or 'l', "app:0") : null;
            if (what is 'r' or 'L')
            {
                running.Add(Observed(name, generation, image, mark));
            }
            else
            {
                ended.Add(new ReplicaSpec(name, 1, name) { Generation = generation, Image = new ReplicaImage(image), Mark = mark });
            }
        }

        return new ReplicaListing(running, ended);
    }

    private static ObservedReplica Observed(string name, int generation, string image, DeployMark? mark) =>
        new(name, name, new IPEndPoint(IPAddress.Loopback, 80), 1) { Generation = generation, Image = new ReplicaImage(image), Mark = mark };
}
