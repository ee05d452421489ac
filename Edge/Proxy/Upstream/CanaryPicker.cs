using System.Diagnostics;
using Edge.Config;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>
/// Which requests of one service on one loop may go to the service's canary, and to which of its replicas. Touched by the loop's thread alone.
/// </summary>
/// <param name="loop">The loop's number.</param>
/// <param name="service">The service's number.</param>
internal sealed class CanaryPicker(int loop, int service)
{
    // Of how many responses of the old replicas it is believed how long they take at most, and how many times as long a new one may take.
    private const int KnownResponses = 200;
    private const double Quantile = 0.999;
    private const int TimesAsLong = 10;

    private Canary? _canary;
    private uint _cursor;

    // Not 0, as of ReplicaPicker; another sequence than that one's.
    private uint _random = 0x85EBCA6Bu * (uint)(loop + 1) * (2u * (uint)service + 1u);

    private Canary Canary
    {
        get
        {
            Debug.Assert(_canary is not null, "it is taken up before the first request");
            return _canary;
        }
    }

    /// <summary>What the requests are counted in.</summary>
    internal CanaryFigures Figures => Canary.Figures;

    /// <summary>How many new replicas there are in rotation.</summary>
    internal int Count => Canary.Table.Count;

    /// <summary>Of ten thousand requests or clients, how many they are to have.</summary>
    internal int Share => Canary.Share;

    /// <summary>Whether the client's address decides, and not chance.</summary>
    internal bool IsByClient => Canary.By == CanaryBy.Client;

    /// <summary>
    /// How long a new replica has for its answer, in milliseconds: ten times as long as nearly all answers of the old ones have taken on this loop, so that
    /// clients wait for one that hangs only as long as they have to.
    /// </summary>
    internal long Patience { get; private set; } = Limits.CanaryMilliseconds;

    /// <summary>Takes up the canary of another table.</summary>
    /// <param name="table">The old replicas.</param>
    /// <param name="canary">That of the table.</param>
    internal void Take(ReplicaTable table, Canary canary)
    {
        _canary = canary;
        Histogram responses = default;
        foreach (Replica replica in table.Replicas)
        {
            Counters.AddTo(ref replica.CountersOf(loop).Response, ref responses);
        }

        double atMost = responses.Count < KnownResponses ? double.MaxValue : responses.Quantile(Quantile) * TimesAsLong * 1000 ?? double.MaxValue;
        Patience = (long)Math.Clamp(atMost, Limits.CanaryAtLeastMilliseconds, Limits.CanaryMilliseconds);
    }

    /// <summary>Whether the requests of a client may go to the canary: the same answer for as long as the deploy has the same share.</summary>
    /// <param name="high">What tells clients apart: see <see cref="Edge.Io.PeerAddress.Subscriber"/>.</param>
    /// <param name="low">The rest of it.</param>
    internal bool Has(ulong high, ulong low) => Of(Mixed(Mixed(high ^ Figures.Seed) ^ low) >> 32) < Canary.Share;

    /// <summary>Whether a request may go to the canary, by chance.</summary>
    internal bool Draws()
    {
        // Xorshift (Marsaglia, 2003).
        _random ^= _random << 13;
        _random ^= _random >> 17;
        _random ^= _random << 5;
        return Of(_random) < Canary.Share;
    }

    /// <summary>The next of its replicas, with or without room; null if there is none.</summary>
    internal Replica? Next() => Canary.Table.Pick(ref _cursor);

    private static int Of(ulong random) => (int)((random * Canary.Whole) >> 32);

    // The finish of MurmurHash3: addresses that differ little have numbers that differ much.
    private static ulong Mixed(ulong number)
    {
        number = (number ^ (number >> 33)) * 0xFF51AFD7ED558CCD;
        number = (number ^ (number >> 33)) * 0xC4CEB9FE1A85EC53;
        return number ^ (number >> 33);
    }
}
