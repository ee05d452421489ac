using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>
/// Replicas as containers of a Docker engine, whoever started them. The engine is the memory: labels say what is the
/// fleet's, and the balancer may end and come back without a replica noticing.
/// </summary>
/// <param name="engine">The calls.</param>
/// <param name="fleet">Which containers are meant.</param>
/// <param name="templates">What new ones are made of.</param>
/// <param name="grace">How long one may take now to end when asked to, before it is killed.</param>
/// <param name="time">The clock of what is looked at again.</param>
internal sealed class DockerDriver(DockerEngine engine, DockerFleet fleet, ContainerTemplates templates, Func<TimeSpan> grace, TimeProvider time) : IReplicaDriver
{
    /// <summary>How often everything is listed, in case an event was missed.</summary>
    internal static readonly TimeSpan RelistInterval = TimeSpan.FromSeconds(30);

    /// <summary>A container that was sent a signal and still runs after this long has decided to stay.</summary>
    internal static readonly TimeSpan SignalPatience = TimeSpan.FromSeconds(30);

    // By container id: what takes requests, as far as the fleet has been told.
    private readonly ConcurrentDictionary<string, Tracked> _tracked = new(StringComparer.Ordinal);

    // By name: how to make again what somebody else made and may remove.
    private readonly ConcurrentDictionary<string, ContainerBlueprint> _blueprints = new(StringComparer.Ordinal);

    // Container ids that were the fleet's once; they stay so when they lose their network.
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    private sealed record Tracked(ObservedReplica Replica, string StopSignal);

    public string Name => "docker";

    public bool Owned => true;

    public async Task<ReplicaListing> ListAsync(CancellationToken cancellation)
    {
        IReadOnlyList<ContainerFacts> containers = await engine.ListAsync($"{DockerFleet.FleetLabel}={fleet.Name}", cancellation);
        List<ContainerFacts> ours = [.. containers.Where(fleet.Owns)];
        var running = new List<ObservedReplica>();
        foreach (ContainerFacts container in ours)
        {
            if (fleet.Observe(container) is not { } observed)
            {
                continue;
            }

            bool isTracked = _tracked.TryGetValue(container.Id, out Tracked? tracked) && tracked.Replica.Id == observed.Id;
            if (isTracked || await ObserveAsync(container.Id, cancellation) is not null)
            {
                running.Add(observed);
            }
        }

        HashSet<string> ids = [.. running.Select(r => r.Id)];
        foreach ((string id, Tracked tracked) in _tracked)
        {
            if (!ids.Contains(tracked.Replica.Id))
            {
                _tracked.TryRemove(new(id, tracked));
            }
        }

        return new ReplicaListing(running, [.. ours.Where(DockerFleet.HasEnded).Select(c => new ReplicaSpec(c.Name, DockerFleet.WeightOf(c), IsNew: false))]);
    }

    public Task<ObservedReplica> StartAsync(ReplicaSpec spec, CancellationToken cancellation) =>
        spec.IsNew ? CreateAsync(spec, cancellation) : RestoreAsync(spec, cancellation);

    public async Task<ReplicaEnd> StopAsync(ObservedReplica replica, CancellationToken cancellation)
    {
        if (await engine.InspectAsync(ContainerIdOf(replica), cancellation) is not var (container, _))
        {
            return default;
        }

        if (!IsOurs(container))
        {
            throw new DriverException(DriverFailure.Failed, $"the container {container.Name} is not of the fleet {fleet.Name} any more, and is left alone");
        }

        return await EndAsync(container, cancellation);
    }

    public Task InflictAsync(ObservedReplica replica, ReplicaFault fault, CancellationToken cancellation) => fault == ReplicaFault.Freeze
        ? engine.PauseAsync(ContainerIdOf(replica), cancellation)
        : engine.KillAsync(ContainerIdOf(replica), cancellation);

    public async Task ForgetAsync(string name, CancellationToken cancellation)
    {
        if (await engine.InspectAsync(name, cancellation) is var (container, _) && IsOurs(container))
        {
            await EndAsync(container, cancellation);
        }
    }

