using Edge.Telemetry;

namespace Edge.Routing;

/// <summary>
/// What the loops count of a canary and of the replicas beside it, from the first request on. It outlives the tables of one deploy: each of them is
/// published with the same figures. Each loop writes its own counters, and any thread may read their sum.
/// </summary>
internal sealed class CanaryFigures
{
    private readonly CanaryCounters[][] _loops;

    /// <param name="loops">How many event loops count.</param>
    internal CanaryFigures(int loops)
    {
        _loops = [.. Enumerable.Range(0, loops).Select(_ => new CanaryCounters[2])];
        Seed = (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue);
    }

    /// <summary>Makes it chance which clients a deploy sends to its canary: not the same ones each time.</summary>
    internal ulong Seed { get; init; }

    /// <summary>The counters of one loop for one side. Only that loop may write them.</summary>
    internal ref CanaryCounters Of(int loop, CanarySide side) => ref _loops[loop][(int)side];

    /// <summary>The sum over all loops. Each number is exact, but they are not all from the same instant.</summary>
    internal CanaryTally Read(CanarySide side)
    {
        CanaryCounters sum = default;
        foreach (CanaryCounters[] loop in _loops)
        {
            Counters.AddTo(ref loop[(int)side], ref sum);
        }

        return new CanaryTally { Attempts = sum.Attempts, Errors = sum.Errors, ClientErrors = sum.ClientErrors, Response = sum.Response };
    }
}
