using System.Net;
using System.Text;
using Edge.Telemetry;

namespace Edge.Routing;

/// <summary>
/// One server process that gets requests, as the data plane sees it. Immutable except its counters and its name, and never used again: a replica that
/// comes back with another address is a new object in a slot of its own.
/// </summary>
internal sealed class Replica
{
    private const string FieldName = "X-Edge-Replica: ";

    private readonly ReplicaCounters[] _counters;
    private volatile Label _label;
    private readonly AnswerTable[] _answers;
    private int _ejectAfter;
    private bool _failsChecks;

    // The name as text, as bytes and as a number; swapped as one.
    private sealed record Label(string Name, byte[] HeaderLine, ulong Hash);

    /// <param name="slot">
    /// Index into the arrays of the loops, 0 to <see cref="Config.Limits.Replicas"/> - 1; it belongs to this replica until the replica is released.
    /// </param>
    /// <param name="name">Its name in the REST contract, ASCII.</param>
    /// <param name="address">The address for requests.</param>
    /// <param name="weight">Its share of the requests relative to the others, 1 to 256.</param>
    /// <param name="loops">How many event loops count for it.</param>
    internal Replica(int slot, string name, IPEndPoint address, int weight, int loops)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, Config.Limits.Replicas);
        ArgumentOutOfRangeException.ThrowIfLessThan(weight, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(weight, Config.Limits.WeightAtMost);
        Slot = slot;
        _label = LabelOf(name);
        Address = address;
        Weight = weight;
        _counters = new ReplicaCounters[loops];
        _answers = [.. Enumerable.Range(0, loops).Select(_ => new AnswerTable())];
    }

    internal int Slot { get; }

    /// <summary>Its name in the REST contract.</summary>
    internal string Name => _label.Name;

    internal IPEndPoint Address { get; }

    /// <summary>The name, or the address, that its certificate has to have; null if HTTP is spoken to it without TLS.</summary>
    internal string? TlsName { get; init; }

    /// <summary>Its share of the requests relative to the others, for the next table. Only the control plane sets it.</summary>
    internal int Weight { get; set; }

    /// <summary>After this many failed requests in a row it is due to be ejected; 0 for never. Only the control plane sets it.</summary>
    internal int EjectAfter
    {
        get => Volatile.Read(ref _ejectAfter);
        set => Volatile.Write(ref _ejectAfter, value);
    }

    /// <summary>Whether it failed its last health check, in rotation or not. Only the control plane sets it.</summary>
    internal bool FailsChecks
    {
        get => Volatile.Read(ref _failsChecks);
        set => Volatile.Write(ref _failsChecks, value);
    }

    /// <summary>The header field that names this replica in a response, with its CRLF.</summary>
    internal byte[] HeaderLine => _label.HeaderLine;

    /// <summary>The name in that field.</summary>
    internal ReadOnlySpan<byte> NameBytes => HeaderLine.AsSpan(FieldName.Length..^2);

    /// <summary>See <see cref="Routing.NameHash"/>.</summary>
    internal ulong NameHash => _label.Hash;

    /// <summary>Gives it another name. Only for the control plane.</summary>
    internal void Rename(string name) => _label = LabelOf(name);

    /// <summary>The counters of one loop. Only that loop may write them.</summary>
    internal ref ReplicaCounters CountersOf(int loop) => ref _counters[loop];

    /// <summary>Attempts that are over, by the status of the replica, as one loop counts them. Only that loop may write them.</summary>
    internal AnswerTable AnswersOf(int loop) => _answers[loop];

    /// <summary>Adds the answers of all loops to a table that no other thread uses; returns that table.</summary>
    internal AnswerTable AddAnswersTo(AnswerTable sum)
    {
        foreach (AnswerTable answers in _answers)
        {
            answers.AddTo(sum);
        }

        return sum;
    }

    /// <summary>The sum over all loops. Each number is exact, but they are not all from the same instant.</summary>
    internal ReplicaTotals Totals()
    {
        long inFlight = 0, requests = 0, failures = 0;
        for (int i = 0; i < _counters.Length; i++)
        {
            ref ReplicaCounters c = ref _counters[i];
            inFlight += Volatile.Read(ref c.InFlight);
            requests += Volatile.Read(ref c.Requests);
            failures += Volatile.Read(ref c.Failures);
        }

        return new ReplicaTotals(inFlight, requests, failures);
    }

    /// <summary>Everything that the loops have counted, added to earlier counts.</summary>
    /// <param name="past">Counts of earlier replicas, which are added.</param>
    internal ReplicaCounters Figures(ReplicaCounters past = default)
    {
        for (int i = 0; i < _counters.Length; i++)
        {
            Counters.AddTo(ref _counters[i], ref past);
        }

        return past;
    }

    private static Label LabelOf(string name) => new(name, Encoding.ASCII.GetBytes($"{FieldName}{name}\r\n"), Routing.NameHash.Of(name));

    public override string ToString() => $"{Name} at {(TlsName is null ? "" : "https://")}{Address}";
}
