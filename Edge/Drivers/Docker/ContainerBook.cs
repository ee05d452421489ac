using System.Collections.Concurrent;
using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>The containers of the fleet by their ids, for the driver's calls and for its watch. From any thread.</summary>
internal sealed class ContainerBook
{
    private readonly ConcurrentDictionary<string, KnownContainer> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _ending = new(StringComparer.Ordinal);
    private KnownContainer? _newest;

    /// <summary>The newest container that someone else made for the fleet, even if it is gone; null if there was none.</summary>
    internal KnownContainer? NewestAdopted => Volatile.Read(ref _newest);

    internal KnownContainer? Find(string id) => _known.GetValueOrDefault(id);

    internal bool Knows(string id) => _known.ContainsKey(id);

    /// <summary>Records what was seen of a container.</summary>
    /// <param name="id">Of the container.</param>
    /// <param name="seen">What the driver remembers of it.</param>
    /// <param name="told">What the fleet is told of it; null if it takes no requests.</param>
    internal void Note(string id, KnownContainer seen, ObservedReplica? told)
    {
        _known.AddOrUpdate(
            id,
            _ => seen with { Told = told },
            (_, before) => before with { Name = seen.Name, Origin = seen.Origin, Traits = seen.Traits, Blueprint = seen.Blueprint, Told = told });
        if (seen.Origin == ReplicaOrigin.Adopted && (NewestAdopted is not { } newest || newest.Traits.Created <= seen.Traits.Created))
        {
            Volatile.Write(ref _newest, seen);
        }
    }

    /// <summary>Changes the record of a container. Returns the old record; null, without a change, if there is none.</summary>
    internal KnownContainer? Change(string id, Func<KnownContainer, KnownContainer> change)
    {
        while (_known.TryGetValue(id, out KnownContainer? before))
        {
            if (_known.TryUpdate(id, change(before), before))
            {
                return before;
            }
        }

        return null;
    }

    internal void Forget(string id) => _known.TryRemove(id, out _);

    /// <summary>Forgets what the fleet was told of containers that do not run any more, without an event: the list tells it.</summary>
    /// <param name="running">The ids of the replicas that run.</param>
    internal void KeepTold(IReadOnlySet<string> running)
    {
        foreach ((string id, KnownContainer known) in _known)
        {
            if (known.Told is { } told && !running.Contains(told.Id))
            {
                Change(id, k => k.Told == told ? k with { Told = null } : k);
            }
        }
    }

    /// <summary>The balancer ends a container itself, so the engine's events about that are not reported.</summary>
    internal void BeginEnd(string id) => _ending[id] = true;

    /// <summary>The end did not happen, or the container was started again.</summary>
    internal bool CallOffEnd(string id) => _ending.TryRemove(id, out _);

    internal bool IsEnding(string id) => _ending.ContainsKey(id);

    /// <summary>Events may have been missed, so the next end of a container is reported.</summary>
    internal void ForgetEnds() => _ending.Clear();
}
