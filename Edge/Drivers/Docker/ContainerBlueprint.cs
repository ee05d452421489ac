using Docker.DotNet.Models;
using Edge.Config;
using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>
/// What a container is made of: all that an engine is told to create it. Taken from a container that is there, or from settings; never
/// changed, but <see cref="Again"/> and <see cref="Like"/> give another one. What belongs to one container alone is in none: published
/// ports, a restart policy (the balancer starts it again itself), its volumes without a name, and its host name.
/// </summary>
internal sealed class ContainerBlueprint
{
    private const int ShortIdChars = 12;
    private const int AnonymousNameChars = 64;

    // The one network that has no names of its own, and refuses aliases.
    private const string DefaultNetwork = "bridge";

    // What is Compose's, Swarm's or Podman's to say of a container.
    private static readonly string[] s_foreignLabels = ["com.docker.compose.", "com.docker.swarm.", "com.docker.stack.", "io.podman.compose."];

    // Where programs write that keep nothing.
    private static readonly string[] s_memoryFolders = ["/tmp", "/run"];

    private readonly ContainerConfig _config;
    private readonly HostConfig _host;

    // The first is that of its creation.
    private readonly List<Endpoint> _endpoints;

    /// <param name="container">What an engine says of a container. It is this blueprint's own from then on, and is changed.</param>
    /// <param name="network">The fleet's: the first of the new one, where the engine does not say which is that of this one.</param>
    internal ContainerBlueprint(ContainerInspectResponse container, string network)
    {
        _config = container.Config ?? new ContainerConfig();
        _host = container.HostConfig ?? new HostConfig();
        (Id, Name) = (container.ID, container.Name.TrimStart('/'));
        Labels = (_config.Labels ?? new Dictionary<string, string>()).AsReadOnly();
        Image = DockerFleet.NameOfImage(Labels, DockerFleet.MakerOf(Labels)) ?? _config.Image;
        ImageId = container.Image is { Length: > 0 } id ? id : null;
        Created = new DateTimeOffset(DateTime.SpecifyKind(container.Created, DateTimeKind.Utc));
        Environment = [.. _config.Env ?? []];
        _endpoints = EndpointsOf(container, _host.NetworkMode ?? "", network);
        _host.NetworkMode = _endpoints.Count > 0 ? _endpoints[0].Network : network;
        Renew(_config, _host);
    }

    /// <param name="name">Of the container, and its alias on each network.</param>
    /// <param name="network">The first one that it is on.</param>
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

    /// <summary>Of the container that it was taken from; empty where there is none, or where it is for another one.</summary>
    internal string Id { get; } = "";

    /// <summary>Its name in the engine, without a slash; also its alias on each network.</summary>
    internal string Name { get; }

    /// <summary>What it is made of, as it was written when it was made.</summary>
    internal string Image { get; private init; }

    /// <summary>Which image that was, since a name can mean another one later; null where any of this name will do.</summary>
    internal string? ImageId { get; private init; }

    /// <summary>When the container was made.</summary>
    internal DateTimeOffset Created { get; }

    /// <summary>NAME=value, the image's own included where it is that of a container.</summary>
    internal IReadOnlyList<string> Environment { get; }

    internal IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>The signal that it asks to be ended with; empty for SIGTERM.</summary>
    internal string StopSignal => _config.StopSignal ?? "";

    /// <summary>How long it says that it may take to end; null where it leaves that to the engine.</summary>
    internal TimeSpan? StopTimeout => _config.StopTimeout;

    /// <summary>How long its HEALTHCHECK may fail at first without a verdict; zero where it does not say.</summary>
    internal TimeSpan StartPeriod => _config.Healthcheck?.StartPeriod ?? TimeSpan.Zero;

    /// <summary>The TCP ports that it listens on, as its image and the options of its creation say, in order.</summary>
    internal IReadOnlyList<int> ExposedPorts => ImageFacts.TcpPorts(_config.ExposedPorts?.Keys ?? []);

    /// <summary>What of the container never changes.</summary>
    internal ContainerTraits Traits => new(StopSignal, StopTimeout, ExposedPorts, StartPeriod, Created);

    /// <summary>The same container made anew.</summary>
    /// <param name="name">Its name now.</param>
    internal ContainerBlueprint Again(string name) => new(this, name, Environment, Labels);

    /// <summary>Another container like this one.</summary>
    /// <param name="name">Of the new one, and its alias on each network in the place of this one's.</param>
    /// <param name="labels">Of the balancer, over those of this one without those of Compose and the like.</param>
    /// <param name="environment">The whole of it, NAME=value.</param>
    internal ContainerBlueprint Like(string name, IReadOnlyDictionary<string, string> labels, IReadOnlyList<string> environment) =>
        new(this, name, environment, With(labels));

    /// <summary>The same of another image.</summary>
    internal ContainerBlueprint Of(ReplicaImage image) => new(this, Name, Environment, Labels) { Image = image.Name, ImageId = image.Id };

    /// <summary>What the engine is told to create it with: on its first network, as engines before API 1.44 take one only.</summary>
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

    /// <summary>What the engine is told for each further network, by name.</summary>
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

    /// <summary>The networks of a container, that of its creation first: the engine takes some things, as the default route, from it.</summary>
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

    /// <summary>Takes from a container's settings what is that one's alone.</summary>
    private static void Renew(ContainerConfig config, HostConfig host)
    {
        config.Hostname = "";
        (config.AttachStdin, config.AttachStdout, config.AttachStderr, config.StdinOnce) = (false, false, false, false);

        // None at all, as --entrypoint "" makes it: to leave it out would mean the image's.
        config.Entrypoint ??= [""];
        host.PortBindings = null!;
        host.PublishAllPorts = false;
        host.RestartPolicy = new RestartPolicy { Name = RestartPolicyKind.No };
        host.AutoRemove = false;
        host.ContainerIDFile = "";
        RenewVolumes(config, host);
    }

    /// <summary>
    /// Has the engine make volumes anew that were given no name. Compose 1.29 binds those of a container that it replaces by the names that
    /// the engine gave them, Compose 2 mounts them so.
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
            // A volume that is mounted there is there already.
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

    /// <summary>The container's labels without those of Compose and the like, and others over them.</summary>
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
    /// <param name="settings">What else the engine says of it.</param>
    private sealed class Endpoint(string network, EndpointSettings settings)
    {
        internal string Network => network;

        internal EndpointSettings Settings => settings;

        /// <summary>Under which others find the container there, without its name and its id.</summary>
        internal List<string> Aliases { get; init; } = [];
    }
}
