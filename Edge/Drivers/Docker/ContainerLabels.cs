using System.Globalization;
using Edge.Config;
using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>The labels of containers: their names, and what the balancer reads in them. Pure.</summary>
internal static class ContainerLabels
{
    /// <summary>The name of the fleet that a container belongs to.</summary>
    internal const string Fleet = "edge.fleet";

    /// <summary>Its share of the requests, from 1 to <see cref="Limits.WeightAtMost"/>.</summary>
    internal const string Weight = "edge.weight";

    /// <summary>The port on which it takes requests.</summary>
    internal const string Port = "edge.port";

    /// <summary>What it speaks there: http or https.</summary>
    internal const string Scheme = "edge.scheme";

    /// <summary>The path of its health checks.</summary>
    internal const string Health = "edge.health";

    /// <summary>The hosts that it serves, with commas. The first one that is not a wildcard is the Host of its health checks.</summary>
    internal const string Host = "edge.host";

    /// <summary>The paths below which requests are for it, with commas; without it, all.</summary>
    internal const string Path = "edge.path";

    /// <summary>Whether it gets requests without the path that led to it: true or false.</summary>
    internal const string Strip = "edge.strip";

    /// <summary>The Compose project of what a container was made like; its own label for that may be the balancer's project.</summary>
    internal const string Group = "edge.group";

    /// <summary>Other names, with commas, whose requests are sent to the first host.</summary>
    internal const string Redirect = "edge.redirect";

    /// <summary>Whether clients keep the replica that they got first: true or false.</summary>
    internal const string Sticky = "edge.sticky";

    /// <summary>The generation of a container that the balancer made.</summary>
    internal const string Generation = "edge.generation";

    /// <summary>The name of the image of a container that the balancer made. The engine remembers the image's id.</summary>
    internal const string Image = "edge.image";

    /// <summary>The generation that the container's own is to replace, or has replaced, if a deploy made it.</summary>
    internal const string Replaces = "edge.replaces";

    /// <summary>How many replicas that deploy is to have.</summary>
    internal const string Size = "edge.size";

    /// <summary>On the first container of that deploy: true.</summary>
    internal const string Lead = "edge.lead";

    /// <summary>The image that the options named when that deploy began; empty for none.</summary>
    internal const string Configured = "edge.configured";

    /// <summary>Who made the container: <see cref="Balancer"/>, or nothing.</summary>
    internal const string Maker = "edge.by";

    /// <summary>The value of <see cref="Maker"/>.</summary>
    internal const string Balancer = "balancer";

    /// <summary>The project of Compose that a container belongs to.</summary>
    internal const string ComposeProject = "com.docker.compose.project";

    /// <summary>The service in that project.</summary>
    internal const string ComposeService = "com.docker.compose.service";

    private const string ComposeOneOff = "com.docker.compose.oneoff";

    private static readonly string[] s_ofReplicas = [Weight, Port, Scheme, Health];

    /// <summary>Who made a container of a fleet.</summary>
    internal static ReplicaOrigin MakerOf(IReadOnlyDictionary<string, string> labels) =>
        labels.GetValueOrDefault(Maker) == Balancer ? ReplicaOrigin.Made : ReplicaOrigin.Adopted;

    /// <summary>Whether there is a label that only a replica needs.</summary>
    internal static bool AreOfReplica(IReadOnlyDictionary<string, string> labels) => s_ofReplicas.Any(labels.ContainsKey);

    /// <summary>Whether Compose made the container for a single command (<c>docker compose run</c>).</summary>
    internal static bool AreOfOneCommand(IReadOnlyDictionary<string, string> labels) => labels.GetValueOrDefault(ComposeOneOff) == "True";

    /// <summary>The weight; 1 if the label is missing or cannot be read.</summary>
    internal static int WeightOf(ContainerFacts container) => Number(container, Weight, Limits.WeightAtMost) ?? 1;

