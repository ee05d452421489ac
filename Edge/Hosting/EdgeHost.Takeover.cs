using System.Net;
using Edge.Fleet;
using Edge.Takeover;

namespace Edge.Hosting;

// What the process that takes over asks of this one.
internal sealed partial class EdgeHost
{
    int ITakeoverHost.Replicas => _fleet.Snapshot.Replicas.Count;

    string ITakeoverHost.Driver => _driver.Name;

    HandedTickets? ITakeoverHost.Tickets => _tickets?.HandOn();

    IReadOnlyList<(string Service, string Mode)> ITakeoverHost.Modes => _services.Registry.Closed;

    async Task<ILookup<IPEndPoint, int>> ITakeoverHost.OfferAsync(CancellationToken cancellation)
    {
        await _api.Changes.CloseAsync().WaitAsync(cancellation);
        await Task.WhenAll(Fleets().Select(fleet => fleet.HoldDeploysAsync(areHeld: true))).WaitAsync(cancellation);
        return await _plane.ListenersAsync().WaitAsync(cancellation);
    }

    void ITakeoverHost.Resume()
    {
        foreach (FleetManager fleet in Fleets())
        {
            _ = fleet.HoldDeploysAsync(areHeld: false);
        }

        _api.Changes.Open();
    }


    async Task ITakeoverHost.HandOverAsync(int pid)
    {
        // In this order, so that the end of the fleet manager is not taken for a failure.
        _handedOver.TrySetResult();
        _tickets?.Dispose();
        await (_acme?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _fleet.DisposeAsync();
        await _services.HandOverAsync();
        await _plane.HandOverAsync();
        await _successor.LeaveAsync();
        _notices.HandOver(pid);
    }
}
