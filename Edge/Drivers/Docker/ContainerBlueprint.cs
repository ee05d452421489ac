using Docker.DotNet.Models;
using Edge.Config;
using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>
/// Everything that an engine is told in order to create a container. It is taken from a container that exists, or from settings. It never changes;
/// <see cref="Again"/> and <see cref="Like"/> make another blueprint. It leaves out what belongs to one container only: published ports, a restart
/// policy (the balancer restarts it itself), anonymous volumes, and the host name.
/// </summary>
internal sealed class ContainerBlueprint
{
    private const int ShortIdChars = 12;
    private const int AnonymousNameChars = 64;

    // This network alone has no names of its own, and refuses aliases.
    private const string DefaultNetwork = "bridge";

    // Labels by which Compose, Swarm or Podman mark their own containers.
    private static readonly string[] s_foreignLabels = ["com.docker.compose.", "com.docker.swarm.", "com.docker.stack.", "io.podman.compose."];

    // Folders to which programs write that keep no data.
    private static readonly string[] s_memoryFolders = ["/tmp", "/run"];

    private readonly ContainerConfig _config;
    private readonly HostConfig _host;

    // The first is the network of its creation.
    private readonly List<Endpoint> _endpoints;

    /// <param name="container">The engine's description of a container. The blueprint owns and changes it from then on.</param>
    /// <param name="network">
    /// The fleet's network. It becomes the first network of the new container, if the engine does not say which one that was here.
    /// </param>
    internal ContainerBlueprint(ContainerInspectResponse container, string network)
    {
        _config = container.Config ?? new ContainerConfig();
        _host = container.HostConfig ?? new HostConfig();
        (Id, Name) = (container.ID, container.Name.TrimStart('/'));
        Labels = (_config.Labels ?? new Dictionary<string, string>()).AsReadOnly();
        Image = ContainerLabels.NameOfImage(Labels, ContainerLabels.MakerOf(Labels)) ?? _config.Image;
        ImageId = container.Image is { Length: > 0 } id ? id : null;
        Created = ContainerFacts.MomentOf(container.Created);
        Environment = [.. _config.Env ?? []];
        _endpoints = EndpointsOf(container, _host.NetworkMode ?? "", network);
        _host.NetworkMode = _endpoints.Count > 0 ? _endpoints[0].Network : network;
        Renew(_config, _host);
    }

    /// <param name="name">Of the container, and its alias on each network.</param>
    /// <param name="network">The first network.</param>
    /// <param name="settings">The rest.</param>
    internal ContainerBlueprint(string name, string network, ContainerSettings settings)
    {
        (Name, Image, ImageId) = (name, settings.Image, settings.ImageId);
        (Environment, Labels) = (settings.Environment, settings.Labels);
        _config = ConfigOf(settings);
        _host = HostOf(settings);
        _host.NetworkMode = network;
        _endpoints = EndpointsOf(settings, network);
    }

    private ContainerBlueprint(ContainerBlueprint like, string name, IReadOnlyList<string> environment, IReadOnlyDictionary<string, string> labels)
    {
        (_config, _host, _endpoints) = (like._config, like._host, like._endpoints);
        (Image, ImageId, Created) = (like.Image, like.ImageId, like.Created);
        (Name, Environment, Labels) = (name, environment, labels);
    }

    /// <summary>The id of the container that it was taken from; empty if there is none, or if the blueprint is for another one.</summary>
    internal string Id { get; } = "";

    /// <summary>The name in the engine, without a slash; also the alias on each network.</summary>
    internal string Name { get; }

    /// <summary>The image, as it was written when the container was made.</summary>
    internal string Image { get; private init; }

    /// <summary>The id of that image, because its name can mean another image later; null if any image of this name will do.</summary>
    internal string? ImageId { get; private init; }

    /// <summary>When the container was made.</summary>
    internal DateTimeOffset Created { get; }

    /// <summary>NAME=value. Of a container, this includes the image's own variables.</summary>
    internal IReadOnlyList<string> Environment { get; }

    internal IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>The signal that asks the container to end; empty for SIGTERM.</summary>
    internal string StopSignal => _config.StopSignal ?? "";

    /// <summary>How long the container may take to end; null if the engine decides.</summary>
    internal TimeSpan? StopTimeout => _config.StopTimeout;

    /// <summary>How long its HEALTHCHECK may fail at first without a verdict; zero if it says nothing.</summary>
    internal TimeSpan StartPeriod => _config.Healthcheck?.StartPeriod ?? TimeSpan.Zero;

    /// <summary>The TCP ports at which it listens, according to its image and the options of its creation, in order.</summary>
    internal IReadOnlyList<int> ExposedPorts => ImageFacts.TcpPorts(_config.ExposedPorts?.Keys ?? []);

