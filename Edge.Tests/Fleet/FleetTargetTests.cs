using Edge.Fleet;

namespace Edge.Tests.Fleet;

public sealed class FleetTargetTests
{
    private static readonly ReplicaImage s_image = new("app:1", "sha256:1");

    [Fact]
    public void The_first_image_is_the_first_generation() =>
        Assert.Equal(new FleetTarget(3, 1, s_image), new FleetTarget(3).Towards(s_image));

    [Theory]
    [InlineData("app:1", "sha256:1", "app:1", "sha256:1", 1)]
    [InlineData("app:1", "sha256:1", "app:1", "sha256:2", 2)]
    [InlineData("app:1", "sha256:1", "app:2", "sha256:2", 2)]
    [InlineData("app:1", "sha256:1", "app:new", "sha256:1", 1)]
    [InlineData("app:1", null, "app:1", "sha256:1", 1)]
    [InlineData("app:1", "sha256:1", "app:1", null, 1)]
    [InlineData("app:1", null, "app:2", "sha256:1", 2)]
    [InlineData("app:1", "sha256:1", "app:2", null, 2)]
    public void Another_image_is_another_generation_whatever_its_name(string name, string? id, string nextName, string? nextId, int generation)
    {
        var next = new ReplicaImage(nextName, nextId);
        Assert.Equal(new FleetTarget(3, generation, next), new FleetTarget(3, 1, new ReplicaImage(name, id)).Towards(next));
    }

    [Fact]
    public void The_newest_replica_shows_the_last_target()
    {
        var target = new FleetTarget(3);
        FleetTarget found = target.Past(2, s_image);
        Assert.Equal(new FleetTarget(3, 2, s_image), found);
        Assert.Equal(found, found.Past(1, new ReplicaImage("old", "sha256:0")));
        Assert.Equal(found, found.Past(null, new ReplicaImage("theirs", "sha256:9")));
        Assert.Equal(3, found.Towards(new ReplicaImage("app:2", "sha256:2")).Generation);
        Assert.Equal(2, found.Towards(s_image).Generation);
        Assert.Equal(new FleetTarget(3, 2, s_image), new FleetTarget(3, 2, new ReplicaImage("app:1")).Past(2, s_image));
    }
}
