using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Docker.DotNet;
using Docker.DotNet.LegacyHttp;
using Docker.DotNet.Models;
using Docker.DotNet.Unix;
using Edge.Fleet;
using Version = System.Version;

namespace Edge.Drivers;

/// <summary>
/// The calls to a Docker engine that the driver needs, in the driver's own terms. The only file that sees the client
/// library. Every call throws <see cref="DriverException"/> with the engine's own words.
/// </summary>
/// <param name="endpoint">unix:///path or tcp://host:port.</param>
/// <param name="network">The fleet's network, by name.</param>
internal sealed class DockerEngine(Uri endpoint, string network) : IDisposable
{
    // The API is spoken in the newest version that both know; this is the newest whose fields were checked here, and
    // the oldest that current engines accept.
    private static readonly Version Spoken = new(1, 44);

    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _negotiation = new(1, 1);
    private volatile DockerClient? _client;
    private string _engine = "";

    /// <summary>How long the engine may take to say what it is, which takes it no work: so that one that hangs is noticed soon.</summary>
    internal TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Speaks to the engine anew: it may be another version than before. Returns what it is.</summary>
    internal Task<string> NegotiateAsync(CancellationToken cancellation) => NegotiateAsync(anew: true, cancellation);

    private async Task<string> NegotiateAsync(bool anew, CancellationToken cancellation)
    {
        await _negotiation.WaitAsync(cancellation);
        try
        {
            if (!anew && _client is not null)
            {
                return _engine;
            }

            using DockerClient asking = Client(null);
            VersionResponse engine = await AskVersionAsync(asking, cancellation);
            Version newest = Version.TryParse(engine.APIVersion, out Version? parsed) ? parsed : Spoken;
            Version oldest = Version.TryParse(engine.MinAPIVersion, out parsed) ? parsed : newest;
            Version chosen = newest < Spoken ? newest : oldest > Spoken ? oldest : Spoken;

            // The one before is not disposed of: a call may be under way on it, and it holds no connection between calls.
            _client = Client(chosen);
            return _engine = $"engine {engine.Version}, API {chosen}";
        }
        finally
        {
            _negotiation.Release();
        }
    }

