using Edge.Fleet;
using Edge.Options;

namespace Edge.Drivers;

/// <summary>Makes the templates of new containers from the options, and where these are silent, from the balancer's own container.</summary>
internal sealed class ContainerTemplates(DockerOptions options, string fleet, string? ownId, DockerEngine engine)
{
    private const string ComposeProject = "com.docker.compose.project";
    private const long NanoCpusPerPercent = 10_000_000;

    private OwnContainer? _own;

    /// <summary>Whether an image that the engine does not have is fetched.</summary>
    internal bool Pulls => options.Pull;

    internal bool CanMakeUnasked => options.Image.Length > 0;

    internal async Task<ContainerTemplate> MakeAsync(ReplicaSpec spec, CancellationToken cancellation)
    {
        OwnContainer? own = await OwnAsync(cancellation);
        if (options.Image.Length == 0 && own is null)
        {
            throw new DriverException(
                DriverFailure.Failed,
                "there is no image for replicas: Edge:Docker:Image is empty, and the balancer does not run in a container whose image would do");
        }

        bool isOwnImage = options.Image.Length == 0;
        return new ContainerTemplate(
            isOwnImage ? own!.Image : options.Image,
            isOwnImage && options.Command.Length == 0 ? ["replica", "--listen", $"*:{options.Port}"] : options.Command,
            [$"SERVER_ID={ReplicaNames.ServerId(spec.Name)}", .. options.Environment],
            Labels(spec, own),
            options.MemoryMiB * 1024L * 1024,
            options.CpuPercent * NanoCpusPerPercent,
            options.Processes,
            options.ReadOnly,
            options.NoNewPrivileges,
            options.KeepCapabilities,

            // Edge's own asks the balancer's port, where the built-in replica has nothing.
            HasHealthcheck: !isOwnImage && options.Command is not ["replica", ..]);
    }

    private Dictionary<string, string> Labels(ReplicaSpec spec, OwnContainer? own)
    {
        var labels = new Dictionary<string, string>
        {
            [DockerFleet.FleetLabel] = fleet,
            [DockerFleet.WeightLabel] = $"{spec.Weight}",
            [DockerFleet.PortLabel] = $"{options.Port}",
            [DockerFleet.MakerLabel] = DockerFleet.Maker,
        };
        if (own is not null && own.Labels.TryGetValue(ComposeProject, out string? project))
        {
            // A service that the project's file does not know: `up` leaves it alone, `down --remove-orphans` ends it.
            labels[ComposeProject] = project;
            labels["com.docker.compose.service"] = "edge_replica";
            labels["com.docker.compose.oneoff"] = "False";
            labels["com.docker.compose.container-number"] = ReplicaNames.ServerId(spec.Name);

            // Compose 2 takes a container without this one for somebody else's.
            labels["com.docker.compose.config-hash"] = DockerFleet.Maker;
        }

        return labels;
    }

    private async Task<OwnContainer?> OwnAsync(CancellationToken cancellation)
    {
        if (_own is null && ownId is not null && await engine.InspectAsync(ownId, cancellation) is var (container, blueprint))
        {
            _own = new OwnContainer(container.Id, blueprint.Image, container.Labels);
        }

        return _own;
    }
}
