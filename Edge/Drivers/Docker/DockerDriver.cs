using Edge.Fleet;
using Edge.Telemetry;

namespace Edge.Drivers;

/// <summary>
/// Replicas as containers of a Docker engine, no matter who started them. The engine is the memory: labels say which containers belong to the fleet,
/// so the balancer may end and come back, and no replica notices. It removes only containers that a call names and those that it has made itself. Of
/// volumes it removes only the anonymous ones of containers that it has made.
/// </summary>
/// <param name="engine">The calls.</param>
/// <param name="fleet">Which containers belong to the fleet.</param>
/// <param name="templates">What new ones are made of.</param>
/// <param name="isSizeGiven">Whether the options say how many replicas there should be.</param>
/// <param name="grace">How long a container may take to end before it is killed, if it does not say so itself.</param>
/// <param name="log">Gets a line before something is removed that cannot be brought back.</param>
/// <param name="time">The clock for repeated looks.</param>
internal sealed class DockerDriver(
    DockerEngine engine,
    DockerFleet fleet,
    ContainerTemplates templates,
    bool isSizeGiven,
    Func<TimeSpan> grace,
    Log log,
    TimeProvider time) : IReplicaDriver
{
    /// <summary>The capabilities of every Docker driver.</summary>
    internal static readonly DriverCapabilities Abilities = new()
    {
        StartsReplicas = true,
        SeesEnds = true,
        InflictsFaults = true,
        PausesReplicas = true,
        NeedsEngine = true,
        PortHint = "the label edge.port or Edge:Docker:Port says where it listens, which must not be on 127.0.0.1 of its container alone",
        NetworkHint = "is Edge:Docker:Network a network that the balancer reaches? Else see Edge:Health:Timeout",
    };

    // How many lines of a container are read that could not be started.
    private const int LinesOfFailed = 50;

    private readonly ContainerBook _book = new();
    private DockerWatch? _watch;

    public string Name => "docker";

    public DriverCapabilities Capabilities => Abilities;

    private DockerWatch Watch => _watch ??= new DockerWatch(engine, fleet, _book, time);

    public async Task<ReplicaListing> ListAsync(CancellationToken cancellation)
    {
        IReadOnlyList<ContainerFacts> containers = await engine.ListAsync(fleet.Labels, cancellation);
        var running = new List<ObservedReplica>();
        var ended = new List<ReplicaSpec>();
        var ignored = new List<IgnoredReplica>();
        foreach (ContainerFacts container in containers)
        {
            switch (await SeeAsync(container, cancellation))
            {
                case ContainerRole.Running { Replica: var replica }:
                    running.Add(replica);
                    break;
                case ContainerRole.Ended { Origin: not ReplicaOrigin.Listed } end:
                    ended.Add(new ReplicaSpec(container.Name, ContainerLabels.WeightOf(container), container.Id, end.Origin)
                    {
                        Image = ContainerLabels.ImageOf(container, end.Origin),
                        Generation = ContainerLabels.GenerationOf(container, end.Origin),
                        Mark = ContainerLabels.MarkOf(container, end.Origin),
                    });
                    break;
                case ContainerRole.Ignored { Why: var why }:
                    ignored.Add(new IgnoredReplica(container.Name, why));
                    break;
            }
        }

        _book.KeepTold(running.Select(r => r.Id).ToHashSet(StringComparer.Ordinal));
        return new ReplicaListing(running, ended)
        {
            Ignored = ignored,
            MayFill = templates.CanMakeUnasked || (isSizeGiven && _book.NewestAdopted is not null),
        };
    }

    public Task<ReplicaImage> ImageAsync(CancellationToken cancellation) => templates.ImageAsync(_book.NewestAdopted?.Blueprint, cancellation);

    public Task<ReplicaImage> FindImageAsync(string name, bool pulls, CancellationToken cancellation) => templates.FindAsync(name, pulls, cancellation);

    public Task<IReadOnlyList<string>> LastLinesAsync(string unitId, int count, CancellationToken cancellation) =>
        engine.LastLinesAsync(unitId, count, cancellation);

    public async Task<ObservedReplica> StartAsync(ReplicaSpec spec, CancellationToken cancellation) =>
        spec.UnitId is not { } id ? await LaunchAsync(await CreateAsync(spec, cancellation), cancellation)
        : await engine.InspectAsync(id, cancellation) is var (container, _) ? await RestoreAsync(container, cancellation)
        : spec.Origin == ReplicaOrigin.Made ? await MakeAgainAsync(spec, id, cancellation)
        : throw new DriverException(DriverFailure.Gone, "it was removed from outside");

    public async Task<ReplicaEnd> StopAsync(string unitId, StopKind kind, string why, CancellationToken cancellation)
    {
        if (await engine.InspectAsync(unitId, cancellation) is not var (container, blueprint))
        {
            return default;
        }

        ReplicaOrigin origin = fleet.OriginOf(container) ?? ReplicaOrigin.Listed;
        if (origin == ReplicaOrigin.Listed || (origin == ReplicaOrigin.Adopted && kind is StopKind.Replace or StopKind.Keep or StopKind.Pause))
        {
            throw new DriverException(DriverFailure.Failed, $"the container {container.Name} is not the balancer's, and is left alone");
        }

        return await EndAsync(container, blueprint.Traits, origin, kind, why, cancellation);
    }

    public async Task InflictAsync(string unitId, ReplicaFault fault, CancellationToken cancellation)
    {
        if (fault == ReplicaFault.Freeze)
        {
            _book.Change(unitId, k => k with { IsFrozen = true });
            await engine.PauseAsync(unitId, cancellation);
            return;
        }

        await engine.KillAsync(unitId, cancellation);
    }

    public async Task ForgetAsync(string unitId, string why, CancellationToken cancellation)
    {
        if (await engine.InspectAsync(unitId, cancellation) is var (container, blueprint)
            && fleet.OriginOf(container) is { } origin and not ReplicaOrigin.Listed)
        {
            await EndAsync(container, blueprint.Traits, origin, StopKind.Remove, why, cancellation);
        }

        _book.Forget(unitId);
    }

    public IAsyncEnumerable<DriverEvent> WatchAsync(CancellationToken cancellation) => Watch.WatchAsync(cancellation);

    /// <summary>Containers outlive the balancer.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // For a container that is known, the list is enough; others are inspected.
    private async Task<ContainerRole> SeeAsync(ContainerFacts container, CancellationToken cancellation)
    {
        if (_book.Find(container.Id) is { } known)
        {
            ContainerRole seen = fleet.See(container, known.Traits);
            return seen is not ContainerRole.Running || known.Told is not null ? seen : await LookAsync(container.Id, cancellation);
        }

        // If a container is not the fleet's, its traits change nothing.
        return fleet.See(container, ContainerTraits.None) is ContainerRole.Foreign foreign ? foreign : await LookAsync(container.Id, cancellation);
    }

    private async Task<ContainerRole> LookAsync(string id, CancellationToken cancellation) =>
        await Watch.LookAsync(id, cancellation) ?? new ContainerRole.Foreign();

    private async Task<ReplicaEnd> EndAsync(
        ContainerFacts container, ContainerTraits traits, ReplicaOrigin origin, StopKind kind, string why, CancellationToken cancellation)
    {
        _book.BeginEnd(container.Id);
        try
        {
            if (kind == StopKind.Pause)
            {
                await PauseAsync(container, cancellation);
                return default;
            }

            if (container.State == ContainerState.Paused)
            {
                // A paused container cannot take a signal: it would only be killed, after the whole grace.
                await engine.UnpauseAsync(container.Id, cancellation);
            }

            TimeSpan? patience = traits.StopTimeout is null ? grace() : null;
            if (kind == StopKind.Restart)
            {
                _book.Change(container.Id, k => k with { Told = null });
                await engine.RestartAsync(container.Id, patience, cancellation);
                return default;
            }

            if (container.State != ContainerState.Stopped)
            {
                await engine.StopAsync(container.Id, patience, cancellation);
            }

            ReplicaEnd end = await engine.InspectAsync(container.Id, cancellation) is var (stopped, _) ? new(stopped.ExitCode, stopped.OutOfMemory) : default;
            _book.Change(container.Id, k => k with { Told = null });
            if (kind == StopKind.Keep)
            {
                return end;
            }

            await RemoveAsync(container, origin, why, cancellation);
            if (kind == StopKind.Remove)
            {
                _book.Forget(container.Id);
            }

            return end;
        }
        catch
        {
            _book.CallOffEnd(container.Id);
            throw;
        }
    }

    // What does not run cannot be paused, and needs no more.
    private async Task PauseAsync(ContainerFacts container, CancellationToken cancellation)
    {
        _book.Change(container.Id, k => k with { IsFrozen = true, Told = null });
        if (container.State == ContainerState.Running)
        {
            await engine.PauseAsync(container.Id, cancellation);
        }
    }

    private Task RemoveAsync(ContainerFacts container, ReplicaOrigin origin, string why, CancellationToken cancellation)
    {
        bool isMade = origin == ReplicaOrigin.Made;
        log.Warning(
            "container_removed",
            ("name", container.Name),
            ("id", container.Id),
            ("made_by", isMade ? "balancer" : "someone else"),
            ("volumes", isMade ? "anonymous ones go with it" : "all stay"),
            ("why", why));
        return engine.RemoveAsync(container.Id, withVolumes: isMade, cancellation);
    }

    private async Task<string> CreateAsync(ReplicaSpec spec, CancellationToken cancellation) =>
        await CreateFromAsync(await templates.MakeAsync(spec, _book.NewestAdopted?.Blueprint, cancellation), cancellation);

    /// <summary>
    /// Makes a container of the balancer that does not exist any more, as it was; if its blueprint is not known, from its own image. The blueprint is
    /// forgotten only when the new container runs: until then each try uses it.
    /// </summary>
    private async Task<ObservedReplica> MakeAgainAsync(ReplicaSpec spec, string id, CancellationToken cancellation)
    {
        string made = await (_book.Find(id) is { } known ? CreateFromAsync(known.Blueprint.Again(spec.Name), cancellation) : CreateAsync(spec, cancellation));
        ObservedReplica replica = await LaunchAsync(made, cancellation);
        _book.Forget(id);
        return replica;
    }

    private async Task<string> CreateFromAsync(ContainerBlueprint blueprint, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            return await CreateOnceAsync(blueprint);
        }
        catch (DriverException missing) when (DockerEngine.IsNotFound(missing) && templates.Pulls)
        {
            // If the name means another image in the registry, too, this fails as before.
            await engine.PullAsync(blueprint.Image, cancellation);
            return await CreateOnceAsync(blueprint);
        }
    }

    private async Task<string> CreateOnceAsync(ContainerBlueprint blueprint)
    {
        try
        {
            // Not cancelled halfway: otherwise a container that the engine makes afterwards would be left behind.
            return await engine.CreateAsync(blueprint, CancellationToken.None);
        }
        catch (DriverException missing) when (DockerEngine.IsNotFound(missing) && EngineError.IsNoImage(missing.Message) && blueprint.ImageId is { } gone)
        {
            throw new DriverException(DriverFailure.Failed, EngineError.ImageGone(blueprint.Image, gone), missing.InnerException);
        }
        catch (DriverException taken) when (DockerEngine.IsConflict(taken))
        {
            throw new DriverException(DriverFailure.NameTaken, taken.Message, taken);
        }
    }

    /// <summary>Makes an existing container run again, in the mildest way that works.</summary>
    private async Task<ObservedReplica> RestoreAsync(ContainerFacts container, CancellationToken cancellation)
    {
        bool isMade = fleet.OriginOf(container) switch
        {
            ReplicaOrigin.Made => true,
            ReplicaOrigin.Adopted => false,
            _ => throw new DriverException(DriverFailure.Gone, $"it is not of the fleet {fleet.Name} any more"),
        };
        if (!container.IsOnNetwork)
        {
            if (!isMade)
            {
                throw new DriverException(DriverFailure.Gone, $"it is not on the network {fleet.Network} any more");
            }

            await engine.JoinNetworkAsync(container.Id, container.Name, cancellation);
        }

        if (container.State == ContainerState.Paused)
        {
            if (!isMade && _book.Find(container.Id) is not { IsFrozen: true })
            {
                throw new DriverException(DriverFailure.Deferred, "it was paused from outside");
            }

            await engine.UnpauseAsync(container.Id, cancellation);
        }
        else if (container.State == ContainerState.Restarting)
        {
            throw new DriverException(DriverFailure.Deferred, "the engine starts it again by its own restart policy");
        }
        else if (container.State == ContainerState.Stopped)
        {
            await engine.StartAsync(container.Id, cancellation);
        }

        return await RunningAsync(container.Id, cancellation);
    }

    /// <summary>Starts a container that was just made, and removes it if that fails.</summary>
    private async Task<ObservedReplica> LaunchAsync(string id, CancellationToken cancellation)
    {
        try
        {
            await engine.StartAsync(id, cancellation);
            return await RunningAsync(id, cancellation);
        }
        catch (DriverException failed) when (failed.Kind == DriverFailure.Failed)
        {
            IReadOnlyList<string>? lines = await LinesOfFailedAsync(id);
            await DiscardAsync(id);
            throw new DriverException(failed.Kind, failed.Message, failed.InnerException) { LastLines = lines };
        }
        catch
        {
            await DiscardAsync(id);
            throw;
        }
    }

    // Null if they cannot be read: why the container did not start matters more.
    private async Task<IReadOnlyList<string>?> LinesOfFailedAsync(string id)
    {
        try
        {
            return await engine.LastLinesAsync(id, LinesOfFailed, CancellationToken.None);
        }
        catch (DriverException refused)
        {
            log.Warning("lines_unread", ("id", id), ("why", refused.Message));
            return null;
        }
    }

    // A container that this call has made, and that did not come to run.
    private async Task DiscardAsync(string id)
    {
        _book.BeginEnd(id);
        await engine.RemoveAsync(id, withVolumes: true, CancellationToken.None);
        _book.Forget(id);
    }

    private async Task<ObservedReplica> RunningAsync(string id, CancellationToken cancellation) => await Watch.LookAsync(id, cancellation) switch
    {
        ContainerRole.Running { Replica: var replica } => replica,
        ContainerRole.Ignored { Why: var why } => throw new DriverException(DriverFailure.Failed, why),
        null => throw new DriverException(DriverFailure.Failed, "it was removed as soon as it ran"),
        _ => throw new DriverException(
            DriverFailure.Failed,
            await engine.InspectAsync(id, cancellation) is var (container, _)
                ? container.State == ContainerState.Running ? $"it has no address on the network {fleet.Network}" : container.Ended
                : "it was removed as soon as it ran"),
    };
}