    /// <summary>The port; null if the label is missing or cannot be read.</summary>
    internal static int? PortOf(ContainerFacts container) => Number(container, Port, 65535);

    /// <summary>What it speaks; null if the label is missing or cannot be read.</summary>
    internal static Scheme? SchemeOf(ContainerFacts container) => container.Labels.GetValueOrDefault(Scheme) switch
    {
        "http" => Config.Scheme.Http,
        "https" => Config.Scheme.Https,
        _ => null,
    };

    /// <summary>The path of health checks; null if the label is missing.</summary>
    internal static string? HealthPathOf(ContainerFacts container) => container.Labels.GetValueOrDefault(Health);

    /// <summary>The Host of health checks; null if no label says it.</summary>
    internal static string? HealthHostOf(ContainerFacts container) =>
        HostsOf(container).FirstOrDefault(host => !host.StartsWith("*.", StringComparison.Ordinal));

    /// <summary>The generation of a container that the balancer made; null for other containers, and for those of an older version of the balancer.</summary>
    internal static int? GenerationOf(ContainerFacts container, ReplicaOrigin origin) =>
        origin == ReplicaOrigin.Made ? Number(container, Generation, int.MaxValue) : null;

    /// <summary>The deploy that made a container of the balancer; null if none did.</summary>
    internal static DeployMark? MarkOf(ContainerFacts container, ReplicaOrigin origin) =>
        origin == ReplicaOrigin.Made && Number(container, Size, Limits.Replicas) is { } size
        && container.Labels.TryGetValue(Replaces, out string? text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int replaces)
            ? new DeployMark(replaces, size, container.Labels.GetValueOrDefault(Lead) == "true", container.Labels.GetValueOrDefault(Configured, ""))
            : null;

    /// <summary>
    /// The image of a container. If the name means another image now, an engine gives only the id; the label of a container that the balancer made keeps
    /// the name.
    /// </summary>
    internal static ReplicaImage? ImageOf(ContainerFacts container, ReplicaOrigin origin) =>
        (NameOfImage(container.Labels, origin) ?? container.Image) is { } name ? new ReplicaImage(name, container.ImageId) : null;

    /// <summary>The image's name in the label of a container that the balancer made; null if there is none.</summary>
    internal static string? NameOfImage(IReadOnlyDictionary<string, string> labels, ReplicaOrigin origin) =>
        origin == ReplicaOrigin.Made ? labels.GetValueOrDefault(Image) : null;

    /// <summary>What is wrong with a label of a container of the fleet, in a sentence; null if nothing is.</summary>
    internal static string? MistakeOf(ContainerFacts container)
    {
        (string Label, bool IsGood, string Allowed)[] labels =
        [
            (Port, PortOf(container) is not null, "a number from 1 to 65535"),
            (Weight, Number(container, Weight, Limits.WeightAtMost) is not null, $"a number from 1 to {Limits.WeightAtMost}"),
            (Scheme, SchemeOf(container) is not null, "http or https"),
            (Health, OptionValues.IsPath(container.Labels.GetValueOrDefault(Health, "")), "a path that starts with /"),
            (Host, HostsOf(container).All(IsHost), "a host name, or several with commas"),
        ];
        foreach ((string label, bool isGood, string allowed) in labels)
        {
            if (!isGood && container.Labels.TryGetValue(label, out string? value))
            {
                return $"its label {label} is \"{value}\": allowed is {allowed}";
            }
        }

        return null;
    }

    private static string[] HostsOf(ContainerFacts container) =>
        container.Labels.TryGetValue(Host, out string? hosts) ? hosts.Split(',', StringSplitOptions.TrimEntries) : [];

    private static bool IsHost(string host) => OptionValues.IsHostField(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host);

    private static int? Number(ContainerFacts container, string label, int most) =>
        container.Labels.TryGetValue(label, out string? text)
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        && number >= 1 && number <= most
            ? number : null;
}
