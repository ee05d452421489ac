using System.Globalization;

namespace Edge.Tests.Chaos;

/// <summary>The clients' outcomes held against the replicas' ledger.</summary>
internal sealed class Verdict
{
    /// <summary>The columns of <see cref="Row"/>.</summary>
    internal const string Header =
        "| balancer | requests | GETs lost | POSTs failed | POSTs executed twice | mixed up | broken after the head | p50 ms | p99 ms |\n"
        + "|---|---|---|---|---|---|---|---|---|";

    private readonly double[] _latencies;

    /// <param name="outcomes">Of a load, each token once.</param>
    /// <param name="ledger">Of all its replicas.</param>
    internal Verdict(IReadOnlyList<Outcome> outcomes, Ledger ledger)
    {
        Requests = outcomes.Count;
        foreach (Outcome outcome in outcomes)
        {
            IReadOnlyCollection<Execution> executions = ledger.Of(outcome.Token);
            if (outcome.IsPost && executions.Count > 1)
            {
                ExecutedTwice.Add($"{outcome} at {string.Join(" and ", executions.Select(e => e.Replica))}");
            }

            // Right is only what some replica did, and broken after the head only what some replica broke there.
            if (outcome.Got == Got.MixedUp || (outcome.Got == Got.Right && executions.Count == 0))
            {
                MixedUp.Add(outcome.ToString());
            }
            else if (outcome.Got == Got.BrokenAfterHead && executions.Any(e => e.Answer == AnswerState.BrokenAfterHead))
            {
                BrokenAfterHead.Add(outcome.ToString());
            }
            else if (outcome.Got != Got.Right)
            {
                (outcome.IsPost ? PostsFailed : GetsLost).Add(outcome.ToString());
            }
        }

        _latencies = [.. outcomes.Where(o => o.Got == Got.Right).Select(o => o.Milliseconds).Order()];
        Damaged = [.. ledger.Faults];
    }

    internal int Requests { get; }

    internal List<string> GetsLost { get; } = [];

    internal List<string> PostsFailed { get; } = [];

    internal List<string> ExecutedTwice { get; } = [];

    internal List<string> MixedUp { get; } = [];

    internal List<string> BrokenAfterHead { get; } = [];

    internal IReadOnlyList<string> Damaged { get; }

    /// <summary>The latency, in milliseconds, that so many percent of the answered requests stay below.</summary>
    internal double Percentile(double percent) =>
        _latencies.Length == 0 ? double.NaN : _latencies[Math.Min(_latencies.Length - 1, (int)(_latencies.Length * percent / 100))];

    internal string Row(string balancer) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {balancer} | {Requests} | {GetsLost.Count} | {PostsFailed.Count} | {ExecutedTwice.Count} | {MixedUp.Count} | {BrokenAfterHead.Count} | "
            + $"{Percentile(50):0.0} | {Percentile(99):0.0} |");

    /// <summary>What went wrong, by kind, some of each.</summary>
    internal string Details() => string.Join('\n', new (string Name, IReadOnlyList<string> Lines)[]
        {
            ("GETs lost", GetsLost), ("POSTs failed", PostsFailed), ("executed twice", ExecutedTwice), ("mixed up", MixedUp),
            ("broken after the head", BrokenAfterHead), ("damaged", Damaged),
        }
        .Where(k => k.Lines.Count > 0)
        .Select(k => $"{k.Name}, {k.Lines.Count} ({BySecond(k.Lines)}):\n  {string.Join("\n  ", k.Lines.Take(12))}"));

    // The second at which a request was due leads to the fault in the log.
    private static string BySecond(IEnumerable<string> lines) =>
        string.Join(", ", lines.GroupBy(l => l.Split('.')[0]).Select(g => $"{g.Count()} at {g.Key} s"));
}
