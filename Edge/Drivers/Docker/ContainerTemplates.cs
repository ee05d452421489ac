using System.Globalization;
using System.Net;
using Edge.Config;
using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>
/// Decides what a new replica is made of: the configured image; else it is made like a replica that the balancer did not make; else, if the options
/// ask for it, it is the built-in replica from the balancer's own image.
/// </summary>
/// <param name="options">Of new containers.</param>
/// <param name="fleet">The fleet's name.</param>
/// <param name="ownId">The container in which the balancer runs; null if it runs in none.</param>
/// <param name="engine">Knows the images and the balancer's own container.</param>
/// <param name="prefix">With what the names of new replicas begin.</param>
internal sealed class ContainerTemplates(DockerOptions options, string fleet, string? ownId, DockerEngine engine, string prefix = ReplicaNames.DefaultPrefix)
{
    private const string IdVariable = "SERVER_ID";
    private const string PortVariable = "PORT";
    private const string ListenArgument = "--listen";
    private const long NanoCpusPerPercent = 10_000_000;
    private const long BytesPerMiB = 1024 * 1024;

    // The port of the built-in replica if nothing says it, and its limits, which are several times what it needs.
    private const int BuiltInPort = 8080;
    private const int BuiltInMiB = 64;
    private const int BuiltInProcesses = 512;

    private (ContainerFacts Facts, ContainerBlueprint Blueprint)? _own;

    /// <summary>Whether a missing image is pulled.</summary>
    internal bool Pulls => options.Pull;

    /// <summary>Whether replicas can be made at the start, without a call: an image is configured, or the built-in replica was asked for.</summary>
    internal bool CanMakeUnasked => options.Image.Length > 0 || (IsBuiltIn && ownId is not null);

    private bool IsBuiltIn => options.Command is ["replica", ..];

    /// <summary>The image of a new replica. Throws if there is nothing to make it of.</summary>
    /// <param name="newest">The fleet's newest replica that the balancer did not make; null where there is none.</param>
    /// <param name="cancellation">Calls it off.</param>
    internal async Task<ReplicaImage> ImageAsync(ContainerBlueprint? newest, CancellationToken cancellation)
    {
        if (options.Image.Length > 0)
        {
            return new ReplicaImage(options.Image, await IdOfAsync(options.Image, cancellation));
        }

        await FindOwnAsync(cancellation);
        ContainerBlueprint model = newest is not null ? await NowAsync(newest, cancellation) : IsBuiltIn && _own is var (_, own) ? own : throw Nothing();
        return new ReplicaImage(model.Image, model.ImageId);
    }

    /// <summary>What to make a replica of. Throws where there is nothing to make it of, or no telling where it would listen.</summary>
    /// <param name="spec">
    /// Its name and weight, and its image and generation if it has them: then it is made of that image, with the present settings for everything else.
    /// </param>
    /// <param name="newest">The fleet's newest replica that the balancer did not make; null where there is none.</param>
    /// <param name="cancellation">Calls it off.</param>
    internal async Task<ContainerBlueprint> MakeAsync(ReplicaSpec spec, ContainerBlueprint? newest, CancellationToken cancellation)
    {
        await FindOwnAsync(cancellation);
        string? project = _own?.Facts.Labels.GetValueOrDefault(ContainerLabels.ComposeProject)
            ?? newest?.Labels.GetValueOrDefault(ContainerLabels.ComposeProject);
        if (options.Image.Length > 0)
        {
            ReplicaImage image = spec.Image ?? new ReplicaImage(options.Image);
            int port = await PortOfImageAsync(image, cancellation);
            return new ContainerBlueprint(spec.Name, options.Network, Settings(spec, image, port, project, isBuiltIn: false));
        }

        if (newest is not null)
        {
            ContainerBlueprint model = await NowAsync(newest, cancellation);
            int port = PortOf(model);
            Dictionary<string, string> labels = LabelsOf(spec, port, project);
            if (model.Labels.TryGetValue(ContainerLabels.ComposeProject, out string? group))
            {
                labels[ContainerLabels.Group] = group;
            }

            ContainerBlueprint another = model.Like(spec.Name, labels, EnvironmentLike(model, spec, port));
            return spec.Image is { } image ? another.Of(image) : another;
        }

        if (IsBuiltIn && _own is var (_, own))
        {
            int port = BuiltInPortOf();
            ReplicaImage image = spec.Image ?? new ReplicaImage(own.Image, own.ImageId);
            return new ContainerBlueprint(spec.Name, options.Network, Settings(spec, image, port, project, isBuiltIn: true));
        }

        throw Nothing();
    }

    private DriverException Nothing() => new(
        DriverFailure.Failed,
        $"there is nothing to make a replica of: set Edge:Docker:Image, or label a container edge.fleet={fleet}, and the others are made like it");

