using System.Collections.Concurrent;
using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>The containers of the fleet by their ids, for the driver's calls and its watch. From any thread.</summary>
internal sealed class ContainerBook
{
    private readonly ConcurrentDictionary<string, KnownContainer> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _ending = new(StringComparer.Ordinal);
    private KnownContainer? _newest;

    /// <summary>The youngest container that someone else made for the fleet, whether it is still there or not; null where there was none.</summary>
    internal KnownContainer? NewestAdopted => Volatile.Read(ref _newest);

    internal KnownContainer? Find(string id) => _known.GetValueOrDefault(id);

    internal bool Knows(string id) => _known.ContainsKey(id);

    /// <summary>Notes what a look at a container has shown.</summary>
    /// <param name="id">Of the container.</param>
    /// <param name="seen">Its lasting part.</param>
    /// <param name="told">What the fleet is told of it; null where it takes no requests.</param>
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

    /// <summary>Changes what is known of a container; returns what was known before, or null, and does nothing, where it is not known.</summary>
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

    /// <summary>Takes back what was told of containers that do not run any more, without a word: the list says it.</summary>
    /// <param name="running">The ids of the replicas that do.</param>
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

    /// <summary>The balancer ends a container itself: what the engine tells of that is no news.</summary>
    internal void BeginEnd(string id) => _ending[id] = true;

    /// <summary>The end has not come about, or the container was started again.</summary>
    internal bool CallOffEnd(string id) => _ending.TryRemove(id, out _);

    internal bool IsEnding(string id) => _ending.ContainsKey(id);

    /// <summary>Events may have been missed: what ends now may be told after all.</summary>
    internal void ForgetEnds() => _ending.Clear();
}
