using System.Net;
using System.Text;
using Edge.Routing;

namespace Edge.Tests.Routing;

public class RoutingTableTests
{
    private static readonly Service s_shop = new(1, "shop", "shop.example", "www.shop.example");
    private static readonly Service s_six = new(2, "six", "[2001:db8::1]");

    private static ReplicaTable OneReplica(int slot) => new([new Replica(slot, $"server_{slot}", new IPEndPoint(IPAddress.Loopback, 1), 1, 1)]);

    [Theory]
    [InlineData("shop.example", 1)]
    [InlineData("SHOP.Example", 1)]
    [InlineData("www.shop.example:8080", 1)]
    [InlineData("shop.example:", 1)]
    [InlineData("shop.example.", 0)]
    [InlineData("a.shop.example", 0)]
    [InlineData("shop", 0)]
    [InlineData("[2001:db8::1]", 2)]
    [InlineData("[2001:db8::1]:8080", 2)]
    [InlineData("[2001:db8::2]", 0)]
    [InlineData("other.example", 0)]
    [InlineData("", 0)]
    public void A_host_is_its_services_and_any_other_is_the_first_ones(string host, int number)
    {
        RoutingTable table = RoutingTable.Empty.With(s_shop, ReplicaTable.Empty).With(s_six, ReplicaTable.Empty);
        Assert.Equal(number, table.Find(Encoding.ASCII.GetBytes(host)));
        Assert.Equal(0, RoutingTable.Empty.Find(Encoding.ASCII.GetBytes(host)));
    }

    [Fact]
    public void A_table_of_one_service_leaves_those_of_others_and_all_tables_of_before_as_they_are()
    {
        ReplicaTable first = OneReplica(0), second = OneReplica(1);
        RoutingTable one = RoutingTable.Empty.With(Service.Default, first);
        RoutingTable both = one.With(s_shop, second);
        RoutingTable without = both.With(Service.Default, ReplicaTable.Empty);
        Assert.Same(first, both.TableOf(0));
        Assert.Same(second, both.TableOf(1));
        Assert.Same(ReplicaTable.Empty, without.TableOf(0));
        Assert.Same(second, without.TableOf(1));
        Assert.Equal(1, one.Services.Length);
        Assert.Same(ReplicaTable.Empty, RoutingTable.Empty.TableOf(0));
    }

    [Fact]
    public void A_number_is_one_services_and_none_is_left_out()
    {
        Assert.Throws<ArgumentException>(() => RoutingTable.Empty.With(s_six, ReplicaTable.Empty));
        Assert.Throws<ArgumentException>(() => RoutingTable.Empty.With(new Service(0, "another"), ReplicaTable.Empty));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Service(-1, "a", "a"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Service(0, "the first has no hosts", "a"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Service(1, "nobody could ask for it"));
    }

    [Fact]
    public async Task Fleets_that_publish_at_the_same_time_do_not_undo_each_other()
    {
        const int Rounds = 2000;
        var cell = new RoutingTableCell();
        cell.Publish(s_shop, ReplicaTable.Empty);
        cell.Publish(s_six, ReplicaTable.Empty);
        Service[] services = [Service.Default, s_shop, s_six];
        await Task.WhenAll(services.Select(service => Task.Run(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                ReplicaTable table = OneReplica(i % 100);
                cell.Publish(service, table);
                Assert.Same(table, cell.Current.TableOf(service.Number));
            }
        })));
    }
}
