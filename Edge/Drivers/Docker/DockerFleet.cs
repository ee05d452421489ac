using System.Globalization;
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
    internal const string FleetLabel = "edge.fleet";
    internal const string WeightLabel = "edge.weight";
    internal const string PortLabel = "edge.port";
    internal const string HealthLabel = "edge.health";
    internal const string HostLabel = "edge.host";

    /// <summary>Labels of containers that the balancer made: the generation, and the name of the image. The engine remembers the image's id.</summary>
    internal const string GenerationLabel = "edge.generation";
    internal const string ImageLabel = "edge.image";

    /// <summary>The label of containers that the balancer has made.</summary>
    internal const string MakerLabel = "edge.by";
    internal const string Maker = "balancer";

    private const string NamePrefix = "server_";
    private const string ComposeProject = "com.docker.compose.project";
    private const string ComposeOneOff = "com.docker.compose.oneoff";

    private static readonly string[] s_replicaLabels = [WeightLabel, PortLabel, HealthLabel];

    /// <summary>Who made a container of the fleet; null if it does not belong to the fleet.</summary>
    internal ReplicaOrigin? OriginOf(ContainerFacts container)
    {
        if (container.Id == OwnId)
        {
            return null;
        }

        if (container.Labels.TryGetValue(FleetLabel, out string? fleet))
        {
            return fleet == Name ? MakerOf(container.Labels) : null;
        }

        return container.IsOnNetwork && container.Name.StartsWith(NamePrefix, StringComparison.Ordinal) ? ReplicaOrigin.Listed : null;
    }

    /// <summary>Who made a container of a fleet, by its labels.</summary>
    internal static ReplicaOrigin MakerOf(IReadOnlyDictionary<string, string> labels) =>
        labels.GetValueOrDefault(MakerLabel) == Maker ? ReplicaOrigin.Made : ReplicaOrigin.Adopted;

    /// <summary>Whether an event may be about a container of the fleet; its attributes do not say the networks.</summary>
    internal bool MayOwn(ContainerEvent happened) =>
        happened.ContainerId != OwnId
        && (happened.Attributes.TryGetValue(FleetLabel, out string? fleet)
            ? fleet == Name
            : happened.Attribute("name").StartsWith(NamePrefix, StringComparison.Ordinal) || s_replicaLabels.Any(happened.Attributes.ContainsKey));

    /// <summary>What a container is to the fleet.</summary>
    internal ContainerRole See(ContainerFacts container, ContainerTraits traits)
    {
        if (OriginOf(container) is not { } origin)
        {
            bool isMeant = container is { IsOnNetwork: true, State: ContainerState.Running }
                && container.Id != OwnId
                && !container.Labels.ContainsKey(FleetLabel)
                && s_replicaLabels.FirstOrDefault(container.Labels.ContainsKey) is not null;
            return isMeant
                ? new ContainerRole.Ignored($"it has labels of a replica, but not {FleetLabel}={Name}, which makes it one")
                : new ContainerRole.Foreign();
        }

        if (container.Labels.GetValueOrDefault(ComposeOneOff) == "True" && origin == ReplicaOrigin.Adopted)
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

        int? port = Number(container, PortLabel, 65535) ?? (Port > 0 ? Port : traits.ExposedPorts is [int only] ? only : null);
        return port is { } known
            ? new ContainerRole.Running(Observe(container, traits, origin, new IPEndPoint(address, known)))
            : new ContainerRole.Ignored(NoPort(traits.ExposedPorts));
    }

    /// <summary>The objection that follows from a HEALTHCHECK's result; null if there is none, for example while there is no result yet.</summary>
    internal static string? ObjectionTo(string? health) => health == "unhealthy" ? "its HEALTHCHECK fails" : null;

    /// <summary>The weight of a container's label; 1 if the label is missing or cannot be read.</summary>
    internal static int WeightOf(ContainerFacts container) => Number(container, WeightLabel, Limits.WeightAtMost) ?? 1;

    /// <summary>
    /// The image of a container. If the name means another image now, an engine gives only the id; the label of a container that the balancer made keeps
    /// the name.
    /// </summary>
    internal static ReplicaImage? ImageOf(ContainerFacts container, ReplicaOrigin origin) =>
        (NameOfImage(container.Labels, origin) ?? container.Image) is { } name ? new ReplicaImage(name, container.ImageId) : null;

    /// <summary>The generation of a container that the balancer made; null for other containers, and for those of an older version of the balancer.</summary>
    internal static int? GenerationOf(ContainerFacts container, ReplicaOrigin origin) =>
        origin == ReplicaOrigin.Made ? Number(container, GenerationLabel, int.MaxValue) : null;

    /// <summary>The image's name in the label of a container that the balancer made; null if there is none.</summary>
    internal static string? NameOfImage(IReadOnlyDictionary<string, string> labels, ReplicaOrigin origin) =>
        origin == ReplicaOrigin.Made ? labels.GetValueOrDefault(ImageLabel) : null;

    // The first host that is not a wildcard is the Host of its health checks.
    private static string[] HostsOf(ContainerFacts container) =>
        container.Labels.TryGetValue(HostLabel, out string? hosts) ? hosts.Split(',', StringSplitOptions.TrimEntries) : [];

    // Both parts: an address may be given to another container, and a container may get another address.
    private static ObservedReplica Observe(ContainerFacts container, ContainerTraits traits, ReplicaOrigin origin, IPEndPoint address) =>
        new($"{container.Id}@{address.Address}", container.Name, address, WeightOf(container), ObjectionTo(container.Health))
        {
            Image = ImageOf(container, origin),
            Generation = GenerationOf(container, origin),
            UnitId = container.Id,
            Origin = origin,
            HealthPath = container.Labels.GetValueOrDefault(HealthLabel),
            HealthHost = HostsOf(container).FirstOrDefault(host => !host.StartsWith("*.", StringComparison.Ordinal)),
            StartPeriod = traits.StartPeriod,
        };

    /// <summary>Why a running container of the fleet cannot get requests; null if nothing is wrong so far.</summary>
    private string? Mistake(ContainerFacts container)
    {
        (string Label, bool IsGood, string Allowed)[] labels =
        [
            (PortLabel, Number(container, PortLabel, 65535) is not null, "a number from 1 to 65535"),
            (WeightLabel, Number(container, WeightLabel, Limits.WeightAtMost) is not null, $"a number from 1 to {Limits.WeightAtMost}"),
            (HealthLabel, OptionValues.IsPath(container.Labels.GetValueOrDefault(HealthLabel, "")), "a path that starts with /"),
            (HostLabel,
                HostsOf(container).All(host => OptionValues.IsHostField(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host)),
                "a host name, or several with commas"),
        ];
        foreach ((string label, bool isGood, string allowed) in labels)
        {
            if (!isGood && container.Labels.TryGetValue(label, out string? value))
            {
                return $"its label {label} is \"{value}\": allowed is {allowed}";
            }
        }

        return container.IsOnNetwork ? null : OffNetwork(container);
    }

    private string OffNetwork(ContainerFacts container)
    {
        string where = container.Networks.Count == 0 ? "on no network" : $"on the network {string.Join(", ", container.Networks)}";
        if (container.Networks is ["host"] or ["none"] or [])
        {
            return $"it is {where}, where the balancer reaches no container: "
                + $"have it join {Network} (Edge:Docker:Network), or list its address (Edge:Fleet:Addresses)";
        }

        string whose = container.Labels.TryGetValue(ComposeProject, out string? project)
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

    private static int? Number(ContainerFacts container, string label, int most) =>
        container.Labels.TryGetValue(label, out string? text)
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        && number >= 1 && number <= most
            ? number : null;
}
