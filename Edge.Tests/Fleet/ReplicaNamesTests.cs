using Edge.Fleet;

namespace Edge.Tests.Fleet;

public sealed class ReplicaNamesTests
{
    [Fact]
    public void Numbers_in_names_are_ordered_by_their_value()
    {
        string[] ordered = ["a", "a1b2", "a1b10", "server_01", "server_1", "server_2", "server_10", "server_10a", "server_99999999999999999998",
            "server_99999999999999999999", "server_x"];
        string[] sorted = [.. ordered.Reverse()];
        Array.Sort(sorted, ReplicaNames.CompareNaturally);
        Assert.Equal(ordered, sorted);
    }

    [Fact]
    public void Two_names_are_never_equal_in_order()
    {
        string[] names = ["server_1", "server_01", "server_001", "server_1a", "server_", "server", "Server_1"];
        Assert.All(names, a => Assert.All(names, b =>
            Assert.Equal(Math.Sign(string.Equals(a, b, StringComparison.Ordinal) ? 0 : 1), Math.Abs(Math.Sign(ReplicaNames.CompareNaturally(a, b))))));
        Assert.All(names, a => Assert.All(names, b =>
            Assert.Equal(Math.Sign(ReplicaNames.CompareNaturally(a, b)), -Math.Sign(ReplicaNames.CompareNaturally(b, a)))));
    }

    [Fact]
    public void The_lowest_free_numbers_are_given()
    {
        HashSet<string> taken = ["server_1", "server_3"];
        Assert.Equal(["server_2", "server_4", "server_5"], ReplicaNames.LowestFree(3, taken.Contains));
    }
}
