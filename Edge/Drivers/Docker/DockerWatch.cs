using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>Follows the engine's events, and reports to the fleet what they mean for it.</summary>
/// <param name="engine">The engine.</param>
/// <param name="fleet">Which containers belong to the fleet.</param>
/// <param name="book">The known containers.</param>
/// <param name="time">The clock for repeated looks.</param>
internal sealed class DockerWatch(DockerEngine engine, DockerFleet fleet, ContainerBook book, TimeProvider time)
{
    /// <summary>How often all containers are listed, in case an event was missed.</summary>
    internal static readonly TimeSpan RelistInterval = TimeSpan.FromSeconds(30);

    /// <summary>
    /// If a container still runs this long after a signal, it did not end because of it. A container with a longer stop timeout gets that time and a
    /// little more.
    /// </summary>
    internal static readonly TimeSpan SignalPatience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan AfterStopTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The events of the fleet, without end.</summary>
    internal async IAsyncEnumerable<DriverEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        // Without a bound: its reader only passes events on to the fleet manager, and never waits. EngineEvents bounds those that may come too fast.
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

    /// <summary>Inspects a container and records it; null if there is none.</summary>
    internal async Task<ContainerRole?> LookAsync(string id, CancellationToken cancellation)
    {
        if (await engine.InspectAsync(id, cancellation) is not var (container, blueprint))
        {
            return null;
        }

        ContainerRole sighting = fleet.See(container, blueprint.Traits);
        if (fleet.OriginOf(container) is { } origin && sighting is not ContainerRole.Foreign)
        {
            book.Note(container.Id, new KnownContainer(container.Name, origin, blueprint.Traits, blueprint), (sighting as ContainerRole.Running)?.Replica);
        }

        return sighting;
    }

