using System.Net;
using Edge.Config;
using Edge.Proxy;
using Edge.Routing;

namespace Edge.Tests.Proxy;

public class CanaryPatienceTests
{
    private static Replica Make(int slot, int count, double milliseconds)
    {
        var replica = new Replica(slot, $"server_{slot}", new IPEndPoint(IPAddress.Loopback, 8000 + slot), weight: 1, loops: 1);
        for (int i = 0; i < count; i++)
        {
            replica.CountersOf(0).Response.Add((long)(milliseconds * 1_000_000));
        }

        return replica;
    }

    private static long PatienceOf(params Replica[] old)
    {
        var table = new ReplicaTable(old);
        var picker = new CanaryPicker(loop: 0, service: 0);
        picker.Take(table, new Canary(new ReplicaTable([Make(9, 1000, 3000)]), 1000, CanaryBy.Client, new CanaryFigures(loops: 1)));
        return picker.Patience;
    }

    [Fact]
    public void New_replicas_have_ten_times_as_long_as_old_ones_have_taken_within_bounds()
    {
        Assert.Equal(1000, PatienceOf(Make(0, 1000, 2)));
        Assert.Equal(1000, PatienceOf(Make(0, 1000, 60)));

        // Of the bucket from 131 to 262 ms, and of the one from 262 to 524.
        Assert.InRange(PatienceOf(Make(0, 1000, 200)), 2600, 2622);
        Assert.Equal(5000, PatienceOf(Make(0, 1000, 500)));
        Assert.Equal(5000, PatienceOf(Make(0, 1000, 20_000)));
    }

    [Fact]
    public void The_answers_of_all_old_replicas_count_and_few_of_them_say_nothing()
    {
        Assert.Equal(5000, PatienceOf());
        Assert.Equal(5000, PatienceOf(Make(0, 199, 2)));
        Assert.Equal(1000, PatienceOf(Make(0, 100, 2), Make(1, 100, 2)));
        Assert.InRange(PatienceOf(Make(0, 10_000, 2), Make(1, 100, 200)), 2300, 2622);
    }
}
