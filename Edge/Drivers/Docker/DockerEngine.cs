using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Docker.DotNet;
using Docker.DotNet.LegacyHttp;
using Docker.DotNet.Models;
using Docker.DotNet.Unix;
using Edge.Fleet;
using Version = System.Version;

namespace Edge.Drivers;

/// <summary>
/// The calls to a Docker engine that the driver needs, in the driver's own terms. This file and those of <see cref="ContainerBlueprint"/>,
/// <see cref="EngineEvents"/> and <see cref="PullEnd"/> are the only ones that see the client library. Every call throws <see cref="DriverException"/>
/// with the engine's own words.
/// </summary>
/// <param name="endpoint">unix:///path or tcp://host:port.</param>
/// <param name="network">The fleet's network, by name.</param>
/// <param name="callTimeout">How long a call may take that is neither a stop nor a pull; 30 s by default.</param>
internal sealed class DockerEngine(Uri endpoint, string network, TimeSpan? callTimeout = null) : IDisposable
{
    // Edge speaks the newest version of the API that both sides know. This is the newest version whose fields were checked here, and the oldest one
    // that current engines accept.
    private static readonly Version Spoken = new(1, 44);

    private readonly TimeSpan _callTimeout = callTimeout ?? TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim _negotiation = new(1, 1);
    private volatile DockerClient? _client;
    private volatile Version _spoken = Spoken;
    private string _engine = "";

    /// <summary>How long the engine may take to say its version. That takes it no work, so a hanging engine is noticed soon.</summary>
    internal TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Negotiates the version again, because the engine may have been upgraded. Returns the engine's version.</summary>
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

            // The old client is not disposed: a call may be under way on it, and it holds no connection between calls.
            (_client, _spoken) = (Client(chosen), chosen);
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

    /// <summary>The containers on the fleet's network, and all others with one of these labels.</summary>
    internal async Task<IReadOnlyList<ContainerFacts>> ListAsync(IReadOnlyList<string> labels, CancellationToken cancellation)
    {
        IList<ContainerListResponse>[] lists = await Task.WhenAll(
            labels.Select(label => FindAsync("label", label, cancellation)).Prepend(FindAsync("network", network, cancellation)));
        return [.. lists.SelectMany(l => l).DistinctBy(c => c.ID).Select(Facts)];
    }

    /// <summary>The containers with a label, on any network.</summary>
    internal async Task<IReadOnlyList<ContainerFacts>> ListLabelledAsync(string label, CancellationToken cancellation) =>
        [.. (await FindAsync("label", label, cancellation)).Select(Facts)];

    private Task<IList<ContainerListResponse>> FindAsync(string key, string value, CancellationToken cancellation)
    {
        var filter = new ContainersListParameters
        {
            All = true,
            Filters = new Dictionary<string, IDictionary<string, bool>> { [key] = new Dictionary<string, bool> { [value] = true } },
        };
        return CallAsync((d, c) => d.Containers.ListContainersAsync(filter, c), cancellation);
    }

    /// <summary>A container by its name or id; null if there is none.</summary>
    internal async Task<(ContainerFacts Facts, ContainerBlueprint Blueprint)?> InspectAsync(string container, CancellationToken cancellation)
    {
        try
        {
            ContainerInspectResponse found = await CallAsync((d, c) => d.Containers.InspectContainerAsync(container, c), cancellation);
            return (Facts(found), new ContainerBlueprint(found, network));
        }
        catch (DriverException gone) when (IsNotFound(gone))
        {
            return null;
        }
    }

    /// <summary>An image by its name or id; null if the engine does not have it.</summary>
    internal async Task<ImageFacts?> InspectImageAsync(string image, CancellationToken cancellation)
    {
        await NegotiateAsync(anew: false, cancellation);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(_callTimeout);
        return await TryAsync(_ => ImageFacts.AskAsync(endpoint, _spoken, image, deadline.Token), cancellation);
    }

