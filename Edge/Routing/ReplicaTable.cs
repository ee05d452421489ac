namespace Edge.Routing;

/// <summary>
/// The replicas that may get a request now, and the order in which they are picked. Immutable: a change of the fleet builds a new table and swaps it
/// in whole, so a loop needs no lock to pick.
/// </summary>
internal sealed class ReplicaTable
{
    internal static readonly ReplicaTable Empty = new([]);

    private readonly Replica[] _replicas;
    private readonly ushort[] _sequence;
    private readonly LeastLoaded _leastLoaded;

    /// <param name="replicas">Only those in rotation.</param>
    internal ReplicaTable(IReadOnlyList<Replica> replicas)
        : this(replicas, [.. replicas.Select(r => r.Weight)])
    {
    }

    /// <param name="replicas">As above.</param>
    /// <param name="weights">The weight of each in this table, at least 1; only their ratios matter.</param>
    internal ReplicaTable(IReadOnlyList<Replica> replicas, ReadOnlySpan<int> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, replicas.Count);
        _replicas = [.. replicas];
        _sequence = WeightedSequence.Compile(weights);
        _leastLoaded = new LeastLoaded(_replicas, weights.ToArray(), _sequence);
    }

    internal ReadOnlySpan<Replica> Replicas => _replicas;

    /// <summary>Whether the balancer starts its replicas again when they die.</summary>
    internal bool IsOwned { get; init; }

    /// <summary>The table is empty, but a replica is on its way: requests wait for it.</summary>
    internal bool IsHealing { get; init; }

    /// <summary>The service is asleep, or wakes: there is no replica yet, and a request for it is a reason to start one. It waits for that, too.</summary>
    internal bool IsAsleep { get; init; }

    /// <summary>Whether the loops measure how much is asked of the service, because the number of its replicas follows that.</summary>
    internal bool IsMeasured { get; init; }

    /// <summary>Whether it is known that the service has no replica at all, not even one that does not run.</summary>
    internal bool IsBare { get; init; }

    /// <summary>New replicas that get a part of the requests, and are compared with these; null for none.</summary>
    internal Canary? Canary { get; init; }

    /// <summary>Whether a request that has a replica already may go to it: it is one of these, or of the canary.</summary>
    internal bool Has(Replica replica) => Array.IndexOf(_replicas, replica) >= 0 || (Canary is { } canary && canary.Table.Has(replica));

    internal int Count => _replicas.Length;

    /// <summary>The number of picks until the order begins again.</summary>
    internal int Period => _sequence.Length;

    /// <summary>
    /// The next replica in the weighted order; null if there is none. The cursor belongs to one loop and outlives the table: after a swap it goes on
    /// where it was.
    /// </summary>
    internal Replica? Pick(ref uint cursor)
    {
        ushort[] sequence = _sequence;
        if (sequence.Length == 0)
        {
            return null;
        }

        // The cursor wraps at the period and not at 2^32, where the order would jump for any period that is no power of two.
        uint at = cursor < (uint)sequence.Length ? cursor : 0;
        cursor = at + 1;
        return _replicas[sequence[at]];
    }

    /// <summary>As <see cref="Pick(ref uint)"/>, but skips a replica that has just failed, if there is another one.</summary>
    internal Replica? PickOther(ref uint cursor, Replica failed)
    {
        for (int i = 0; i < _sequence.Length; i++)
        {
            Replica? candidate = Pick(ref cursor);
            if (candidate != failed)
            {
                return candidate;
            }
        }

        return Pick(ref cursor);
    }

    /// <summary>
    /// The replica with the least to do for its weight, by the counts of one loop: of all replicas if they are few, of two if they are many. If
    /// several are equal, the weighted order decides, so that a fleet without load has its weights exactly.
    /// </summary>
    /// <param name="cursor">As for <see cref="Pick"/>.</param>
    /// <param name="random">The loop's own; not 0.</param>
    /// <param name="loop">The loop's number.</param>
    /// <param name="failed">A replica that has just failed, and that is skipped if there is another one; else null.</param>
    internal Replica? PickLessLoaded(ref uint cursor, ref uint random, int loop, Replica? failed) =>
        _leastLoaded.Pick(ref cursor, ref random, loop, failed);

    /// <summary>Where the loop with this number starts in the order, so that not all loops begin at the same replica.</summary>
    internal uint StaggeredStart(int loop, int loops) => (uint)((long)_sequence.Length * loop / Math.Max(1, loops));
}