    private async Task FollowAsync(ChannelWriter<DriverEvent> events, CancellationToken cancellation)
    {
        try
        {
            await foreach (ContainerEvent? happened in engine.EventsAsync(cancellation))
            {
                if (happened is null)
                {
                    book.ForgetEnds();
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
            // The reader of the channel gets the exception.
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
            case ("container", "unpause") when fleet.MayOwn(happened) || book.Knows(id):
                await OnBackAsync(id, events, cancellation);
                break;
            case ("container", "start") when fleet.MayOwn(happened) || book.Knows(id):
                book.CallOffEnd(id);
                book.Change(id, k => k with { IsSignalled = false, IsStopped = false, IsOutOfMemory = false });
                await OnBackAsync(id, events, cancellation);
                break;
            case ("container", "destroy"):
                OnDestroyed(id, events);
                break;
            case ("container", "rename") when book.Knows(id) || fleet.MayOwn(happened):
                OnRenamed(id, happened.Attribute("name"), events);
                break;
            case ("network", "disconnect") when isOfNetwork && book.Find(id) is { } left && !book.IsEnding(id):
                await OnOffNetworkAsync(id, left, events, cancellation);
                break;
            case ("container", _) when book.Find(id) is { } known && !book.IsEnding(id):
                OnKnown(happened, known, events, cancellation);
                break;
        }
    }

    /// <summary>An event of a known container that the balancer is not ending itself.</summary>
    private void OnKnown(ContainerEvent happened, KnownContainer known, ChannelWriter<DriverEvent> events, CancellationToken cancellation)
    {
        string id = happened.ContainerId;
        switch (happened.Type, happened.Action)
        {
            case ("container", "die"):
                string exit = $"it ended with exit code {happened.Attribute("exitCode")}";
                Lose(id, known.IsOutOfMemory ? $"{exit}, out of memory" : exit, known.IsSignalled, events);
                break;
            case ("container", "oom"):
                book.Change(id, k => k with { IsOutOfMemory = true });
                break;
            case ("container", "stop"):
                book.Change(id, k => k with { IsStopped = true });
                events.TryWrite(new DriverEvent.StoppedFromOutside(
                    id, "it was stopped from outside, and stays so until it is started from there (docker start)"));
                break;
            case ("container", "pause"):
                Lose(id, "it was paused", mayBeStopped: false, events);
                if (known is { Origin: not ReplicaOrigin.Made, IsFrozen: false })
                {
                    events.TryWrite(new DriverEvent.StoppedFromOutside(
                        id, "it was paused from outside, and stays so until that is taken back (docker unpause)"));
                }

                break;
            case ("container", "kill") when DockerFleet.Ends(happened.Attribute("signal"), known.Traits.StopSignal):
                book.Change(id, k => k with { IsSignalled = k.IsSignalled || happened.Attribute("signal") != "9" });
                if (known.Told is { } killed)
                {
                    events.TryWrite(new DriverEvent.Objected(killed.Id, killed.Name, $"it was sent signal {happened.Attribute("signal")}", IsEnding: true));
                    _ = ReconsiderAsync(id, known.Traits.StopTimeout, events, cancellation);
                }

                break;
            case ("container", var action) when action.StartsWith("health_status: ", StringComparison.Ordinal) && known.Told is { } told:
                events.TryWrite(new DriverEvent.Objected(told.Id, told.Name, DockerFleet.ObjectionTo(action["health_status: ".Length..])));
                break;
        }
    }

    // It may run and take requests; or it may run and be ignored, and then the list says why.
    private async Task OnBackAsync(string id, ChannelWriter<DriverEvent> events, CancellationToken cancellation)
    {
        bool wasTold = book.Find(id)?.Told is not null;
        switch (await LookAsync(id, cancellation))
        {
            case ContainerRole.Running running when !wasTold:
                book.Change(id, k => k with { IsFrozen = false });
                events.TryWrite(new DriverEvent.Started(running.Replica));
                break;
            case ContainerRole.Ignored:
                events.TryWrite(new DriverEvent.Watching());
                break;
        }
    }

    private void OnDestroyed(string id, ChannelWriter<DriverEvent> events)
    {
        if (book.CallOffEnd(id) || book.Find(id) is not { } known)
        {
            return;
        }

        Lose(id, "it was removed", mayBeStopped: false, events);
        events.TryWrite(new DriverEvent.Removed(id, "it was removed from outside"));
        if (known.Origin != ReplicaOrigin.Made || known.IsStopped)
        {
            // A container that the balancer made is made again, and its blueprint is needed for that.
            book.Forget(id);
        }
    }

    private void OnRenamed(string id, string name, ChannelWriter<DriverEvent> events)
    {
        if (book.Find(id) is not { Origin: not ReplicaOrigin.Listed })
        {
            // The name alone can decide whether a container belongs to the fleet.
            events.TryWrite(new DriverEvent.Watching());
            return;
        }

        book.Change(id, k => k with { Name = name, Told = k.Told is { } told ? told with { Name = name } : null });
        events.TryWrite(new DriverEvent.Renamed(id, name));
    }

    // A container that ends also leaves its networks: before its end is reported (engine 26), or after that (20.10).
    private async Task OnOffNetworkAsync(string id, KnownContainer known, ChannelWriter<DriverEvent> events, CancellationToken cancellation)
    {
        if (await engine.InspectAsync(id, cancellation) is not ({ State: ContainerState.Running, IsOnNetwork: false }, _))
        {
            return;
        }

        string why = $"it left the network {fleet.Network}";
        Lose(id, why, mayBeStopped: false, events);
        if (known.Origin != ReplicaOrigin.Made && known.Told is not null)
        {
            // Its maker wanted this; the list says that it is ignored.
            events.TryWrite(new DriverEvent.Removed(id, why));
            events.TryWrite(new DriverEvent.Watching());
        }
    }

    private void Lose(string id, string why, bool mayBeStopped, ChannelWriter<DriverEvent> events)
    {
        if (book.Change(id, k => k with { Told = null })?.Told is { } told)
        {
            events.TryWrite(new DriverEvent.Died(told.Id, told.Name, why, mayBeStopped));
        }
    }

    /// <summary>Takes back the objection to a container that was sent a signal and still runs.</summary>
    private async Task ReconsiderAsync(string id, TimeSpan? stopTimeout, ChannelWriter<DriverEvent> events, CancellationToken cancellation)
    {
        TimeSpan patience = stopTimeout + AfterStopTimeout is { } longer && longer > SignalPatience ? longer : SignalPatience;
        try
        {
            await Task.Delay(patience, time, cancellation);
            if (book.Find(id)?.Told is not null && await LookAsync(id, cancellation) is ContainerRole.Running running)
            {
                events.TryWrite(new DriverEvent.Objected(running.Replica.Id, running.Replica.Name, running.Replica.Objection));
            }
        }
        catch (Exception failed) when (failed is DriverException or OperationCanceledException)
        {
            // The list after a loss of the connection says its state.
            return;
        }
    }
}