    /// <summary>Makes a container, on all of its networks, without starting it. If this throws, nothing of it is left. Returns its id.</summary>
    internal async Task<string> CreateAsync(ContainerBlueprint blueprint, CancellationToken cancellation)
    {
        CreateContainerParameters parameters = blueprint.Parameters(await ImageOfAsync(blueprint, cancellation));
        string id = (await CallAsync((d, c) => d.Containers.CreateContainerAsync(parameters, c), cancellation)).ID;
        try
        {
            foreach ((string name, NetworkConnectParameters connection) in blueprint.Connections(id))
            {
                await ConnectAsync(name, connection, cancellation);
            }
        }
        catch
        {
            await RemoveAsync(id, withVolumes: true, CancellationToken.None);
            throw;
        }

        return id;
    }

    internal Task StartAsync(string id, CancellationToken cancellation) =>
        CallAsync((d, c) => d.Containers.StartContainerAsync(id, null, c), cancellation);

    internal Task PauseAsync(string id, CancellationToken cancellation) =>
        CallAsync(async (d, c) => { await d.Containers.PauseContainerAsync(id, c); return true; }, cancellation);

    internal Task KillAsync(string id, CancellationToken cancellation) =>
        CallAsync(
            async (d, c) =>
            {
                await d.Containers.KillContainerAsync(id, new ContainerKillParameters { Signal = "SIGKILL" }, c);
                return true;
            },
            cancellation);

    internal Task UnpauseAsync(string id, CancellationToken cancellation) =>
        CallAsync(async (d, c) => { await d.Containers.UnpauseContainerAsync(id, c); return true; }, cancellation);

    /// <summary>Connects a container to the fleet's network, with one more name there.</summary>
    internal Task JoinNetworkAsync(string id, string name, CancellationToken cancellation) =>
        ConnectAsync(network, new NetworkConnectParameters { Container = id, EndpointConfig = new EndpointSettings { Aliases = [name] } }, cancellation);

    /// <summary>
    /// Asks a container to end by SIGTERM or the signal of its image, and kills it after the grace. Returns when it has ended or does not exist,
    /// however long that takes: the library sets no limit to this call.
    /// </summary>
    /// <param name="id">Of the container.</param>
    /// <param name="grace">In whole seconds, rounded up, at least one; null for the container's own (its stop timeout, else the engine's 10 s).</param>
    /// <param name="cancellation">Cancels the call; the container may end all the same.</param>
    internal Task StopAsync(string id, TimeSpan? grace, CancellationToken cancellation) =>
        IfThereAsync((d, c) => d.Containers.StopContainerAsync(id, new ContainerStopParameters { WaitBeforeKillSeconds = Seconds(grace) }, c), cancellation);

    /// <summary>Stops the container in the same way, and starts it again at once.</summary>
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
    /// <param name="withVolumes">Whether its anonymous volumes are removed, too; named ones never are.</param>
    /// <param name="cancellation">Cancels the call; the container may be removed all the same.</param>
    internal Task RemoveAsync(string id, bool withVolumes, CancellationToken cancellation) =>
        IfThereAsync(
            async (d, c) =>
            {
                await d.Containers.RemoveContainerAsync(id, new ContainerRemoveParameters { Force = true, RemoveVolumes = withVolumes }, c);
                return true;
            },
            cancellation);

    /// <summary>Pulls an image from its registry.</summary>
    internal Task PullAsync(string image, CancellationToken cancellation) =>
        CallAsync(
            async (d, c) =>
            {
                var end = new PullEnd();
                await d.Images.CreateImageAsync(new ImagesCreateParameters { FromImage = image, Tag = TagOf(image) }, null, end, c);
                return end.Error is null ? true : throw new DriverException(DriverFailure.Failed, $"{image} cannot be pulled: {end.Error}");
            },
            cancellation);

    /// <summary>Events of containers and networks. It yields null first: from that moment on no event is missed.</summary>
    internal async IAsyncEnumerable<ContainerEvent?> EventsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await NegotiateAsync(cancellation);

        // The engine begins to answer before it has subscribed the caller. It keeps the events in between and sends them later, because a time is
        // given.
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

        var events = new EngineEvents();
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

    /// <summary>The image's name if it still means the same image, else its id.</summary>
    private async Task<string> ImageOfAsync(ContainerBlueprint blueprint, CancellationToken cancellation)
    {
        if (blueprint.ImageId is not { } id || blueprint.Image == id)
        {
            return blueprint.Image;
        }

        try
        {
            return (await InspectImageAsync(blueprint.Image, cancellation))?.Id == id ? blueprint.Image : id;
        }
        catch (DriverException refused) when (refused.Kind == DriverFailure.Failed)
        {
            // A proxy in front of the engine may refuse this call. The id is always right; it only tells people less.
            return id;
        }
    }

