using System.Net;
using Docker.DotNet;
using Docker.DotNet.Models;
using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>
/// The calls to a Docker engine that the driver needs, in the driver's own terms. This file and those of <see cref="EngineLine"/>,
/// <see cref="ContainerBlueprint"/>, <see cref="EngineEvents"/> and <see cref="PullEnd"/> are the only ones that see the client library. Every call throws
/// <see cref="DriverException"/> with the engine's own words.
/// </summary>
/// <param name="line">The line to it. It may belong to several of these, and outlives them.</param>
/// <param name="network">The fleet's network, by name.</param>
internal sealed class DockerEngine(EngineLine line, string network)
{
    /// <summary>The containers on the fleet's network, and all others with one of these labels.</summary>
    internal async Task<IReadOnlyList<ContainerFacts>> ListAsync(IReadOnlyList<string> labels, CancellationToken cancellation)
    {
        IList<ContainerListResponse>[] lists = await Task.WhenAll(
            labels.Select(label => line.FindAsync("label", label, cancellation)).Prepend(line.FindAsync("network", network, cancellation)));
        return [.. lists.SelectMany(l => l).DistinctBy(c => c.ID).Select(Facts)];
    }

    /// <summary>The containers with a label, on any network.</summary>
    internal async Task<IReadOnlyList<ContainerFacts>> ListLabelledAsync(string label, CancellationToken cancellation) =>
        [.. (await line.FindAsync("label", label, cancellation)).Select(Facts)];

    /// <summary>A container by its name or id; null if there is none.</summary>
    internal async Task<(ContainerFacts Facts, ContainerBlueprint Blueprint)?> InspectAsync(string container, CancellationToken cancellation)
    {
        try
        {
            ContainerInspectResponse found = await line.CallAsync((d, c) => d.Containers.InspectContainerAsync(container, c), cancellation);
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
        await line.NegotiateAsync(anew: false, cancellation);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(line.CallTimeout);
        return await line.TryAsync(_ => ImageFacts.AskAsync(line.Endpoint, line.Spoken, image, deadline.Token), cancellation);
    }

    /// <summary>Makes a container, on all of its networks, without starting it. If this throws, nothing of it is left. Returns its id.</summary>
    internal async Task<string> CreateAsync(ContainerBlueprint blueprint, CancellationToken cancellation)
    {
        CreateContainerParameters parameters = blueprint.Parameters(await ImageOfAsync(blueprint, cancellation));
        string id = (await line.CallAsync((d, c) => d.Containers.CreateContainerAsync(parameters, c), cancellation)).ID;
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
        line.CallAsync((d, c) => d.Containers.StartContainerAsync(id, null, c), cancellation);

    internal Task PauseAsync(string id, CancellationToken cancellation) =>
        line.CallAsync(async (d, c) => { await d.Containers.PauseContainerAsync(id, c); return true; }, cancellation);

    internal Task KillAsync(string id, CancellationToken cancellation) =>
        line.CallAsync(
            async (d, c) =>
            {
                await d.Containers.KillContainerAsync(id, new ContainerKillParameters { Signal = "SIGKILL" }, c);
                return true;
            },
            cancellation);

    internal Task UnpauseAsync(string id, CancellationToken cancellation) =>
        line.CallAsync(async (d, c) => { await d.Containers.UnpauseContainerAsync(id, c); return true; }, cancellation);

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
        line.CallAsync(
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
        line.CallAsync(
            async (d, c) =>
            {
                var end = new PullEnd();
                await d.Images.CreateImageAsync(new ImagesCreateParameters { FromImage = image, Tag = TagOf(image) }, null, end, c);
                return end.Error is null ? true : throw new DriverException(DriverFailure.Failed, $"{image} cannot be pulled: {end.Error}");
            },
            cancellation);

    /// <summary>The last lines that a container has printed on both of its streams; none if it does not exist, or keeps none.</summary>
    internal async Task<IReadOnlyList<string>> LastLinesAsync(string id, int count, CancellationToken cancellation)
    {
        await line.NegotiateAsync(anew: false, cancellation);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(line.CallTimeout);
        return await line.TryAsync(_ => LastLines.AskAsync(line.Endpoint, line.Spoken, id, count, deadline.Token), cancellation);
    }

    /// <summary>Events of containers and networks. It yields null first: from that moment on no event is missed.</summary>
    internal IAsyncEnumerable<ContainerEvent?> EventsAsync(CancellationToken cancellation) => line.EventsAsync(cancellation);

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
            await line.CallAsync(async (d, c) => { await d.Networks.ConnectNetworkAsync(name, parameters, c); return true; }, cancellation);
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
            await line.CallAsync(call, cancellation);
        }
        catch (DriverException gone) when (IsNotFound(gone))
        {
            // The container does not exist, as was wanted.
            return;
        }
    }

    private ContainerFacts Facts(ContainerListResponse container)
    {
        string name = container.Names.Select(n => n.TrimStart('/')).FirstOrDefault(n => !n.Contains('/', StringComparison.Ordinal)) ?? container.ID;
        EndpointSettings? endpointOf = container.NetworkSettings?.Networks.TryGetValue(network, out EndpointSettings? e) == true ? e : null;

        return new ContainerFacts(container.ID, name, ContainerFacts.StateOf(container.State), container.Labels.AsReadOnly(), endpointOf is not null,
            AddressOf(endpointOf), ContainerFacts.HealthOf(container.Status), container.Status, Image: container.Image)
        {
            ImageId = container.ImageID is { Length: > 0 } id ? id : null,
            Created = ContainerFacts.MomentOf(container.Created),
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
            Created = ContainerFacts.MomentOf(container.Created),
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