    // Its present state: since the last look it may have joined a network, or got other limits.
    private async Task<ContainerBlueprint> NowAsync(ContainerBlueprint newest, CancellationToken cancellation) =>
        await engine.InspectAsync(newest.Id, cancellation) is var (_, now) ? now : newest;

    /// <summary>An image by its name, for a deploy. Throws if the options name none: then there is nothing that says how the replicas are run.</summary>
    /// <param name="name">Of the image.</param>
    /// <param name="pulls">Whether it is pulled though the engine has one of this name.</param>
    /// <param name="cancellation">Cancels the call.</param>
    internal async Task<ReplicaImage> FindAsync(string name, bool pulls, CancellationToken cancellation)
    {
        if (options.Image.Length == 0)
        {
            throw new DriverException(
                DriverFailure.Failed, "nothing says how replicas of an image are run: set Edge:Docker:Image (--image), and what they need below Edge:Docker");
        }

        string? id = pulls ? null : await IdOfAsync(name, cancellation);
        if (id is null && (pulls || Pulls))
        {
            await engine.PullAsync(name, cancellation);
            id = await IdOfAsync(name, cancellation);
        }

        return id is null ? throw new DriverException(DriverFailure.Failed, EngineError.NoImage(name)) : new ReplicaImage(name, id);
    }

    /// <summary>The image that a name means now; null if the engine does not have it yet, or does not let the balancer look.</summary>
    private async Task<string?> IdOfAsync(string image, CancellationToken cancellation)
    {
        try
        {
            return (await engine.InspectImageAsync(image, cancellation))?.Id;
        }
        catch (DriverException refused) when (refused.Kind == DriverFailure.Failed)
        {
            // A proxy in front of the engine may refuse the call; then only the name is known.
            return null;
        }
    }

    /// <param name="spec">The replica.</param>
    /// <param name="image">Its image.</param>
    /// <param name="port">Where it listens.</param>
    /// <param name="project">The project of Compose; null for none.</param>
    /// <param name="isBuiltIn">
    /// Whether the replica is the built-in one, of the image of the balancer's own container. Such a replica needs no privileges and gets none, no
    /// matter what the options allow.
    /// </param>
    private ContainerSettings Settings(ReplicaSpec spec, ReplicaImage image, int port, string? project, bool isBuiltIn) => new()
    {
        Image = image.Name,
        ImageId = image.Id,
        EntryPoint = options.EntryPoint,
        Command = Command(port),
        Environment = Environment(spec, port),
        Labels = LabelsOf(spec, port, project),
        User = options.User,
        Volumes = options.Mounts(),
        Networks = options.Joined(),
        StopTimeout = options.StopTimeout > TimeSpan.Zero ? options.StopTimeout : null,
        MemoryBytes = (isBuiltIn ? BuiltInMiB : options.MemoryMiB) * BytesPerMiB,
        NanoCpus = options.CpuPercent * NanoCpusPerPercent,
        Processes = isBuiltIn ? BuiltInProcesses : options.Processes,
        IsReadOnly = isBuiltIn || options.ReadOnly,
        NoNewPrivileges = isBuiltIn || options.NoNewPrivileges,
        KeptCapabilities = isBuiltIn ? [] : options.KeepCapabilities switch
        {
            [] => null,
            [DockerValues.NoCapabilities] => [],
            var kept => kept,
        },

        // The HEALTHCHECK of Edge's own image asks for the balancer's port, at which the built-in replica does not listen.
        HasHealthcheck = !IsBuiltIn,
    };

    private string[] Command(int port) =>
        IsBuiltIn && !options.Command.Contains(ListenArgument) ? [.. options.Command, ListenArgument, $"*:{port}"] : options.Command;

    /// <summary>If a variable is given more than once, the last one counts: first the balancer's, then the file's, then the options'.</summary>
    private List<string> Environment(ReplicaSpec spec, int port)
    {
        var variables = new List<string> { $"{IdVariable}={ReplicaNames.ServerId(spec.Name, prefix)}", $"{PortVariable}={port}" };
        foreach (string variable in options.FileEnvironment.Concat(options.Environment))
        {
            int at = variables.FindIndex(other => NameOf(other) == NameOf(variable));
            if (at >= 0)
            {
                variables[at] = variable;
            }
            else
            {
                variables.Add(variable);
            }
        }

        return variables;
    }

    private IReadOnlyList<string> EnvironmentLike(ContainerBlueprint newest, ReplicaSpec spec, int port)
    {
        string[] kept = [.. newest.Environment.Where(variable => NameOf(variable) != IdVariable)];
        string[] more = kept.Any(variable => NameOf(variable) == PortVariable) ? [] : [$"{PortVariable}={port}"];
        return [.. kept, .. more, $"{IdVariable}={ReplicaNames.ServerId(spec.Name, prefix)}"];
    }

