using System.Net;
using Edge.Config;
using Edge.Drivers;
using Edge.Fleet;
using Edge.Telemetry;

namespace Edge.Hosting;

/// <summary>Which driver runs the replicas, and why.</summary>
/// <param name="Driver">The driver; null if the options ask for one that cannot be used.</param>
/// <param name="Why">The reason, for people.</param>
internal sealed record DriverChoice(IReplicaDriver? Driver, string Why)
{
    private const string ToProcess = "--Edge:Fleet:Driver=process gives the built-in replicas";
    private const string ToOthers = "--Edge:Docker:Image=NAME gives containers of an image, --Edge:Fleet:Addresses:0=HOST:PORT servers that run already";

    // Options that mean that there is an application. Those of the driver process do not mean that.
    private static readonly string[] s_aboutContainers = ["Edge:Docker", "Edge:Health", "Edge:Fleet:Name"];

    // The start of the balancer waits for this; an engine on the same host answers in milliseconds.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    /// <param name="loaded">The options of the start, without mistakes.</param>
    /// <param name="surroundings">Facts about the process and the machine.</param>
    /// <param name="stop">How long a replica may take to end, by the present options.</param>
    /// <param name="log">Gets what the replicas print.</param>
    /// <param name="time">The clock.</param>
    internal static async Task<DriverChoice> MakeAsync(LoadedOptions loaded, Surroundings surroundings, Func<TimeSpan> stop, Log log, TimeProvider time)
    {
        EdgeOptions options = loaded.Options!;
        switch (options.Fleet.Driver)
        {
            case FleetDriver.Auto when options.Fleet.Addresses.Length > 0:
                return new(Static(options, log, time), "auto, since Edge:Fleet:Addresses are given");
            case FleetDriver.Auto:
                return await AutoAsync(loaded, surroundings, stop, log, time);
            case FleetDriver.Static:
                return new(Static(options, log, time), "Edge:Fleet:Driver says so");
            case FleetDriver.Process:
                return new(Process(options, stop, log, time), "Edge:Fleet:Driver says so");
            default:
                return surroundings.Engine is { } endpoint
                    ? new(Docker(loaded, surroundings, stop, log, time), $"Edge:Fleet:Driver says so; the engine at {endpoint}")
                    : new(null, surroundings.Mistake);
        }
    }

    /// <summary>
    /// The built-in replicas are for trying out. On the site of a real application they would give wrong answers with status 200. So anything that
    /// points to an application or an engine means containers, even if they cannot be had yet.
    /// </summary>
    private static async Task<DriverChoice> AutoAsync(LoadedOptions loaded, Surroundings surroundings, Func<TimeSpan> stop, Log log, TimeProvider time)
    {
        if (loaded.Services.Count > 0 && loaded.Options!.Labelled is null && !loaded.SetKeys.Any(IsOfDefaultAlone))
        {
            return new(Static(loaded.Options!, log, time), "auto, since the replicas are those of Edge:Services, and the service without a name has none");
        }

        if (surroundings.Engine is not { } endpoint)
        {
            return new(null, $"{surroundings.Mistake}; or unset it, or {ToProcess}");
        }

        EdgeOptions options = loaded.Options!;
        if (options.Labelled is not null)
        {
            string asked = $"auto, since {OptionsCatalog.FromLabelsKey} is set; the engine at {endpoint}";
            return new(Docker(loaded, surroundings, stop, log, time), asked);
        }

        string? set = s_aboutContainers.Select(loaded.FirstSet).FirstOrDefault(key => key is not null) ?? (surroundings.IsEngineNamed ? "DOCKER_HOST" : null);
        if (set is null && !File.Exists(endpoint.LocalPath))
        {
            return new(Process(options, stop, log, time), $"auto, since nothing is configured and there is no Docker engine at {endpoint}; {ToOthers}");
        }

        string? reason = set is not null ? $"{set} is set; the engine at {endpoint}" : await FindReasonAsync(options, surroundings, time);
        if (reason is not null)
        {
            return new(Docker(loaded, surroundings, stop, log, time), $"auto, since {reason}; {ToProcess}");
        }

        string none = $"nothing is configured, and the engine at {endpoint} has no container of the fleet {options.Fleet.Name}";
        return new(Process(options, stop, log, time), $"auto, since {none}; {ToOthers}");
    }

