using Edge.Routing;

namespace Edge.Proxy;

/// <summary>The data plane as the fleet of one service sees it: what it publishes is that service's.</summary>
internal sealed class ServicePlane(DataPlane plane, Service service) : IDataPlane
{
    public int Loops => plane.Loops;

    public SlotAllocator Slots => plane.Slots;

    public void Publish(ReplicaTable table) => plane.Publish(service, table);

    public void Relieve(Replica replica) => plane.Relieve(replica);

    public Task<LoadFigures?> LoadAsync() => plane.LoadAsync(service);

    public Task<ClientView> ObserveAsync(Func<Task> happening) => plane.ObserveAsync(happening);

    public Task<DrainReport> ReleaseAsync(Replica replica, TimeSpan timeout, bool isLost = false) => plane.ReleaseAsync(replica, timeout, isLost);
}