    /// <summary>The properties of the container that never change.</summary>
    internal ContainerTraits Traits => new(StopSignal, StopTimeout, ExposedPorts, StartPeriod, Created);

    /// <summary>The same container, to be made again.</summary>
    /// <param name="name">Its present name.</param>
    internal ContainerBlueprint Again(string name) => new(this, name, Environment, Labels);

    /// <summary>Another container like this one.</summary>
    /// <param name="name">Of the new one. It is also its alias on each network, in place of this one's.</param>
    /// <param name="labels">The balancer's labels. They are added to those of this one, without the labels of Compose and the like.</param>
    /// <param name="environment">The whole environment, NAME=value.</param>
    internal ContainerBlueprint Like(string name, IReadOnlyDictionary<string, string> labels, IReadOnlyList<string> environment) =>
        new(this, name, environment, With(labels));

    /// <summary>The same container from another image.</summary>
    internal ContainerBlueprint Of(ReplicaImage image) => new(this, Name, Environment, Labels) { Image = image.Name, ImageId = image.Id };

    /// <summary>The parameters for creating it, on its first network: engines before API 1.44 take only one.</summary>
    /// <param name="image">Name or id.</param>
    internal CreateContainerParameters Parameters(string image)
    {
        if (_endpoints is not [var first, ..])
        {
            throw new DriverException(DriverFailure.Failed, $"{Name} cannot be made: what it is made like is on no network of its own");
        }

        return new CreateContainerParameters(_config)
        {
            Name = Name,
            Image = image,
            Env = [.. Environment],
            Labels = new Dictionary<string, string>(Labels),
            HostConfig = _host,
            NetworkingConfig = new NetworkingConfig { EndpointsConfig = new Dictionary<string, EndpointSettings> { [first.Network] = SettingsOf(first) } },
        };
    }

    /// <summary>The parameters for each further network, by name.</summary>
    /// <param name="id">Of the container.</param>
    internal IReadOnlyDictionary<string, NetworkConnectParameters> Connections(string id)
    {
        var connections = new Dictionary<string, NetworkConnectParameters>(StringComparer.Ordinal);
        for (int i = 1; i < _endpoints.Count; i++)
        {
            connections[_endpoints[i].Network] = new NetworkConnectParameters { Container = id, EndpointConfig = SettingsOf(_endpoints[i]) };
        }

        return connections;
    }

    private EndpointSettings SettingsOf(Endpoint endpoint) => new()
    {
        Aliases = endpoint.Network == DefaultNetwork ? null! : [.. endpoint.Aliases.Where(alias => alias != Name), Name],
        Links = endpoint.Settings.Links,
        DriverOpts = endpoint.Settings.DriverOpts,
        GwPriority = endpoint.Settings.GwPriority,
    };

    /// <summary>
    /// The networks of a container, that of its creation first: the engine takes some properties from it, for example the default route.
    /// </summary>
    private static List<Endpoint> EndpointsOf(ContainerInspectResponse container, string mode, string network)
    {
        string name = container.Name.TrimStart('/');
        string shortId = container.ID.Length > ShortIdChars ? container.ID[..ShortIdChars] : container.ID;
        var endpoints = new List<Endpoint>();
        int first = -1;
        foreach ((string key, EndpointSettings settings) in container.NetworkSettings?.Networks ?? new Dictionary<string, EndpointSettings>())
        {
            if (mode == key || (mode.Length > 0 && mode == settings.NetworkID) || (mode == "default" && key == DefaultNetwork))
            {
                first = endpoints.Count;
            }

            endpoints.Add(new Endpoint(key, settings) { Aliases = [.. (settings.Aliases ?? []).Where(alias => alias != name && alias != shortId).Distinct()] });
        }

        first = first >= 0 ? first : endpoints.FindIndex(endpoint => endpoint.Network == network);
        if (first > 0)
        {
            (endpoints[0], endpoints[first]) = (endpoints[first], endpoints[0]);
        }

        return endpoints;
    }

    private static List<Endpoint> EndpointsOf(ContainerSettings settings, string network)
    {
        var endpoints = new List<Endpoint> { new(network, new EndpointSettings()) };
        foreach (NetworkAlias joined in settings.Networks)
        {
            Endpoint? endpoint = endpoints.Find(e => e.Network == joined.Network);
            if (endpoint is null)
            {
                endpoints.Add(endpoint = new Endpoint(joined.Network, new EndpointSettings()));
            }

            if (joined.Alias is { } alias && !endpoint.Aliases.Contains(alias))
            {
                endpoint.Aliases.Add(alias);
            }
        }

        return endpoints;
    }