    private static string NameOf(string variable) => variable.Split('=')[0];

    private Dictionary<string, string> LabelsOf(ReplicaSpec spec, int port, string? project)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string[] label in (options.Image.Length > 0 ? options.Labels : []).Select(label => label.Split('=', 2)))
        {
            labels[label[0]] = label[1];
        }

        labels[ContainerLabels.Fleet] = fleet;
        labels[ContainerLabels.Weight] = $"{spec.Weight}";
        labels[ContainerLabels.Port] = $"{port}";
        labels[ContainerLabels.Maker] = ContainerLabels.Balancer;
        if (spec.Generation is { } generation)
        {
            labels[ContainerLabels.Generation] = $"{generation}";
        }

        if (spec.Image is { } image)
        {
            labels[ContainerLabels.Image] = image.Name;
        }

        if (spec.Mark is { } mark)
        {
            labels[ContainerLabels.Replaces] = $"{mark.Replaces}";
            labels[ContainerLabels.Size] = $"{mark.Size}";
            labels[ContainerLabels.Configured] = mark.Configured;
            if (mark.IsLead)
            {
                labels[ContainerLabels.Lead] = "true";
            }
        }

        if (project is not null)
        {
            // A service that the project's file does not have: `up` leaves it alone, `down --remove-orphans` ends it.
            labels[ContainerLabels.ComposeProject] = project;
            labels["com.docker.compose.service"] = "edge_replica";
            labels["com.docker.compose.oneoff"] = "False";
            labels["com.docker.compose.container-number"] = ReplicaNames.ServerId(spec.Name, prefix);

            // Compose 2 does not take a container without this label for one that it manages.
            labels["com.docker.compose.config-hash"] = ContainerLabels.Balancer;
        }

        return labels;
    }

    private int BuiltInPortOf()
    {
        if (options.Port > 0)
        {
            return options.Port;
        }

        int at = Array.IndexOf(options.Command, ListenArgument) + 1;
        IPEndPoint? listen = at > 0 && at < options.Command.Length ? OptionValues.ParseEndpoint(options.Command[at]) : null;
        return listen is { Port: > 0 } ? listen.Port : BuiltInPort;
    }

    private int PortOf(ContainerBlueprint container)
    {
        if (container.Labels.TryGetValue(ContainerLabels.Port, out string? label)
            && int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= IPEndPoint.MaxPort)
        {
            return port;
        }

        return options.Port > 0 ? options.Port
            : OnlyPort(container.ExposedPorts, $"the container {container.Name}", "set Edge:Docker:Port, or give the container the label edge.port=PORT");
    }

    private async Task<int> PortOfImageAsync(ReplicaImage of, CancellationToken cancellation)
    {
        if (options.Port > 0 || IsBuiltIn)
        {
            return BuiltInPortOf();
        }

        const string Remedy = "set Edge:Docker:Port (--port) to where it listens";
        ImageFacts? image = await LookAtImageAsync(of, Remedy, cancellation);
        if (image is null && of.Id is not null)
        {
            throw new DriverException(DriverFailure.Failed, EngineError.ImageGone(of.Name, of.Id));
        }

        if (image is null && Pulls)
        {
            await engine.PullAsync(of.Name, cancellation);
            image = await LookAtImageAsync(of, Remedy, cancellation);
        }

        return image is null
            ? throw new DriverException(DriverFailure.Failed, EngineError.NoImage(of.Name))
            : OnlyPort(image.ExposedPorts, $"the image {of.Name}", Remedy);
    }

    private async Task<ImageFacts?> LookAtImageAsync(ReplicaImage image, string remedy, CancellationToken cancellation)
    {
        try
        {
            return await engine.InspectImageAsync(image.Id ?? image.Name, cancellation);
        }
        catch (DriverException refused) when (refused.Kind == DriverFailure.Failed)
        {
            throw new DriverException(DriverFailure.Failed, $"the image {image.Name} cannot be looked at for its port ({refused.Message}): {remedy}");
        }
    }

    private static int OnlyPort(IReadOnlyList<int> exposed, string what, string remedy) => exposed switch
    {
        [var one] => one,
        [] => throw new DriverException(DriverFailure.Failed, $"{what} exposes no port: {remedy}"),
        _ => throw new DriverException(DriverFailure.Failed, $"{what} exposes {exposed.Count} ports ({string.Join(", ", exposed)}): {remedy}"),
    };

    private async Task FindOwnAsync(CancellationToken cancellation)
    {
        if (_own is null && ownId is not null)
        {
            _own = await engine.InspectAsync(ownId, cancellation);
        }
    }
}
