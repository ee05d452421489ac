using Edge.Config;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// How far each client is ahead of the rate that it may have (GCRA, the virtual scheduling of ITU-T I.371): one time for each of them. The loops share
/// it, because a client's connections are on several; so a limit is exact, however many loops there are. It has a fixed size, is made when the first limit
/// is, and nothing is allocated afterwards. From any thread, without a lock.
/// </summary>
internal sealed class ClientRates
{
    private const int Ways = 8;
    private const ulong Odd = 0x9E3779B97F4A7C15;

    // Secret, so that nobody can choose addresses that share a place.
    private readonly ulong _first = BitConverter.ToUInt64(SecretBytes.New(sizeof(ulong)));
    private readonly ulong _second = BitConverter.ToUInt64(SecretBytes.New(sizeof(ulong)));
    private Place[]? _places;

    /// <summary>Makes the table, where it is not there yet. Before the first other call.</summary>
    internal void Prepare() => LazyInitializer.EnsureInitialized(ref _places, () => new Place[Limits.RateClients]);

    /// <summary>What a client is found by; never 0. For IPv6 the first 64 bits count, because the holder of one such address mostly has all of them.</summary>
    /// <param name="client">Its address.</param>
    /// <param name="purpose">What is counted: another number counts apart.</param>
    internal ulong KeyOf(PeerAddress client, int purpose)
    {
        (ulong high, ulong low) = client.Subscriber;
        return Mix(Mix(high ^ _first, low ^ _second) ^ _first, ((ulong)(uint)purpose * Odd) ^ _second) | 1;
    }

    /// <summary>Counts one, if it may be. False if the client is too far ahead: then nothing is counted.</summary>
    /// <param name="key">Of the client.</param>
    /// <param name="now">In nanoseconds of a clock that all loops have.</param>
    /// <param name="interval">Nanoseconds for each one.</param>
    /// <param name="tolerance">Nanoseconds that it may be ahead.</param>
    internal bool TryTake(ulong key, long now, long interval, long tolerance)
    {
        ref long until = ref Find(key);
        for (long seen = Volatile.Read(ref until); ;)
        {
            long from = Math.Max(seen, now);
            if (from - now > tolerance)
            {
                return false;
            }

            long was = Interlocked.CompareExchange(ref until, from + interval, seen);
            if (was == seen)
            {
                return true;
            }

            seen = was;
        }
    }

    /// <summary>Whether one more would be counted.</summary>
    /// <param name="key">As of <see cref="TryTake"/>.</param>
    /// <param name="now">As of <see cref="TryTake"/>.</param>
    /// <param name="tolerance">As of <see cref="TryTake"/>.</param>
    internal bool MayTake(ulong key, long now, long tolerance)
    {
        foreach (ref Place place in SetOf(key))
        {
            if (Volatile.Read(ref place.Key) == key)
            {
                return Volatile.Read(ref place.Until) - now <= tolerance;
            }
        }

        return true;
    }

    // The client's place. If it has none and all are taken, it gets that of the client that is least ahead, which loses least. Two loops that do so at one
    // moment may charge one client for the other: one request.
    private ref long Find(ulong key)
    {
        Span<Place> set = SetOf(key);
        int least = 0;
        for (int i = 0; i < set.Length; i++)
        {
            ulong there = Volatile.Read(ref set[i].Key);
            if (there == 0)
            {
                there = Interlocked.CompareExchange(ref set[i].Key, key, 0);
                there = there == 0 ? key : there;
            }

            if (there == key)
            {
                return ref set[i].Until;
            }

            least = Volatile.Read(ref set[i].Until) < Volatile.Read(ref set[least].Until) ? i : least;
        }

        Volatile.Write(ref set[least].Key, key);
        Volatile.Write(ref set[least].Until, 0);
        return ref set[least].Until;
    }

    private Span<Place> SetOf(ulong key) => _places.AsSpan((int)(Mix(key, _first) % (Limits.RateClients / Ways)) * Ways, Ways);

    private static ulong Mix(ulong one, ulong other)
    {
        ulong high = Math.BigMul(one, other, out ulong low);
        return high ^ low;
    }

    // Key is 0 where nobody has it. Until is when the client would be neither ahead nor behind.
    private struct Place
    {
        internal ulong Key;
        internal long Until;
    }
}
