using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Edge.Config;
using Edge.Fleet;
using Edge.Telemetry;

namespace Edge.Drivers;

/// <summary>
/// Servers at the addresses of the options, which the balancer cannot start, stop or change. Names are looked up again every few seconds, because a
/// container that is made anew has another address. A name that cannot be found keeps its address; the health checks decide whether a server works
/// there.
/// </summary>
/// <param name="addresses">Of the servers.</param>
/// <param name="serverName">The name that the certificates of those that speak TLS have to have; empty for the host of each.</param>
/// <param name="lookUp">Finds the addresses of names.</param>
/// <param name="time">The clock of looking again.</param>
/// <param name="log">Told what cannot be found.</param>
internal sealed class StaticDriver(IReadOnlyList<StaticAddress> addresses, string serverName, LookUp lookUp, TimeProvider time, Log log) : IReplicaDriver
{
    /// <summary>The capabilities of every static driver.</summary>
    internal static readonly DriverCapabilities Abilities = new()
    {
        StartsReplicas = false,
        SeesEnds = false,
        InflictsFaults = false,
        PortHint = "Edge:Fleet:Addresses says where it listens",
        NetworkHint = "does the balancer reach this address of Edge:Fleet:Addresses? Else see Edge:Health:Timeout",
    };

    internal static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(5);

    private readonly string[] _hosts = [.. addresses.Select(a => a.Host).Where(h => !IPAddress.TryParse(h, out _)).Distinct(StringComparer.OrdinalIgnoreCase)];
    private readonly Lock _lock = new();
    private readonly Dictionary<string, IPAddress> _found = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _missed = new(StringComparer.OrdinalIgnoreCase);

    public string Name => "static";

    public DriverCapabilities Capabilities => Abilities;

    /// <summary>All servers whose names have ever been found. If a name has IPv4 and IPv6 addresses, an IPv4 address is used.</summary>
    public async Task<ReplicaListing> ListAsync(CancellationToken cancellation)
    {
        await LookAsync(cancellation);
        lock (_lock)
        {
            ObservedReplica[] known = [.. addresses.Select(Observe).OfType<ObservedReplica>()];
            return known.Length > 0 || addresses.Count == 0 ? new ReplicaListing(known, [])
                : throw new DriverException(DriverFailure.Unavailable, $"none of the names can be resolved: {string.Join(", ", _missed)}");
        }
    }

    public Task<ReplicaImage> ImageAsync(CancellationToken cancellation) => throw Refused();

    public Task<ReplicaImage> FindImageAsync(string name, bool pulls, CancellationToken cancellation) => throw Refused();

    public Task<IReadOnlyList<string>> LastLinesAsync(string unitId, int count, CancellationToken cancellation) => throw Refused();

    public Task<ObservedReplica> StartAsync(ReplicaSpec spec, CancellationToken cancellation) => throw Refused();

    public Task<ReplicaEnd> StopAsync(string unitId, StopKind kind, string why, CancellationToken cancellation) => throw Refused();

    public Task InflictAsync(string unitId, ReplicaFault fault, CancellationToken cancellation) => throw Refused();

    public Task ForgetAsync(string unitId, string why, CancellationToken cancellation) => throw Refused();

    public async IAsyncEnumerable<DriverEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return new DriverEvent.Watching();
        while (true)
        {
            await Task.Delay(_hosts.Length > 0 ? LookAgainAfter : Timeout.InfiniteTimeSpan, time, cancellation);
            if (await LookAsync(cancellation))
            {
                yield return new DriverEvent.Watching();
            }
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // Another address is another replica with the same name. Null if the name has no address yet.
    private ObservedReplica? Observe(StaticAddress address)
    {
        if (!IPAddress.TryParse(address.Host, out IPAddress? at) && !_found.TryGetValue(address.Host, out at))
        {
            return null;
        }

        var endpoint = new IPEndPoint(at, address.Port);
        return new ObservedReplica($"{address.Name} at {endpoint}", address.Name, endpoint, address.Weight)
        {
            Origin = ReplicaOrigin.Listed,
            TlsName = address.Scheme == Scheme.Http ? null : serverName.Length > 0 ? serverName : address.Host,
        };
    }

    // Returns whether anything has changed.
    private async Task<bool> LookAsync(CancellationToken cancellation)
    {
        bool[] changed = await Task.WhenAll(_hosts.Select(host => LookAsync(host, cancellation)));
        return changed.Contains(true);
    }

    private async Task<bool> LookAsync(string host, CancellationToken cancellation)
    {
        IPAddress[] all = [];
        string why = "it has no address";
        try
        {
            all = await lookUp(host, cancellation);
        }
        catch (SocketException failed)
        {
            why = failed.Message;
        }

        lock (_lock)
        {
            IPAddress? before = _found.GetValueOrDefault(host);
            if (all.Length == 0)
            {
                if (_missed.Add(host))
                {
                    log.Warning("name_not_found", ("host", host), ("why", why), ("keeps", before));
                }

                return false;
            }

            _missed.Remove(host);

            // The addresses of a name come in any order: the server keeps its address as long as that is one of them.
            if (before is not null && all.Contains(before))
            {
                return false;
            }

            _found[host] = all.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? all[0];
            return true;
        }
    }

    private static DriverException Refused() =>
        new(DriverFailure.Failed, "the static driver has addresses only; it cannot start or stop anything");
}