    /// <summary>Removes the properties that belong to this container only.</summary>
    private static void Renew(ContainerConfig config, HostConfig host)
    {
        config.Hostname = "";
        (config.AttachStdin, config.AttachStdout, config.AttachStderr, config.StdinOnce) = (false, false, false, false);

        // No entry point at all, as with --entrypoint "": if it were left out, the image's would be used.
        config.Entrypoint ??= [""];
        host.PortBindings = null!;
        host.PublishAllPorts = false;
        host.RestartPolicy = new RestartPolicy { Name = RestartPolicyKind.No };
        host.AutoRemove = false;
        host.ContainerIDFile = "";
        RenewVolumes(config, host);
    }

    /// <summary>
    /// Makes anonymous volumes anew. Compose 1.29 binds the anonymous volumes of a container that it replaces by the names that the engine gave them;
    /// Compose 2 mounts them in this way.
    /// </summary>
    private static void RenewVolumes(ContainerConfig config, HostConfig host)
    {
        var anonymous = new Dictionary<string, EmptyStruct>(config.Volumes ?? new Dictionary<string, EmptyStruct>());
        var binds = new List<string>();
        foreach (string bind in host.Binds ?? [])
        {
            string[] parts = bind.Split(':', 3);
            if (parts.Length > 1 && IsAnonymous(parts[0]))
            {
                anonymous[parts[1]] = default;
            }
            else
            {
                binds.Add(bind);
            }
        }

        foreach (Mount mount in (host.Mounts ?? []).Where(mount => mount.Type == "volume" && IsAnonymous(mount.Source)))
        {
            mount.Source = "";
        }

        host.Binds = binds;
        config.Volumes = anonymous;
    }

    private static bool IsAnonymous(string? volume) => volume is { Length: AnonymousNameChars } && volume.All(char.IsAsciiHexDigitLower);

    private static ContainerConfig ConfigOf(ContainerSettings settings)
    {
        var anonymous = new Dictionary<string, EmptyStruct>();
        foreach (VolumeMount volume in settings.Volumes.Where(volume => volume.Source is null))
        {
            anonymous[volume.Target] = default;
        }

        return new ContainerConfig
        {
            Image = settings.Image,
            Entrypoint = settings.EntryPoint.Count > 0 ? [.. settings.EntryPoint] : null!,
            Cmd = settings.Command.Count > 0 ? [.. settings.Command] : null!,
            User = settings.User,
            StopTimeout = settings.StopTimeout is { } stop ? TimeSpan.FromSeconds(Math.Ceiling(stop.TotalSeconds)) : null,
            Healthcheck = settings.HasHealthcheck ? null! : new HealthcheckConfig { Test = ["NONE"] },
            Volumes = anonymous,
        };
    }

    private static HostConfig HostOf(ContainerSettings settings)
    {
        var inMemory = new Dictionary<string, string>();
        foreach (string path in s_memoryFolders)
        {
            // A volume that is mounted at this path exists already.
            if (settings.IsReadOnly && settings.Volumes.All(volume => volume.Target.TrimEnd('/') != path))
            {
                inMemory[path] = "";
            }
        }

        return new HostConfig
        {
            RestartPolicy = new RestartPolicy { Name = RestartPolicyKind.No },
            Binds = [.. settings.Volumes.Where(v => v.Source is not null).Select(v => $"{v.Source}:{v.Target}{(v.Modes.Length > 0 ? ":" : "")}{v.Modes}")],
            Memory = settings.MemoryBytes,
            NanoCPUs = settings.NanoCpus,
            PidsLimit = settings.Processes > 0 ? settings.Processes : null,
            ReadonlyRootfs = settings.IsReadOnly,
            Tmpfs = inMemory.Count > 0 ? inMemory : null!,
            SecurityOpt = settings.NoNewPrivileges ? ["no-new-privileges"] : [],
            CapDrop = settings.KeptCapabilities is null ? [] : ["ALL"],
            CapAdd = [.. settings.KeptCapabilities ?? []],
        };
    }

    /// <summary>The container's labels without those of Compose and the like, with other labels added.</summary>
    private Dictionary<string, string> With(IReadOnlyDictionary<string, string> others)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string label, string value) in Labels)
        {
            if (!Array.Exists(s_foreignLabels, foreign => label.StartsWith(foreign, StringComparison.Ordinal)))
            {
                all[label] = value;
            }
        }

        foreach ((string label, string value) in others)
        {
            all[label] = value;
        }

        return all;
    }

    /// <summary>One network that the container is on.</summary>
    /// <param name="network">Its name.</param>
    /// <param name="settings">The engine's other settings of it.</param>
    private sealed class Endpoint(string network, EndpointSettings settings)
    {
        internal string Network => network;

        internal EndpointSettings Settings => settings;

        /// <summary>The names by which other containers find it there, without its name and its id.</summary>
        internal List<string> Aliases { get; init; } = [];
    }
}
