using System.Net;
using Edge.Config;
using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>Decides which containers belong to the fleet, and what they are as replicas. Pure.</summary>
/// <param name="Name">Of the fleet.</param>
/// <param name="Network">The network on which the balancer reaches its replicas.</param>
/// <param name="Port">The port of replicas that do not say it themselves; 0 if the options do not say it.</param>
/// <param name="OwnId">The container in which the balancer runs; null if it runs in none.</param>
internal sealed record DockerFleet(string Name, string Network, int Port, string? OwnId)
{
    /// <summary>Whether containers without a label are listed by their names: those of the default service alone.</summary>
    internal bool ListsByName { get; init; } = true;

    /// <summary>Whether the hosts in the labels of containers make them replicas: of which service is for <see cref="ServiceLabels"/> to say.</summary>
    internal bool AreHostsRead { get; init; }

    /// <summary>Whether it is the fleet of a service that such labels name.</summary>
    internal bool IsFromLabels { get; init; }

    /// <summary>The labels by which its containers are found, on any network: <c>name</c> or <c>name=value</c>.</summary>
    internal IReadOnlyList<string> Labels =>
        IsFromLabels ? [$"{ContainerLabels.Fleet}={Name}", ContainerLabels.Host] : [$"{ContainerLabels.Fleet}={Name}"];

    /// <summary>What replicas speak that do not say it themselves.</summary>
    internal Scheme Scheme { get; init; }

    /// <summary>The name that the certificates of those that speak TLS have to have; empty for the name of each container.</summary>
    internal string ServerName { get; init; } = "";

    /// <summary>Who made a container of the fleet; null if it does not belong to the fleet.</summary>
    internal ReplicaOrigin? OriginOf(ContainerFacts container)
    {
        if (container.Id == OwnId)
        {
            return null;
        }

        if (container.Labels.TryGetValue(ContainerLabels.Fleet, out string? fleet))
        {
            return fleet == Name ? ContainerLabels.MakerOf(container.Labels) : null;
        }

        if (AreHostsRead && container.Labels.ContainsKey(ContainerLabels.Host))
        {
            return IsNamed(container.Labels, container.Name) ? ContainerLabels.MakerOf(container.Labels) : null;
        }

        return ListsByName && container.IsOnNetwork && IsNamedAsReplica(container.Name) ? ReplicaOrigin.Listed : null;
    }

    /// <summary>Whether an event may be about a container of the fleet; its attributes do not say the networks.</summary>
    internal bool MayOwn(ContainerEvent happened) =>
        happened.ContainerId != OwnId
        && (happened.Attributes.TryGetValue(ContainerLabels.Fleet, out string? fleet)
            ? fleet == Name
            : AreHostsRead && happened.Attributes.ContainsKey(ContainerLabels.Host) ? IsNamed(happened.Attributes, happened.Attribute("name"))
            : ListsByName && (IsNamedAsReplica(happened.Attribute("name")) || ContainerLabels.AreOfReplica(happened.Attributes)));

    private bool IsNamed(IReadOnlyDictionary<string, string> labels, string container) => IsFromLabels && ServiceLabels.NameOf(labels, container) == Name;

    private static bool IsNamedAsReplica(string name) => name.StartsWith(ReplicaNames.DefaultPrefix, StringComparison.Ordinal);

    /// <summary>What a container is to the fleet.</summary>
    internal ContainerRole See(ContainerFacts container, ContainerTraits traits)
    {
        if (OriginOf(container) is not { } origin)
        {
            bool isMeant = ListsByName && container is { IsOnNetwork: true, State: ContainerState.Running }
                && container.Id != OwnId
                && !container.Labels.ContainsKey(ContainerLabels.Fleet)
                && !(AreHostsRead && container.Labels.ContainsKey(ContainerLabels.Host))
                && ContainerLabels.AreOfReplica(container.Labels);
            return isMeant
                ? new ContainerRole.Ignored($"it has labels of a replica, but not {ContainerLabels.Fleet}={Name}, which makes it one")
                : new ContainerRole.Foreign();
        }

        if (ContainerLabels.AreOfOneCommand(container.Labels) && origin == ReplicaOrigin.Adopted)
        {
            return new ContainerRole.Ignored("it is a single command of Compose (run), which shall end, and not be started again");
        }

        if (container.State != ContainerState.Running || (origin == ReplicaOrigin.Made && !container.IsOnNetwork))
        {
            return new ContainerRole.Ended(origin);
        }

        if (Mistake(container) is { } mistake)
        {
            return new ContainerRole.Ignored(mistake);
        }

        if (container.Address is not { } address)
        {
            return new ContainerRole.Ended(origin);
        }

        int? port = ContainerLabels.PortOf(container) ?? (Port > 0 ? Port : traits.ExposedPorts is [int only] ? only : null);
        return port is { } known
            ? new ContainerRole.Running(Observe(container, traits, origin, new IPEndPoint(address, known)))
            : new ContainerRole.Ignored(NoPort(traits.ExposedPorts));
    }