    /// <summary>
    /// Connects a container to a network. A missing network, or a refused alias, is reported as such, and not as a missing container or image.
    /// </summary>
    private async Task ConnectAsync(string name, NetworkConnectParameters parameters, CancellationToken cancellation)
    {
        try
        {
            await CallAsync(async (d, c) => { await d.Networks.ConnectNetworkAsync(name, parameters, c); return true; }, cancellation);
        }
        catch (DriverException failed) when (failed.Kind == DriverFailure.Failed)
        {
            throw new DriverException(DriverFailure.Failed, $"it cannot join the network {name}: {failed.Message}");
        }
    }

    private async Task IfThereAsync(Func<DockerClient, CancellationToken, Task<bool>> call, CancellationToken cancellation)
    {
        try
        {
            await CallAsync(call, cancellation);
        }
        catch (DriverException gone) when (IsNotFound(gone))
        {
            // The container does not exist, as was wanted.
            return;
        }
    }

    private async Task MonitorAsync(ContainerEventsParameters parameters, EngineEvents events, CancellationToken cancellation)
    {
        try
        {
            await CallAsync(async (d, c) => { await d.System.MonitorEventsAsync(parameters, events, c); return true; }, cancellation);
        }
        finally
        {
            events.Writer.TryComplete();
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
            // The library wraps a cancellation in the exception that it caused.
            throw new OperationCanceledException(cancellation);
        }
        catch (DockerApiException refused)
        {
            throw new DriverException(DriverFailure.Failed, EngineError.WordsOf(refused.ResponseBody, refused.StatusCode), refused);
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or SocketException or OperationCanceledException or JsonException)
        {
            throw new DriverException(DriverFailure.Unavailable, UnreachableEngine.WordsOf(endpoint, failed, _callTimeout), failed);
        }
    }

    private DockerClient Client(Version? version)
    {
        DockerClientBuilder builder = new DockerClientBuilder(new DockerConfig()).WithEndpoint(endpoint).WithTimeout(_callTimeout).WithApiVersion(version);
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
            ImageId = container.ImageID is { Length: > 0 } id ? id : null,
            Created = new DateTimeOffset(DateTime.SpecifyKind(container.Created, DateTimeKind.Utc)),
            Networks = [.. container.NetworkSettings?.Networks?.Keys ?? []],
        };
    }

    private ContainerFacts Facts(ContainerInspectResponse container)
    {
        EndpointSettings? endpointOf = container.NetworkSettings?.Networks.TryGetValue(network, out EndpointSettings? e) == true ? e : null;
        State state = container.State ?? new State();
        string? health = state.Health?.Status is "starting" or "healthy" or "unhealthy" ? state.Health.Status : null;
        string ended = $"it ended with exit code {state.ExitCode}{(state.OOMKilled ? ", out of memory" : "")}"
            + $"{(state.Error.Length > 0 ? $": {state.Error}" : "")}";
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
            ImageId = container.Image is { Length: > 0 } id ? id : null,
            Created = new DateTimeOffset(DateTime.SpecifyKind(container.Created, DateTimeKind.Utc)),
            Networks = [.. container.NetworkSettings?.Networks?.Keys ?? []],
        };
    }

    // The library leaves out a 0, and then the container's own value would be used.
    private static uint? Seconds(TimeSpan? time) => time is { } some ? Math.Max(1, (uint)Math.Ceiling(some.TotalSeconds)) : null;

    private static IPAddress? AddressOf(EndpointSettings? endpoint) =>
        IPAddress.TryParse(endpoint?.IPAddress, out IPAddress? v4) ? v4
        : IPAddress.TryParse(endpoint?.GlobalIPv6Address, out IPAddress? v6) ? v6 : null;

    private static string? TagOf(string image) =>
        image.LastIndexOf(':') > image.LastIndexOf('/') || image.Contains('@', StringComparison.Ordinal) ? null : "latest";
}