    private async Task<VersionResponse> AskVersionAsync(DockerClient asking, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(AnswerTimeout);
        try
        {
            return await TryAsync(c => asking.System.GetVersionAsync(c), patience.Token);
        }
        catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            throw new DriverException(DriverFailure.Unavailable, UnreachableEngine.WordsOf(endpoint, late, AnswerTimeout), late);
        }
    }

    /// <summary>The containers of the fleet's network, and all others that carry a label.</summary>
    internal async Task<IReadOnlyList<ContainerFacts>> ListAsync(string label, CancellationToken cancellation)
    {
        IList<ContainerListResponse>[] lists = await Task.WhenAll(
            CallAsync((d, c) => d.Containers.ListContainersAsync(Filter("network", network), c), cancellation),
            CallAsync((d, c) => d.Containers.ListContainersAsync(Filter("label", label), c), cancellation));
        return [.. lists.SelectMany(l => l).DistinctBy(c => c.ID).Select(Facts)];

        static ContainersListParameters Filter(string key, string value) => new()
        {
            All = true,
            Filters = new Dictionary<string, IDictionary<string, bool>> { [key] = new Dictionary<string, bool> { [value] = true } },
        };
    }

    /// <summary>A container by its name or id; null where there is none.</summary>
    internal async Task<(ContainerFacts Facts, Blueprint Blueprint)?> InspectAsync(string container, CancellationToken cancellation)
    {
        try
        {
            ContainerInspectResponse found = await CallAsync((d, c) => d.Containers.InspectContainerAsync(container, c), cancellation);
            return (Facts(found), new Blueprint(found, network));
        }
        catch (DriverException gone) when (IsNotFound(gone))
        {
            return null;
        }
    }

    /// <summary>Makes a container from a template, on the fleet's network. Returns its id.</summary>
    internal Task<string> CreateAsync(string name, ContainerTemplate template, CancellationToken cancellation) =>
        CreateAsync(Parameters(name, template), cancellation);

    /// <summary>Makes a container like one there was before. Returns its id.</summary>
    internal Task<string> CreateLikeAsync(Blueprint blueprint, string name, CancellationToken cancellation) =>
        CreateAsync(blueprint.Again(name), cancellation);

    internal Task StartAsync(string id, CancellationToken cancellation) =>
        CallAsync((d, c) => d.Containers.StartContainerAsync(id, null, c), cancellation);

    internal Task PauseAsync(string id, CancellationToken cancellation) =>
        CallAsync(async (d, c) => { await d.Containers.PauseContainerAsync(id, c); return true; }, cancellation);

    internal Task KillAsync(string id, CancellationToken cancellation) =>
        CallAsync(async (d, c) => { await d.Containers.KillContainerAsync(id, new ContainerKillParameters { Signal = "SIGKILL" }, c); return true; }, cancellation);

    internal Task UnpauseAsync(string id, CancellationToken cancellation) =>
        CallAsync(async (d, c) => { await d.Containers.UnpauseContainerAsync(id, c); return true; }, cancellation);

    internal Task JoinNetworkAsync(string id, string name, CancellationToken cancellation) =>
        CallAsync(
            async (d, c) =>
            {
                var parameters = new NetworkConnectParameters { Container = id, EndpointConfig = new EndpointSettings { Aliases = [name] } };
                await d.Networks.ConnectNetworkAsync(network, parameters, c);
                return true;
            },
            cancellation);

    /// <summary>SIGTERM or what its image asks for, and SIGKILL after the grace. Returns when it has ended, or is not there.</summary>
    /// <param name="id">Of the container.</param>
    /// <param name="grace">How long it may take; null for as long as it says itself.</param>
    /// <param name="cancellation">Calls off the wait.</param>
    internal Task StopAsync(string id, TimeSpan? grace, CancellationToken cancellation) =>
        IfThereAsync(
            (d, c) => d.Containers.StopContainerAsync(id, new ContainerStopParameters { WaitBeforeKillSeconds = Seconds(grace) }, c),
            cancellation);

    /// <summary>The same, and a new start right after it.</summary>
    internal Task RestartAsync(string id, TimeSpan? grace, CancellationToken cancellation) =>
        CallAsync(
            async (d, c) =>
            {
                await d.Containers.RestartContainerAsync(id, new ContainerRestartParameters { WaitBeforeKillSeconds = Seconds(grace) }, c);
                return true;
            },
            cancellation);

    /// <summary>Removes a container, whether it runs or not.</summary>
    /// <param name="id">Of the container.</param>
    /// <param name="withVolumes">Whether its anonymous volumes go, too.</param>
    /// <param name="cancellation">Calls off the wait.</param>
    internal Task RemoveAsync(string id, bool withVolumes, CancellationToken cancellation) =>
        IfThereAsync(
            async (d, c) =>
            {
                await d.Containers.RemoveContainerAsync(id, new ContainerRemoveParameters { Force = true, RemoveVolumes = withVolumes }, c);
                return true;
            },
            cancellation);

    /// <summary>Fetches an image from its registry.</summary>
    internal Task PullAsync(string image, CancellationToken cancellation) =>
        CallAsync(
            async (d, c) =>
            {
                var end = new PullEnd();
                await d.Images.CreateImageAsync(new ImagesCreateParameters { FromImage = image, Tag = TagOf(image) }, null, end, c);
                return end.Error is null ? true : throw new DriverException(DriverFailure.Failed, $"{image} cannot be pulled: {end.Error}");
            },
            cancellation);

    /// <summary>Events of containers and networks, from the moment on at which this yields null, which it does first.</summary>
    internal async IAsyncEnumerable<ContainerEvent?> EventsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await NegotiateAsync(cancellation);

        // The engine begins to answer before it has subscribed the caller; what happens in between it keeps and sends
        // after all, since the time is given.
        TimeSpan since = DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch;
        var parameters = new ContainerEventsParameters
        {
            Since = string.Create(CultureInfo.InvariantCulture, $"{(long)since.TotalSeconds}.{since.Ticks % TimeSpan.TicksPerSecond * 100:D9}"),
            Filters = new Dictionary<string, IDictionary<string, bool>>
            {
                ["type"] = new Dictionary<string, bool> { ["container"] = true, ["network"] = true },
            },
        };
        yield return null;

        var events = new Events();
        Task monitoring = MonitorAsync(parameters, events, cancellation);
        await foreach (ContainerEvent happened in events.Reader.ReadAllAsync(cancellation))
        {
            yield return happened;
        }

        await monitoring;
        throw new DriverException(DriverFailure.Unavailable, $"the engine at {endpoint} ended its events");
    }

    public void Dispose()
    {
        _client?.Dispose();
        _negotiation.Dispose();
    }

    internal static bool IsNotFound(DriverException failed) => failed.InnerException is DockerApiException { StatusCode: HttpStatusCode.NotFound };

    internal static bool IsConflict(DriverException failed) => failed.InnerException is DockerApiException { StatusCode: HttpStatusCode.Conflict };

    private async Task<string> CreateAsync(CreateContainerParameters parameters, CancellationToken cancellation) =>
        (await CallAsync((d, c) => d.Containers.CreateContainerAsync(parameters, c), cancellation)).ID;

    private async Task IfThereAsync(Func<DockerClient, CancellationToken, Task<bool>> call, CancellationToken cancellation)
    {
        try
        {
            await CallAsync(call, cancellation);
        }
        catch (DriverException gone) when (IsNotFound(gone))
        {
            // What shall be gone is gone.
            return;
        }
    }

    private async Task MonitorAsync(ContainerEventsParameters parameters, Events events, CancellationToken cancellation)
    {
        try
        {
            await CallAsync(async (d, c) => { await d.System.MonitorEventsAsync(parameters, events, c); return true; }, cancellation);
        }
        finally
        {
            events.Writer.Complete();
        }
    }

    private async Task<T> CallAsync<T>(Func<DockerClient, CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        if (_client is null)
        {
            await NegotiateAsync(anew: false, cancellation);
        }

        return await TryAsync(c => call(_client!, c), cancellation);
    }

    private async Task<T> TryAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        try
        {
            return await call(cancellation);
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            // The library wraps a cancellation in whatever broke because of it.
            throw new OperationCanceledException(cancellation);
        }
        catch (DockerApiException refused)
        {
            throw new DriverException(DriverFailure.Failed, EngineError.WordsOf(refused.ResponseBody, refused.StatusCode), refused);
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or SocketException or OperationCanceledException or JsonException)
        {
            throw new DriverException(DriverFailure.Unavailable, UnreachableEngine.WordsOf(endpoint, failed, CallTimeout), failed);
        }
    }

    private DockerClient Client(Version? version)
    {
        DockerClientBuilder builder = new DockerClientBuilder(new DockerConfig()).WithEndpoint(endpoint).WithTimeout(CallTimeout).WithApiVersion(version);
        return endpoint.Scheme == "unix"
            ? builder.WithTransportOptions(new UnixSocketTransportOptions { ConfigureHandler = h => h.UseProxy = false }).Build()
            : builder.WithTransportOptions(new LegacyHttpTransportOptions { ConfigureHandler = h => h.UseProxy = false }).Build();
    }

    private ContainerFacts Facts(ContainerListResponse container)
    {
        string name = container.Names.Select(n => n.TrimStart('/')).FirstOrDefault(n => !n.Contains('/', StringComparison.Ordinal)) ?? container.ID;
        EndpointSettings? endpointOf = container.NetworkSettings?.Networks.TryGetValue(network, out EndpointSettings? e) == true ? e : null;

        return new ContainerFacts(container.ID, name, ContainerFacts.StateOf(container.State), container.Labels.AsReadOnly(), endpointOf is not null,
            AddressOf(endpointOf), ContainerFacts.HealthOf(container.Status), container.Status, Image: container.Image)
        {
            Networks = [.. container.NetworkSettings?.Networks?.Keys ?? []],
        };
    }

    private ContainerFacts Facts(ContainerInspectResponse container)
    {
        EndpointSettings? endpointOf = container.NetworkSettings?.Networks.TryGetValue(network, out EndpointSettings? e) == true ? e : null;
        State state = container.State ?? new State();
        string? health = state.Health?.Status is "starting" or "healthy" or "unhealthy" ? state.Health.Status : null;
        string ended = $"it ended with exit code {state.ExitCode}{(state.OOMKilled ? ", out of memory" : "")}{(state.Error.Length > 0 ? $": {state.Error}" : "")}";
        return new ContainerFacts(
            container.ID,
            container.Name.TrimStart('/'),
            ContainerFacts.StateOf(state.Status),
            (container.Config?.Labels ?? new Dictionary<string, string>()).AsReadOnly(),
            endpointOf is not null,
            AddressOf(endpointOf),
            health,
            ended,
            (int)state.ExitCode, state.OOMKilled, container.Config?.Image)
        {
            Networks = [.. container.NetworkSettings?.Networks?.Keys ?? []],
        };
    }

    private static uint? Seconds(TimeSpan? time) => time is { } some ? (uint)Math.Ceiling(some.TotalSeconds) : null;

    private static IPAddress? AddressOf(EndpointSettings? endpoint) =>
        IPAddress.TryParse(endpoint?.IPAddress, out IPAddress? v4) ? v4
        : IPAddress.TryParse(endpoint?.GlobalIPv6Address, out IPAddress? v6) ? v6 : null;

    private static string? TagOf(string image) =>
        image.LastIndexOf(':') > image.LastIndexOf('/') || image.Contains('@', StringComparison.Ordinal) ? null : "latest";

    private CreateContainerParameters Parameters(string name, ContainerTemplate template) => new()
    {
        Name = name,
        Image = template.Image,
        Cmd = template.Command.Count > 0 ? [.. template.Command] : null!,
        Env = [.. template.Environment],
        Labels = new Dictionary<string, string>(template.Labels),
        Healthcheck = template.HasHealthcheck ? null : new HealthcheckConfig { Test = ["NONE"] },
        HostConfig = new HostConfig
        {
            NetworkMode = network,
            RestartPolicy = new RestartPolicy { Name = RestartPolicyKind.No },
            Memory = template.MemoryBytes,
            NanoCPUs = template.NanoCpus,
            PidsLimit = template.Processes > 0 ? template.Processes : null,
            ReadonlyRootfs = template.IsReadOnly,
            Tmpfs = template.IsReadOnly ? new Dictionary<string, string> { ["/tmp"] = "", ["/run"] = "" } : null,
            SecurityOpt = template.NoNewPrivileges ? ["no-new-privileges"] : [],
            CapDrop = ["ALL"],
            CapAdd = [.. template.KeptCapabilities],
        },
        NetworkingConfig = OnNetwork(network, new EndpointSettings { Aliases = [name] }),
    };

    private static NetworkingConfig OnNetwork(string name, EndpointSettings settings) =>
        new() { EndpointsConfig = new Dictionary<string, EndpointSettings> { [name] = settings } };

    /// <summary>How a container that somebody else made can be made again.</summary>
    internal sealed class Blueprint
    {
        private const int ShortIdChars = 12;

        private readonly CreateContainerParameters _parameters;

        internal Blueprint(ContainerInspectResponse container, string network)
        {
            EndpointSettings? before = container.NetworkSettings?.Networks.TryGetValue(network, out EndpointSettings? found) == true ? found : null;
            _parameters = new CreateContainerParameters(container.Config!)
            {
                Name = container.Name.TrimStart('/'),
                HostConfig = container.HostConfig,
                NetworkingConfig = OnNetwork(network, new EndpointSettings
                {
                    Aliases = [.. (before?.Aliases ?? []).Where(alias => !container.ID.StartsWith(alias, StringComparison.Ordinal))],
                    IPAMConfig = before?.IPAMConfig,
                }),
            };
            if (container.ID.StartsWith(_parameters.Hostname, StringComparison.Ordinal) && _parameters.Hostname.Length == ShortIdChars)
            {
                // Given by the engine, not by whoever made it.
                _parameters.Hostname = "";
            }

            Traits = new ContainerTraits(
                _parameters.StopSignal ?? "",
                _parameters.StopTimeout,
                [.. (container.Config?.ExposedPorts?.Keys ?? []).Where(p => p.EndsWith("/tcp", StringComparison.Ordinal)).Select(p => int.Parse(p.Split('/')[0], CultureInfo.InvariantCulture))],
                TimeSpan.Zero,
                default);
        }

        internal ContainerTraits Traits { get; }

        internal string Image => _parameters.Image;

        internal CreateContainerParameters Again(string name)
        {
            _parameters.Name = name;
            return _parameters;
        }
    }

    /// <summary>Events in the order in which they come; the framework's own progress would lose that.</summary>
    private sealed class Events : IProgress<Message>
    {
        private readonly Channel<ContainerEvent> _channel = Channel.CreateUnbounded<ContainerEvent>();

        internal ChannelReader<ContainerEvent> Reader => _channel.Reader;

        internal ChannelWriter<ContainerEvent> Writer => _channel.Writer;

        public void Report(Message value)
        {
            IReadOnlyDictionary<string, string> attributes = (value.Actor?.Attributes ?? new Dictionary<string, string>()).AsReadOnly();
            string container = value.Type == "network" ? attributes.GetValueOrDefault("container", "") : value.Actor?.ID ?? "";
            _channel.Writer.TryWrite(new ContainerEvent(value.Type, value.Action, container, attributes));
        }
    }

    private sealed class PullEnd : IProgress<JSONMessage>
    {
        /// <summary>How far a pull has come is for nobody, but its failure is just another message of it.</summary>
        internal string? Error { get; private set; }

        public void Report(JSONMessage value) => Error = value.Error?.Message ?? Error;
    }
}
