using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Edge.Fleet;
using Edge.Options;

namespace Edge.Drivers;

/// <summary>Somebody else's servers, at addresses from the options: they are there, and nothing about them can be changed.</summary>
internal sealed class StaticDriver(IReadOnlyList<StaticAddress> addresses) : IReplicaDriver
{
    public string Name => "static";

    public bool Owned => false;

    /// <summary>Resolves the host names; an IPv4 address is preferred where a name has both.</summary>
    public async Task<ReplicaListing> ListAsync(CancellationToken cancellation)
    {
        var replicas = new List<ObservedReplica>(addresses.Count);
        foreach (StaticAddress address in addresses)
        {
            IPAddress resolved = await ResolveAsync(address, cancellation);
            replicas.Add(new ObservedReplica(address.Name, address.Name, new IPEndPoint(resolved, address.Port), address.Weight));
        }

        return new ReplicaListing(replicas, []);
    }

    public Task<ObservedReplica> StartAsync(ReplicaSpec spec, CancellationToken cancellation) => throw Refused();

    public Task<ReplicaEnd> StopAsync(ObservedReplica replica, CancellationToken cancellation) => throw Refused();

    public Task InflictAsync(ObservedReplica replica, ReplicaFault fault, CancellationToken cancellation) => throw Refused();

    public Task ForgetAsync(string name, CancellationToken cancellation) => throw Refused();

    public async IAsyncEnumerable<DriverEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return new DriverEvent.Watching();
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<IPAddress> ResolveAsync(StaticAddress address, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(address.Host, out IPAddress? literal))
        {
            return literal;
        }

        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(address.Host, cancellation);
            return found.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork)
                ?? found.FirstOrDefault()
                ?? throw new DriverException(DriverFailure.Unavailable, $"{address.Host} has no address");
        }
        catch (SocketException failed)
        {
            throw new DriverException(DriverFailure.Unavailable, $"{address.Host} cannot be resolved: {failed.Message}", failed);
        }
    }

    private static DriverException Refused() =>
        new(DriverFailure.Failed, "the static driver has addresses only; it cannot start or stop anything");
}
