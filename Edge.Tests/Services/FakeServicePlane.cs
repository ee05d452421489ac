using Edge.Config;
using Edge.Routing;
using Edge.Tests.Fleet;

namespace Edge.Tests.Services;

/// <summary>A routing table without loops.</summary>
internal sealed class FakeServicePlane : IServicePlane
{
    private readonly RoutingTableCell _cell = new(new EdgeOptions());

    public IDataPlane For(Service service) => new FakePlane(new Journal());

    public ServiceMode ModeOf(Service service) => _cell.Current.ModeOf(service);

    public void Change(Func<RoutingTable, RoutingTable> change) => _cell.Change(change);
}
