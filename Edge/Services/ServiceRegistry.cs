using Edge.Config;
using Edge.Fleet;
using Edge.Io;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Services;

/// <summary>
/// The services beside the default one, and the only writer of the routes to them. It begins a service's fleet, then leads requests to it, and goes the
/// other way round where a service is no more: what is under way ends before its fleet does.
/// </summary>
/// <param name="plane">The loops.</param>
/// <param name="newDriver">Makes the driver of a service's replicas from its options and a function that reads the present ones.</param>
/// <param name="trust">Whom to believe of replicas that are spoken to over TLS; null if there are none.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Gets one line for each service that comes or goes.</param>
internal sealed class ServiceRegistry(
    IServicePlane plane, Func<NamedServiceOptions, Func<ServiceOptions>, IReplicaDriver> newDriver, Lazy<TlsClientContext>? trust,
    TimeProvider time, Log log) : IAsyncDisposable
{
    private readonly Lock _one = new();

    // Those of services that the process before had, and this one has not yet.
    private readonly Dictionary<string, ServiceMode> _awaited = new(StringComparer.Ordinal);
    private RunningService[] _all = [];
    private Task _leaving = Task.CompletedTask;
    private bool _isStarted;

    /// <summary>The fleet of a service may have changed. The handler must return at once, and must not throw.</summary>
    internal event Action<string, FleetSnapshot>? Changed;

    /// <summary>A service has come, or is no more: true and false. The handler must return at once, and must not throw.</summary>
    internal event Action<string, bool>? Listed;

    /// <summary>Those that there are now, in the order of their names.</summary>
    internal IReadOnlyList<RunningService> All => Volatile.Read(ref _all);

    /// <summary>Completes when the fleet of every service has been in rotation once.</summary>
    internal Task Steady => Task.WhenAll(All.Select(service => service.Fleet.Steady));

    /// <summary>The service of this name; null if there is none.</summary>
    internal RunningService? Find(string name) => All.FirstOrDefault(service => service.Name == name);

    /// <summary>Whether the requests of a service go to its replicas.</summary>
    /// <param name="name">Null for the default service; of one that is no more, they do.</param>
    internal ServiceMode ModeOf(string? name) => ServiceOf(name) is { } service ? plane.ModeOf(service) : ServiceMode.Open;

    /// <summary>Has the requests of a service go to its replicas, wait, or be refused. Returns what was before; null if there is no such service.</summary>
    /// <param name="name">Null for the default service.</param>
    /// <param name="mode">From now on.</param>
    internal ServiceMode? Switch(string? name, ServiceMode mode)
    {
        if (ServiceOf(name) is not { } service)
        {
            return null;
        }

        var was = ServiceMode.Open;
        plane.Change(routing =>
        {
            was = routing.ModeOf(service);
            return routing.With(service, mode);
        });
        return was;
    }

    /// <summary>The services that are not open, each by its name and its mode in a word: what another process has to know that takes over.</summary>
    internal IReadOnlyList<(string Service, string Mode)> Closed
    {
        get
        {
            lock (_one)
            {
                return
                [
                    .. from name in _all.Select(service => service.Name).Prepend(null)
                       let mode = ModeOf(name)
                       where mode != ServiceMode.Open
                       select (name ?? Service.DefaultName, mode.Word()),
                    .. _awaited.Select(one => (one.Key, one.Value.Word())),
                ];
            }
        }
    }

    /// <summary>
    /// Takes up what <see cref="Closed"/> was in the process before. A service that is not there yet, as labels of containers make them, has its mode when
    /// it comes. A word that is not known is passed over.
    /// </summary>
    internal void Close(IEnumerable<(string Service, string Mode)> services)
    {
        lock (_one)
        {
            foreach ((string name, string word) in services)
            {
                if (ServiceModes.Parse(word) is not { } mode)
                {
                    log.Warning("service_mode_ignored", ("service", name), ("mode", word));
                }
                else if (Switch(name == Service.DefaultName ? null : name, mode) is not null)
                {
                    NoteTakenUp(name, mode);
                }
                else
                {
                    _awaited[name] = mode;
                }
            }
        }
    }

    private void NoteTakenUp(string name, ServiceMode mode) =>
        log.Info($"service_{mode.Word()}", ("service", name), ("why", "so it was in the balancer before"));

    private Service? ServiceOf(string? name) => name is null ? Service.Default : Find(name)?.Service;

    /// <summary>Begins the fleets. Returns at once.</summary>
    internal void Start()
    {
        lock (_one)
        {
            _isStarted = true;
            foreach (RunningService service in _all)
            {
                service.Fleet.Start();
            }
        }
    }

    /// <summary>
    /// Has these services be all that there are beside the default one. Services that stay keep their connections, waiting requests and replicas.
    /// </summary>
    /// <param name="wanted">Each name once, each host and path once.</param>
    internal void Apply(IReadOnlyList<NamedServiceOptions> wanted)
    {
        lock (_one)
        {
            RunningService[] before = _all;
            var now = new List<RunningService>();
            foreach (NamedServiceOptions options in wanted)
            {
                if (Array.Find(before, service => service.Name == options.Name && service.Options.IsFromLabels == options.IsFromLabels) is { } known)
                {
                    known.Reconfigure(options);
                    now.Add(known);
                }
                else
                {
                    now.Add(Begin(options, [.. before, .. now]));
                }
            }

            RunningService[] gone = [.. before.Where(service => !now.Contains(service))];
            Route[] routes = [.. now.SelectMany(RoutesTo)];
            plane.Change(routing => gone.Aggregate(routing.With(new RouteMap(routes)), (table, service) => table.Without(service.Service)));
            Volatile.Write(ref _all, [.. now.OrderBy(service => service.Name, StringComparer.Ordinal)]);
            foreach (RunningService service in gone)
            {
                Listed?.Invoke(service.Name, false);
                log.Warning("service_removed", ("service", service.Name), ("left_running", Left(service)));
                _leaving = Task.WhenAll(_leaving, service.LeaveAsync());
            }
        }
    }

    /// <summary>So many requests to a replica failed in a row that an ejection is due. From any thread; returns at once.</summary>
    internal void Eject(Replica replica)
    {
        foreach (RunningService service in All)
        {
            service.Fleet.Eject(replica);
        }
    }

    /// <summary>The fleet of a service; null if that is no more. From any thread.</summary>
    internal FleetManager? FleetOf(Service service) => Array.Find(Volatile.Read(ref _all), one => one.Service == service)?.Fleet;

    /// <summary>Completes when the driver of every service has listed its replicas.</summary>
    internal Task Known => Task.WhenAll(All.Select(service => service.Fleet.Known));

    /// <summary>Ends the fleets: another process goes on with them. The replicas stay as they are.</summary>
    internal Task HandOverAsync() => Task.WhenAll(All.Select(service => service.Fleet.DisposeAsync().AsTask()));

    /// <summary>Ends the fleets, and the replicas that end with the balancer; the loops have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(All.Select(service => service.DisposeAsync().AsTask()));
        await _leaving;
    }

    private static IEnumerable<Route> RoutesTo(RunningService service)
    {
        NamedServiceOptions options = service.Options;
        int number = service.Service.Number;
        return options.Routes().Select(route => new Route(route.Host, route.Path, number, options.Strip))
            .Concat(options.Redirected().Select(route => new Route(route.Host, route.Path, number, Canonical: options.Canonical())));
    }

    private RunningService Begin(NamedServiceOptions options, IReadOnlyList<RunningService> others)
    {
        int number = Enumerable.Range(1, others.Count + 1).First(candidate => others.All(other => other.Service.Number != candidate));
        var service = new Service(number, options.Name);
        bool isAwaited = _awaited.Remove(options.Name, out ServiceMode mode);
        plane.Change(routing => routing.WithNew(service, options).With(service, mode));
        if (isAwaited)
        {
            NoteTakenUp(options.Name, mode);
        }

        var running = new RunningService(service, options, newDriver, plane, trust, time, log);
        running.Fleet.Changed += snapshot => Changed?.Invoke(options.Name, snapshot);
        log.Info("service_added", ("service", options.Name), ("routes", string.Join(", ", options.Routes().Select(r => new Route(r.Host, r.Path, number)))));
        Listed?.Invoke(options.Name, true);
        if (_isStarted)
        {
            running.Fleet.Start();
        }

        return running;
    }

    // Containers outlive the balancer, so they outlive a service that is no more, too: nobody asked for their end.
    private static string Left(RunningService service) => service.Driver == "docker" ? string.Join(", ", service.Fleet.Snapshot.Running) : "";
}
