using System.Net;
using Edge.Config;
using Edge.Routing;

namespace Edge.Tests.Routing;

public class RoutingTableTests
{
    private static readonly ServiceOptions s_options = new();
    private static readonly Service s_shop = new(1, "shop");
    private static readonly Service s_six = new(2, "six");
    private static readonly RoutingTable s_empty = new(s_options);

    private static ReplicaTable OneReplica(int slot) => new([new Replica(slot, $"server_{slot}", new IPEndPoint(IPAddress.Loopback, 1), 1, 1)]);

    private static RouteMap To(Service service) => new([new Route($"{service.Name}.example", "", service.Number)]);

    [Fact]
    public void A_table_of_one_service_leaves_those_of_others_and_all_tables_of_before_as_they_are()
    {
        ReplicaTable first = OneReplica(0), second = OneReplica(1);
        RoutingTable one = s_empty.With(Service.Default, first);
        RoutingTable both = one.WithNew(s_shop, s_options).With(s_shop, second);
        RoutingTable without = both.With(Service.Default, ReplicaTable.Empty);
        Assert.Same(first, both.Entries[0]!.Table);
        Assert.Same(second, both.Entries[1]!.Table);
        Assert.Same(ReplicaTable.Empty, without.Entries[0]!.Table);
        Assert.Same(second, without.Entries[1]!.Table);
        Assert.Equal(1, one.Entries.Length);
        Assert.Same(ReplicaTable.Empty, s_empty.Entries[0]!.Table);
    }

    [Fact]
    public void A_number_is_one_services_and_free_again_when_that_is_gone()
    {
        RoutingTable both = s_empty.WithNew(s_shop, s_options).WithNew(s_six, s_options);
        Assert.Throws<ArgumentException>(() => both.WithNew(new Service(1, "another"), s_options));
        Assert.Throws<ArgumentException>(() => both.WithNew(new Service(0, "another"), s_options));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Service(-1, "a"));
        RoutingTable gone = both.Without(s_shop);
        Assert.Null(gone.Entries[1]);
        Assert.Same(s_six, gone.Entries[2]!.Service);
        var another = new Service(1, "another");
        Assert.Same(another, gone.WithNew(another, s_options).Entries[1]!.Service);

        // What the fleet of the one that is gone still publishes reaches nobody.
        RoutingTable later = gone.WithNew(another, s_options);
        Assert.Same(later, later.With(s_shop, OneReplica(0)));
        Assert.Same(gone, gone.With(s_shop, new ServiceOptions()));
    }

    [Fact]
    public void A_route_leads_to_a_service_that_is_there()
    {
        Assert.Throws<ArgumentException>(() => s_empty.With(To(s_shop)));
        RoutingTable routed = s_empty.WithNew(s_shop, s_options).With(To(s_shop));
        Assert.Throws<ArgumentException>(() => routed.Without(s_shop));
        Assert.Throws<ArgumentException>(() => routed.Without(Service.Default));
        Assert.Null(routed.With(RouteMap.Empty).Without(s_shop).Entries[1]);
    }

    [Fact]
    public async Task Fleets_that_publish_at_the_same_time_do_not_undo_each_other()
    {
        const int Rounds = 2000;
        var cell = new RoutingTableCell(s_options);
        cell.Change(routing => routing.WithNew(s_shop, s_options).WithNew(s_six, s_options));
        Service[] services = [Service.Default, s_shop, s_six];
        await Task.WhenAll(services.Select(service => Task.Run(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                ReplicaTable table = OneReplica(i % 100);
                cell.Publish(service, table);
                Assert.Same(table, cell.Current.Entries[service.Number]!.Table);
            }
        })));
    }
}
