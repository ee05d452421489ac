using System.Diagnostics;
using System.Globalization;

namespace Edge.Tests.Chaos;

/// <summary>
/// Faults, one after the other, each at one replica: the seed decides which, where and how long. Between two of them the
/// replica gets its time to be found well again, so that never more than one of them is broken.
/// </summary>
internal sealed class FaultSequence(ChaosReplica[] replicas, int seed)
{
    private static readonly Fault[] s_kinds = [.. Enum.GetValues<Fault>().Where(f => f != Fault.None)];
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1500);

    private readonly Random _random = new(seed);
    private readonly Queue<Fault> _deck = new();
    private readonly List<string> _log = [];

    /// <summary>What was done, a line each.</summary>
    internal IReadOnlyList<string> Log => _log;

    internal async Task RunAsync(TimeSpan length, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            Fault fault = Draw();
            ChaosReplica replica = replicas[_random.Next(replicas.Length)];
            TimeSpan lasts = TimeSpan.FromMilliseconds(_random.Next(300, 2000));
            if (clock.Elapsed + lasts + s_pause > length)
            {
                return;
            }

            await Schedule.PassAsync(s_pause, stop);
            _log.Add(
                string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds:0.0} s: {fault} at {replica.Name} for {lasts.TotalSeconds:0.0} s"));
            await replica.BeginAsync(fault);
            await Schedule.PassAsync(lasts, stop);
            replica.End();
        }
    }

    // A shuffled deck of all kinds, and then another: a short run does not depend on luck to see most of them.
    private Fault Draw()
    {
        if (_deck.Count == 0)
        {
            Fault[] kinds = [.. s_kinds];
            _random.Shuffle(kinds);
            Array.ForEach(kinds, _deck.Enqueue);
        }

        return _deck.Dequeue();
    }
}
