using System.Numerics;
using Edge.Config;

namespace Edge.Routing;

/// <summary>
/// Picks the replica of a table that has the least to do for its weight. Of up to <see cref="Limits.ComparedReplicas"/> replicas it looks at all; of
/// more, at two: the next in the weighted order, and one that chance draws from it. That is nearly as good (Mitzenmacher, 2001), and costs the same
/// for any number of them.
/// <para>
/// With equal weights that is the one with the fewest requests. With others, each replica has its share of all requests that are under way, the new
/// one among them, rounded up, and the one that is furthest below its share is picked. Dividing each load by the weight instead would give the
/// replica of weight 1 every request that comes while the one of weight 5 has a single one.
/// </para>
/// </summary>
internal sealed class LeastLoaded
{
    // How far the weighted order is followed to find one of several equal replicas.
    private const int StepsAtMost = 64;

    private const int DrawsAtMost = 4;

    private readonly Replica[] _replicas;
    private readonly int[] _weights;
    private readonly ushort[] _sequence;
    private readonly long _weightSum;

    /// <param name="replicas">The replicas of the table.</param>
    /// <param name="weights">One for each of them.</param>
    /// <param name="sequence">The weighted order: indices of the replicas.</param>
    internal LeastLoaded(Replica[] replicas, int[] weights, ushort[] sequence)
    {
        (_replicas, _weights, _sequence) = (replicas, weights, sequence);
        foreach (int weight in weights)
        {
            _weightSum += weight;
        }
    }

    // Then the order is each replica once.
    private bool IsEven => _sequence.Length == _replicas.Length;

    /// <summary>See <see cref="ReplicaTable.PickLessLoaded"/>.</summary>
    internal Replica? Pick(ref uint cursor, ref uint random, int loop, Replica? failed)
    {
        if (_replicas.Length <= 1)
        {
            return _replicas.Length == 0 ? null : _replicas[0];
        }

        uint at = cursor < (uint)_sequence.Length ? cursor : 0;
        return _replicas.Length > Limits.ComparedReplicas ? OfTwo(at, ref cursor, ref random, loop, failed)
            : IsEven ? WithFewest(at, ref cursor, loop, failed)
            : WithMostRoom(at, ref cursor, loop, failed);
    }

    private Replica? WithFewest(uint at, ref uint cursor, int loop, Replica? failed)
    {
        Replica[] replicas = _replicas;
        Replica? best = null;
        long fewest = long.MaxValue;
        for (int i = 0; i < replicas.Length && fewest > 0; i++)
        {
            Replica replica = replicas[at];
            at = at + 1 == (uint)replicas.Length ? 0 : at + 1;
            long load = replica.CountersOf(loop).Load;
            if (load < fewest && replica != failed)
            {
                (best, fewest) = (replica, load);
                cursor = at;
            }
        }

        return best;
    }

    private Replica WithMostRoom(uint at, ref uint cursor, int loop, Replica? failed)
    {
        long load = 1, weights = _weightSum;
        for (int i = 0; i < _replicas.Length; i++)
        {
            if (_replicas[i] == failed)
            {
                weights -= _weights[i];
            }
            else
            {
                load += _replicas[i].CountersOf(loop).Load;
            }
        }

        long most = long.MinValue;
        uint equals = 0;
        for (int i = 0; i < _replicas.Length; i++)
        {
            if (_replicas[i] == failed)
            {
                continue;
            }

            long room = Room(load, _weights[i], weights, _replicas[i].CountersOf(loop).Load);
            if (room >= most)
            {
                equals = (room > most ? 0 : equals) | (1u << i);
                most = room;
            }
        }

        return NextOf(equals, at, ref cursor);
    }

    // The first one of a set in the weighted order; each bit is a replica.
    private Replica NextOf(uint some, uint at, ref uint cursor)
    {
        for (int step = 0; step < StepsAtMost; step++)
        {
            int index = _sequence[at];
            at = at + 1 == (uint)_sequence.Length ? 0 : at + 1;
            if ((some & (1u << index)) != 0)
            {
                cursor = at;
                return _replicas[index];
            }

            // It is the only one, and it is another replica's turn: that replica keeps its turn.
            if (BitOperations.IsPow2(some))
            {
                break;
            }
        }

        return _replicas[BitOperations.TrailingZeroCount(some)];
    }

    private Replica OfTwo(uint at, ref uint cursor, ref uint random, int loop, Replica? failed)
    {
        int first;
        do
        {
            first = _sequence[at];
            at = at + 1 == (uint)_sequence.Length ? 0 : at + 1;
        }
        while (_replicas[first] == failed);

        cursor = at;
        int second = first;
        for (int draw = 0; draw < DrawsAtMost && IsNoOther(second, first, failed); draw++)
        {
            second = _sequence[Below(ref random, _sequence.Length)];
        }

        while (IsNoOther(second, first, failed))
        {
            second = second + 1 == _replicas.Length ? 0 : second + 1;
        }

        long one = _replicas[first].CountersOf(loop).Load;
        long other = _replicas[second].CountersOf(loop).Load;
        if (IsEven)
        {
            return _replicas[other < one ? second : first];
        }

        long weights = (long)_weights[first] + _weights[second];
        bool hasMore = Room(one + other + 1, _weights[second], weights, other) > Room(one + other + 1, _weights[first], weights, one);
        return _replicas[hasMore ? second : first];
    }

    private bool IsNoOther(int candidate, int first, Replica? failed) => candidate == first || _replicas[candidate] == failed;

    // How far a replica is below its share of a load, rounded up; above 0 for at least one of them.
    private static long Room(long load, long weight, long weights, long has) => (load * weight + weights - 1) / weights - has;

    // xorshift (Marsaglia, 2003), and the upper half of a product instead of a division.
    private static int Below(ref uint random, int bound)
    {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        return (int)(((ulong)random * (uint)bound) >> 32);
    }
}