    public async IAsyncEnumerable<DriverEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var events = Channel.CreateUnbounded<DriverEvent>();
        Task following = FollowAsync(events.Writer, over.Token);
        Task relisting = RelistAsync(events.Writer, over.Token);
        try
        {
            await foreach (DriverEvent happened in events.Reader.ReadAllAsync(cancellation))
            {
                yield return happened;
            }
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(following, relisting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Containers outlive the balancer: only the connection ends.</summary>
    public ValueTask DisposeAsync()
    {
        engine.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<ReplicaEnd> EndAsync(ContainerFacts container, CancellationToken cancellation)
    {
        if (container.State == ContainerState.Paused)
        {
            // A signal that it can't take would only be its end by SIGKILL, after the whole grace.
            await engine.UnpauseAsync(container.Id, cancellation);
        }

        if (container.State != ContainerState.Stopped)
        {
            await engine.StopAsync(container.Id, grace(), cancellation);
        }

        ReplicaEnd end = await engine.InspectAsync(container.Id, cancellation) is var (stopped, _) ? new(stopped.ExitCode, stopped.OutOfMemory) : default;
        await engine.RemoveAsync(container.Id, withVolumes: true, cancellation);
        _tracked.TryRemove(container.Id, out _);
        return end;
    }

    private async Task<ObservedReplica> CreateAsync(ReplicaSpec spec, CancellationToken cancellation)
    {
        _blueprints.TryRemove(spec.Name, out _);
        ContainerBlueprint blueprint = await templates.MakeAsync(spec, Newest(), cancellation);
        string id;
        try
        {
            id = await CreateFromAsync(blueprint, cancellation);
        }
        catch (DriverException taken) when (DockerEngine.IsConflict(taken))
        {
            await ClearAsync(spec.Name, taken, cancellation);
            id = await CreateFromAsync(blueprint, cancellation);
        }

        return await LaunchAsync(id, cancellation);
    }

    private ContainerBlueprint? Newest() => _blueprints.Values.MaxBy(b => b.Created);

    /// <summary>Makes room for a name where only a replica of this fleet that ended has it.</summary>
    private async Task ClearAsync(string name, DriverException taken, CancellationToken cancellation)
    {
        if (await engine.InspectAsync(name, cancellation) is var (container, _))
        {
            if (!IsOurs(container) || container.State != ContainerState.Stopped)
            {
                throw new DriverException(DriverFailure.NameTaken, taken.Message, taken);
            }

            await engine.RemoveAsync(container.Id, withVolumes: true, cancellation);
        }
    }

    /// <summary>Has what is or was there under a name run again: in the mildest way that brings it back.</summary>
    private async Task<ObservedReplica> RestoreAsync(ReplicaSpec spec, CancellationToken cancellation)
    {
        if (await engine.InspectAsync(spec.Name, cancellation) is not var (container, _))
        {
            return await LaunchAsync(await RecreateAsync(spec, cancellation), cancellation);
        }

        if (!IsOurs(container))
        {
            throw new DriverException(DriverFailure.NameTaken, $"a container that is not of the fleet {fleet.Name} has the name {spec.Name}");
        }

        if (!container.IsOnNetwork)
        {
            await engine.JoinNetworkAsync(container.Id, container.Name, cancellation);
        }

        if (container.State == ContainerState.Paused)
        {
            await engine.UnpauseAsync(container.Id, cancellation);
        }
        else if (container.State == ContainerState.Stopped)
        {
            await engine.StartAsync(container.Id, cancellation);
        }

        return await RunningAsync(container.Id, cancellation);
    }

    private async Task<string> RecreateAsync(ReplicaSpec spec, CancellationToken cancellation)
    {
        if (!_blueprints.TryGetValue(spec.Name, out ContainerBlueprint? blueprint))
        {
            return await CreateFromAsync(await templates.MakeAsync(spec, Newest(), cancellation), cancellation);
        }

        // What somebody made without the fleet's label would be nobody's as soon as it is off the network.
        var labels = new Dictionary<string, string>
        {
            [DockerFleet.FleetLabel] = fleet.Name,
            [DockerFleet.WeightLabel] = $"{spec.Weight}",
        };
        return await engine.CreateLikeAsync(blueprint, labels, cancellation);
    }

    private async Task<string> CreateFromAsync(ContainerBlueprint blueprint, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            // Not called off halfway: what the engine makes after nobody listens any more would be left behind.
            return await engine.CreateAsync(blueprint, CancellationToken.None);
        }
        catch (DriverException missing) when (DockerEngine.IsNotFound(missing) && templates.Pulls && blueprint.ImageId is null)
        {
            await engine.PullAsync(blueprint.Image, cancellation);
            return await engine.CreateAsync(blueprint, CancellationToken.None);
        }
    }

    /// <summary>Starts a container that was just made, and removes it where that fails.</summary>
    private async Task<ObservedReplica> LaunchAsync(string id, CancellationToken cancellation)
    {
        try
        {
            await engine.StartAsync(id, cancellation);
            return await RunningAsync(id, cancellation);
        }
        catch
        {
            await engine.RemoveAsync(id, withVolumes: true, CancellationToken.None);
            throw;
        }
    }

    private async Task<ObservedReplica> RunningAsync(string id, CancellationToken cancellation) =>
        await ObserveAsync(id, cancellation)
        ?? throw new DriverException(
            DriverFailure.Failed,
            await engine.InspectAsync(id, cancellation) is var (container, _)
                ? container.State == ContainerState.Running ? $"it has no address on the network {fleet.Network}" : container.Ended
                : "it was removed as soon as it ran");

    /// <summary>Looks at a container and notes what it is. Returns null where it takes no requests.</summary>
    private async Task<ObservedReplica?> ObserveAsync(string id, CancellationToken cancellation)
    {
        if (await engine.InspectAsync(id, cancellation) is not var (container, blueprint)
            || !IsOurs(container)
            || fleet.Observe(container) is not { } observed)
        {
            return null;
        }

        _known[container.Id] = true;
        _tracked[container.Id] = new Tracked(observed, blueprint.StopSignal);
        if (container.Labels.GetValueOrDefault(DockerFleet.MakerLabel) != DockerFleet.Maker)
        {
            _blueprints[container.Name] = blueprint;
        }

        return observed;
    }

    private async Task FollowAsync(ChannelWriter<DriverEvent> events, CancellationToken cancellation)
    {
        try
        {
            await foreach (ContainerEvent? happened in engine.EventsAsync(cancellation))
            {
                if (happened is null)
                {
                    events.TryWrite(new DriverEvent.Watching());
                }
                else
                {
                    await OnEventAsync(happened, events, cancellation);
                }
            }
        }
        catch (Exception failed)
        {
            // Whoever reads the channel gets it.
            events.TryComplete(failed);
        }
    }

    private async Task RelistAsync(ChannelWriter<DriverEvent> events, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(RelistInterval, time);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            events.TryWrite(new DriverEvent.Watching());
        }
    }

    private async Task OnEventAsync(ContainerEvent happened, ChannelWriter<DriverEvent> events, CancellationToken cancellation)
    {
        string id = happened.ContainerId;
        bool isOfNetwork = happened.Type == "network" && happened.Attribute("name") == fleet.Network;
        switch (happened.Type, happened.Action)
        {
            case ("network", "connect") when isOfNetwork:
            case ("container", "start" or "unpause") when fleet.MayOwn(happened) || _known.ContainsKey(id):
                if (!_tracked.ContainsKey(id) && await ObserveAsync(id, cancellation) is { } observed)
                {
                    events.TryWrite(new DriverEvent.Started(observed));
                }

                break;
            case ("network", "disconnect") when isOfNetwork:
                Lose(id, $"it left the network {fleet.Network}", events);
                break;
            case ("container", "die"):
                Lose(id, $"it ended with exit code {happened.Attribute("exitCode")}", events);
                break;
            case ("container", "pause"):
                Lose(id, "it was paused", events);
                break;
            case ("container", "destroy"):
                Lose(id, "it was removed", events);
                _known.TryRemove(id, out _);
                break;
            case ("container", "rename") when _tracked.ContainsKey(id):
                _tracked.TryRemove(id, out _);
                events.TryWrite(new DriverEvent.Watching());
                break;
            case ("container", "kill") when _tracked.TryGetValue(id, out Tracked? tracked) && DockerFleet.Ends(happened.Attribute("signal"), tracked.StopSignal):
                events.TryWrite(new DriverEvent.Objected(tracked.Replica.Id, tracked.Replica.Name, $"it was sent signal {happened.Attribute("signal")}", IsEnding: true));
                _ = ReconsiderAsync(id, events, cancellation);
                break;
            case ("container", var action) when action.StartsWith("health_status: ", StringComparison.Ordinal) && _tracked.TryGetValue(id, out Tracked? tracked):
                string? objection = DockerFleet.ObjectionTo(action["health_status: ".Length..]);
                events.TryWrite(new DriverEvent.Objected(tracked.Replica.Id, tracked.Replica.Name, objection));
                break;
        }
    }

    private void Lose(string id, string why, ChannelWriter<DriverEvent> events)
    {
        if (_tracked.TryRemove(id, out Tracked? tracked))
        {
            events.TryWrite(new DriverEvent.Died(tracked.Replica.Id, tracked.Replica.Name, why));
        }
    }

    /// <summary>Takes back what was held against a container for a signal that it has survived.</summary>
    private async Task ReconsiderAsync(string id, ChannelWriter<DriverEvent> events, CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(SignalPatience, time, cancellation);
            if (_tracked.ContainsKey(id) && await ObserveAsync(id, cancellation) is { } observed)
            {
                events.TryWrite(new DriverEvent.Objected(observed.Id, observed.Name, observed.Objection));
            }
        }
        catch (Exception failed) when (failed is DriverException or OperationCanceledException)
        {
            // The list that follows a loss of sight says how it is.
            return;
        }
    }

    private bool IsOurs(ContainerFacts container) =>
        container.Id != fleet.OwnId && (fleet.Owns(container) || _known.ContainsKey(container.Id));

    private static string ContainerIdOf(ObservedReplica replica) => replica.Id[..replica.Id.IndexOf('@', StringComparison.Ordinal)];
}