    /// <summary>The objection that follows from a HEALTHCHECK's result; null if there is none, for example while there is no result yet.</summary>
    internal static string? ObjectionTo(string? health) => health == "unhealthy" ? "its HEALTHCHECK fails" : null;

    // Both parts: an address may be given to another container, and a container may get another address.
    private ObservedReplica Observe(ContainerFacts container, ContainerTraits traits, ReplicaOrigin origin, IPEndPoint address) =>
        new($"{container.Id}@{address.Address}", container.Name, address, ContainerLabels.WeightOf(container), ObjectionTo(container.Health))
        {
            Image = ContainerLabels.ImageOf(container, origin),
            Generation = ContainerLabels.GenerationOf(container, origin),
            Mark = ContainerLabels.MarkOf(container, origin),
            UnitId = container.Id,
            Origin = origin,
            HealthPath = ContainerLabels.HealthPathOf(container),
            HealthHost = ContainerLabels.HealthHostOf(container),
            StartPeriod = traits.StartPeriod,
            TlsName = (ContainerLabels.SchemeOf(container) ?? Scheme) == Scheme.Http ? null : ServerName.Length > 0 ? ServerName : container.Name,
        };

    /// <summary>Why a running container of the fleet cannot get requests; null if nothing is wrong so far.</summary>
    private string? Mistake(ContainerFacts container) =>
        ContainerLabels.MistakeOf(container) ?? (container.IsOnNetwork ? null : OffNetwork(container));

    private string OffNetwork(ContainerFacts container)
    {
        string where = container.Networks.Count == 0 ? "on no network" : $"on the network {string.Join(", ", container.Networks)}";
        if (container.Networks is ["host"] or ["none"] or [])
        {
            return $"it is {where}, where the balancer reaches no container: "
                + $"have it join {Network} (Edge:Docker:Network), or list its address (Edge:Fleet:Addresses)";
        }

        string whose = container.Labels.TryGetValue(ContainerLabels.ComposeProject, out string? project)
            ? $", of the Compose project {project}: if that has a balancer of its own, give one of the two fleets another name (Edge:Fleet:Name)"
            : "";
        return $"it is {where} and not on {Network}, on which the balancer reaches its replicas "
            + $"(Edge:Docker:Network; docker network connect {Network} {container.Name}){whose}";
    }

    private static string NoPort(IReadOnlyList<int> exposed) => exposed.Count == 0
        ? "nothing says where it listens: its image exposes no port, and neither the label edge.port nor Edge:Docker:Port (--port) names one"
        : $"it exposes the ports {string.Join(", ", exposed)}: the label edge.port or Edge:Docker:Port (--port) has to say which one takes requests";

    /// <summary>Whether a signal ends a container, as far as its number shows that.</summary>
    /// <param name="signal">As the engine writes it: a number.</param>
    /// <param name="stopSignal">The signal by which the container's image asks to be ended: a name, or empty.</param>
    internal static bool Ends(string signal, string stopSignal) => (signal, stopSignal) switch
    {
        ("2" or "3" or "6" or "9" or "15", _) => true,
        ("1", "SIGHUP" or "1") or ("10", "SIGUSR1" or "10") or ("12", "SIGUSR2" or "12") or ("28", "SIGWINCH" or "28") => true,
        ("37", "SIGRTMIN+3" or "37") => true,
        _ => false,
    };
}
