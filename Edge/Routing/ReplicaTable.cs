namespace Edge.Routing;

/// <summary>
/// The replicas that may take a request now, and the order in which they are picked. Immutable: a change of the fleet
/// builds a new one and swaps it in whole, so that a loop needs no lock to pick.
/// </summary>
internal sealed class ReplicaTable
{
    internal static readonly ReplicaTable Empty = new([]);

    private readonly Replica[] _replicas;
    private readonly ushort[] _sequence;
    private readonly LeastLoaded _leastLoaded;

    /// <param name="replicas">The healthy ones only; a replica that is not healthy is not in the table.</param>
    internal ReplicaTable(IReadOnlyList<Replica> replicas)
        : this(replicas, [.. replicas.Select(r => r.Weight)])
    {
    }

    /// <param name="replicas">As above.</param>
    /// <param name="weights">What each counts in this table, at least 1; only their ratios matter.</param>
    internal ReplicaTable(IReadOnlyList<Replica> replicas, ReadOnlySpan<int> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, replicas.Count);
        _replicas = [.. replicas];
        _sequence = WeightedSequence.Compile(weights);
        _leastLoaded = new LeastLoaded(_replicas, weights.ToArray(), _sequence);
    }

    internal ReadOnlySpan<Replica> Replicas => _replicas;

    /// <summary>What dies of it is started again.</summary>
    internal bool IsOwned { get; init; }

    /// <summary>There is none, but one is on its way: requests wait for it.</summary>
    internal bool IsHealing { get; init; }

    internal bool Has(Replica replica) => Array.IndexOf(_replicas, replica) >= 0;

    internal int Count => _replicas.Length;

    /// <summary>Picks until the order begins anew.</summary>
    internal int Period => _sequence.Length;

    /// <summary>
    /// The next replica of the caller's own round, or null where there is none. The cursor belongs to one loop and
    /// outlives the table: a swap goes on where the last table stopped.
    /// </summary>
    internal Replica? Pick(ref uint cursor)
    {
        ushort[] sequence = _sequence;
        if (sequence.Length == 0)
        {
            return null;
        }

        // The cursor wraps at the period, not at 2^32: there, the round would jump for any period that is no power of two.
        uint at = cursor < (uint)sequence.Length ? cursor : 0;
        cursor = at + 1;
        return _replicas[sequence[at]];
    }

    /// <summary>As <see cref="Pick(ref uint)"/>, but passes over one that has just failed, where there is another.</summary>
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
    /// The replica that has the least to do for its weight, as one loop counts that itself: of all where they are few, of two where they are
    /// many. Ties go in the weighted order, so that a fleet without load has its weights exactly.
    /// </summary>
    /// <param name="cursor">As of <see cref="Pick"/>.</param>
    /// <param name="random">The loop's own; not 0.</param>
    /// <param name="loop">The loop's number.</param>
    /// <param name="failed">One that has just failed, and is passed over where there is another; else null.</param>
    internal Replica? PickLessLoaded(ref uint cursor, ref uint random, int loop, Replica? failed) =>
        _leastLoaded.Pick(ref cursor, ref random, loop, failed);

    /// <summary>Where the loop of this number starts its round, so that several loops don't begin at the same replica.</summary>
    internal uint StaggeredStart(int loop, int loops) => (uint)((long)_sequence.Length * loop / Math.Max(1, loops));
}
