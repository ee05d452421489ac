using System.Globalization;
using System.Net;
using Edge.Fleet;
using Edge.Options;

namespace Edge.Drivers;

/// <summary>Which containers are the fleet's, and what they are as replicas. Pure.</summary>
/// <param name="Name">Of the fleet.</param>
/// <param name="Network">On which the balancer reaches its replicas.</param>
/// <param name="Port">Where replicas listen that don't say it themselves.</param>
/// <param name="OwnId">The container in which the balancer runs; null where it runs in none.</param>
internal sealed record DockerFleet(string Name, string Network, int Port, string? OwnId)
{
    internal const string FleetLabel = "edge.fleet";
    internal const string WeightLabel = "edge.weight";
    internal const string PortLabel = "edge.port";

    /// <summary>Marks what the balancer made itself, from its template.</summary>
    internal const string MakerLabel = "edge.by";
    internal const string Maker = "balancer";

    private const string NamePrefix = "server_";

    /// <summary>Whether the balancer may do anything to a container.</summary>
    internal bool Owns(ContainerFacts container) =>
        container.Id != OwnId
        && (container.Labels.TryGetValue(FleetLabel, out string? fleet)
            ? fleet == Name
            : container.IsOnNetwork && container.Name.StartsWith(NamePrefix, StringComparison.Ordinal));

    /// <summary>Whether an event's attributes can be those of one of the fleet's; they don't say on which networks it is.</summary>
    internal bool MayOwn(ContainerEvent happened) =>
        happened.ContainerId != OwnId
        && (happened.Attributes.TryGetValue(FleetLabel, out string? fleet)
            ? fleet == Name
            : happened.Attribute("name").StartsWith(NamePrefix, StringComparison.Ordinal));

    /// <summary>A container as a replica; null where it takes no requests.</summary>
    internal ObservedReplica? Observe(ContainerFacts container)
    {
        if (container is not { State: ContainerState.Running, Address: { } address })
        {
            return null;
        }

        int port = Number(container, PortLabel, 65535) ?? Port;

        // An address alone may be given to another container, and a container may get another address.
        return new ObservedReplica($"{container.Id}@{address}", container.Name, new IPEndPoint(address, port), WeightOf(container), ObjectionTo(container.Health))
        {
            Image = container.Image,
        };
    }

    /// <summary>What a HEALTHCHECK's result means for traffic; null where it is nothing against it, as while it has not come to one.</summary>
    internal static string? ObjectionTo(string? health) => health == "unhealthy" ? "its HEALTHCHECK fails" : null;

    /// <summary>The share that a container's label gives it; 1 where it has none that can be read.</summary>
    internal static int WeightOf(ContainerFacts container) => Number(container, WeightLabel, Limits.WeightAtMost) ?? 1;

    /// <summary>Whether a container of the fleet has ended and shall run again when the balancer starts.</summary>
    internal static bool HasEnded(ContainerFacts container) =>
        container.State != ContainerState.Running && container.Labels.ContainsKey(FleetLabel);

    /// <summary>Whether a signal is one that ends a container, as far as its number says it.</summary>
    /// <param name="signal">As the engine writes it: a number.</param>
    /// <param name="stopSignal">What the container's image asks to be ended with: a name, or empty.</param>
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
