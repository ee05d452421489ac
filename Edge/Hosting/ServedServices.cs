using Edge.Config;
using Edge.Drivers;
using Edge.Fleet;
using Edge.Io;
using Edge.Routing;
using Edge.Services;
using Edge.Telemetry;

namespace Edge.Hosting;

/// <summary>The services beside the default one: those that run, and those that labels of containers ask for.</summary>
internal sealed class ServedServices : IAsyncDisposable
{
    /// <param name="options">Those of the start.</param>
    /// <param name="surroundings">Facts about the process and the machine.</param>
    /// <param name="plane">The loops.</param>
    /// <param name="trust">Whom to believe of replicas that are spoken to over TLS.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The process log.</param>
    internal ServedServices(EdgeOptions options, Surroundings surroundings, IServicePlane plane, Lazy<TlsClientContext> trust, TimeProvider time, Log log)
    {
        Registry = new ServiceRegistry(plane, (service, now) => DriverChoice.OfService(service, now, surroundings, log, time), trust, time, log);
        LabelledContainers? containers = options.Labelled is not null
            ? new LabelledContainers(new DockerEngine(surroundings.Line, options.Docker.Network), surroundings.OwnId, time) : null;
        Labelled = new LabelledServices(Registry, containers, time, log);
    }

    /// <summary>Those that run.</summary>
    internal ServiceRegistry Registry { get; }

    /// <summary>Those that labels ask for.</summary>
    internal LabelledServices Labelled { get; }

    /// <summary>Completes when it is known which services there are, and which replicas each has.</summary>
    internal Task Known => After(Labelled.Known, () => Registry.Known);

    /// <summary>Completes when it is known which services there are, and the fleet of each has been in rotation once.</summary>
    internal Task Steady => After(Labelled.Known, () => Registry.Steady);

    /// <summary>Begins the fleets, and to look at labels. Returns at once.</summary>
    internal void Start()
    {
        Registry.Start();
        Labelled.Start();
    }

    /// <summary>Ends the fleets: another process goes on with them.</summary>
    internal async Task HandOverAsync()
    {
        await Labelled.DisposeAsync();
        await Registry.HandOverAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Labelled.DisposeAsync();
        await Registry.DisposeAsync();
    }

    private static async Task After(Task first, Func<Task> second)
    {
        await first;
        await second();
    }
}
