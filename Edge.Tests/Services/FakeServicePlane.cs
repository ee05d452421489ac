using System.Collections.Concurrent;
using Edge.Config;
using Edge.Routing;
using Edge.Tests.Fleet;

namespace Edge.Tests.Services;

/// <summary>A routing table without loops.</summary>
internal sealed class FakeServicePlane : IServicePlane
{
    private readonly RoutingTableCell _cell = new(new EdgeOptions());
    private readonly ConcurrentDictionary<Service, FakePlane> _planes = new();

    public IDataPlane For(Service service) => _planes.GetOrAdd(service, _ => new FakePlane(new Journal()));

    public ServiceMode ModeOf(Service service) => _cell.Current.ModeOf(service);

    public void Change(Func<RoutingTable, RoutingTable> change)
    {
        _cell.Change(change);
        foreach ((Service gone, FakePlane plane) in _planes.Where(one => !_cell.Current.Has(one.Key)))
        {
            // The loops have no replica of a service that is in no table.
            plane.Publish(ReplicaTable.Empty);
            _planes.TryRemove(gone, out _);
        }
    }
}
