using Edge.Config;
using Edge.Fleet;
using Edge.Io;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Services;

/// <summary>One service beside the default one, with the fleet that serves it.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly ServiceOptionsCell _options;
    private readonly HealthProber _prober;
    private readonly IReplicaDriver _driver;
    private readonly IServicePlane _plane;

    /// <param name="service">Which; it is in the routing table already.</param>
    /// <param name="options">Its options.</param>
    /// <param name="newDriver">Makes the driver of its replicas from its options and a function that reads the present ones.</param>
    /// <param name="plane">The loops.</param>
    /// <param name="trust">Whom to believe of replicas that are spoken to over TLS.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Gets one line for each change.</param>
    internal RunningService(
        Service service, NamedServiceOptions options, Func<NamedServiceOptions, Func<ServiceOptions>, IReplicaDriver> newDriver, IServicePlane plane,
        Lazy<TlsClientContext>? trust, TimeProvider time, Log log)
    {
        (Service, Options, _plane) = (service, options, plane);
        _options = new ServiceOptionsCell(options);
        _driver = newDriver(options, () => _options.Current);
        _prober = new HealthProber(options.Health, options.Timeouts.Start, _driver.Capabilities, time) { Trust = trust };
        Fleet = new FleetManager(_driver, plane.For(service), _prober.WatchAsync, options, time, Random.Shared, log) { SmokeTest = _prober.AskAsync };
    }

    internal Service Service { get; }

    internal string Name => Service.Name;

    /// <summary>The present options.</summary>
    internal NamedServiceOptions Options { get; private set; }

    internal FleetManager Fleet { get; }

    /// <summary>The name of the driver that runs its replicas.</summary>
    internal string Driver => _driver.Name;

    /// <summary>Has other options hold; those that cannot change are the same.</summary>
    internal void Reconfigure(NamedServiceOptions options)
    {
        Options = options;
        _options.Current = options;
        _plane.Change(routing => routing.With(Service, options));
        _prober.Reconfigure(options.Health, options.Timeouts.Start);
        Fleet.Reconfigure(options);
    }

    /// <summary>Requests go to none of its replicas any more: lets those under way end, then ends the replicas that end with the balancer.</summary>
    internal async Task LeaveAsync()
    {
        await Fleet.LeaveAsync(_options.Current.Timeouts.Drain);
        await _driver.DisposeAsync();
    }

    /// <summary>The process ends, and the loops have ended or belong to another process.</summary>
    public async ValueTask DisposeAsync()
    {
        await Fleet.DisposeAsync();
        await _driver.DisposeAsync();
    }
}