    /// <summary>Why an engine's socket means containers although no option says so; null if it does not.</summary>
    private static async Task<string?> FindReasonAsync(EdgeOptions options, Surroundings surroundings, TimeProvider time)
    {
        (Uri endpoint, string? ownId) = (surroundings.Engine!, surroundings.OwnId);
        var engine = new DockerEngine(surroundings.Line, options.Docker.Network);
        using var deadline = new CancellationTokenSource(AnswerTimeout, time);
        try
        {
            // All containers with the label, also those that cannot get requests now: a container on another network is part of an application, too.
            IReadOnlyList<ContainerFacts> containers = await engine.ListAsync(FleetOf(options, ownId).Labels, deadline.Token);
            IPEndPoint? open = options.ListenAddresses().FirstOrDefault(address => !IPAddress.IsLoopback(address.Endpoint.Address))?.Endpoint;
            return ownId is not null ? $"the balancer runs in a container, and the engine at {endpoint} answers"
                : containers.Any(c => FleetOf(options, ownId).OriginOf(c) is not null)
                    ? $"the engine at {endpoint} has containers of the fleet {options.Fleet.Name}"
                : open is null ? null
                : $"the engine at {endpoint} answers, and {open} (Edge:Listen) is not for this machine alone";
        }
        catch (Exception silent) when (silent is DriverException or OperationCanceledException)
        {
            // The reason, and what to do, is reported later, as for an engine that is lost.
            return $"the socket of an engine is there, at {endpoint}, though the engine does not answer";
        }
    }

    /// <summary>
    /// The driver of a service beside the default one: servers where addresses are given, built-in replicas where it asks for them, else containers.
    /// </summary>
    /// <param name="options">Of the service.</param>
    /// <param name="now">Reads its present options.</param>
    /// <param name="surroundings">Facts about the process and the machine; with an engine, if <see cref="NeedsEngine"/>.</param>
    /// <param name="log">Gets what the replicas print.</param>
    /// <param name="time">The clock.</param>
    internal static IReplicaDriver OfService(NamedServiceOptions options, Func<ServiceOptions> now, Surroundings surroundings, Log log, TimeProvider time)
    {
        TimeSpan Stop() => now().Timeouts.Stop;
        return options.Fleet.Driver == FleetDriver.Process ? Process(options, Stop, log, time)
            : NeedsEngine(options) ? Docker(options, options.SaysReplicas, surroundings, Stop, log, time)
            : Static(options, log, time);
    }

    /// <summary>Why the services of these options cannot be served here; null if nothing is known to be missing.</summary>
    internal static string? Lack(EdgeOptions options, Surroundings surroundings) =>
        surroundings.Engine is null && options.Labelled is not null ? $"{OptionsCatalog.FromLabelsKey} needs an engine, but {surroundings.Mistake}"
            : surroundings.Engine is null && options.Services.FirstOrDefault(NeedsEngine) is { } service
            ? $"the replicas of the service {service.Name} are containers, but {surroundings.Mistake}; "
                + $"{ServiceCatalog.KeyOf(service.Name, "Edge:Fleet:Addresses")}:0=HOST:PORT "
                + "gives servers that run already"
            : null;

    /// <summary>Whether a service's replicas are containers.</summary>
    internal static bool NeedsEngine(NamedServiceOptions options) =>
        options.Fleet.Driver == FleetDriver.Docker || (options.Fleet.Driver == FleetDriver.Auto && options.Fleet.Addresses.Length == 0);

    // What services take over says nothing of the one without a name.
    private static bool IsOfDefaultAlone(string key) =>
        key == "Edge:Fleet:Name" || (key.StartsWith("Edge:Docker:", StringComparison.Ordinal) && key != "Edge:Docker:Network");

    private static DockerDriver Docker(LoadedOptions loaded, Surroundings surroundings, Func<TimeSpan> stop, Log log, TimeProvider time) =>
        Docker(loaded.Options!, loaded.FirstSet("Edge:Fleet:Replicas") is not null, surroundings, stop, log, time);

    private static DockerDriver Docker(
        ServiceOptions options, bool saysReplicas, Surroundings surroundings, Func<TimeSpan> stop, Log log, TimeProvider time)
    {
        var engine = new DockerEngine(surroundings.Line, options.Docker.Network);
        var templates = new ContainerTemplates(options.Docker, options.Fleet.Name, surroundings.OwnId, engine, options.ReplicaPrefix);
        return new DockerDriver(engine, FleetOf(options, surroundings.OwnId), templates, saysReplicas, stop, log, time);
    }

    private static DockerFleet FleetOf(ServiceOptions options, string? ownId) =>
        new(options.Fleet.Name, options.Docker.Network, options.Docker.Port, ownId)
        {
            // Where there are several applications, a name alone does not say whose a container is.
            ListsByName = options is EdgeOptions { Services.Count: 0, Labelled: null },
            AreHostsRead = options is EdgeOptions { Labelled: not null } or NamedServiceOptions { IsFromLabels: true },
            IsFromLabels = options is NamedServiceOptions { IsFromLabels: true },
            Scheme = options.Docker.Scheme,
            ServerName = options.Upstream.Tls.ServerName,
        };

    private static ProcessDriver Process(ServiceOptions options, Func<TimeSpan> stop, Log log, TimeProvider time) =>
        new(ReplicaProgram.Itself(), stop, time, (name, line) => log.Info("replica_says", ("name", name), ("line", line)), options.ReplicaPrefix);

    private static StaticDriver Static(ServiceOptions options, Log log, TimeProvider time) =>
        new(options.Fleet.Servers(), options.Upstream.Tls.ServerName, Dns.GetHostAddressesAsync, time, log);
}
