using Edge.Routing;

namespace Edge.Fleet;

/// <summary>What the judge looks at: the counts of both sides since the first request that a canary could have got.</summary>
internal readonly struct JudgeFigures
{
    /// <summary>The old replicas.</summary>
    internal CanaryTally Old { get; init; }

    /// <summary>The new ones.</summary>
    internal CanaryTally New { get; init; }

    /// <summary>Response times of the old ones are taken from these, which leave out what was counted before the new ones were warm.</summary>
    internal CanaryTally OldWarm { get; init; }

    /// <summary>The same of the new ones.</summary>
    internal CanaryTally NewWarm { get; init; }

    /// <summary>The figures as they stand now.</summary>
    /// <param name="figures">The counts of the loops.</param>
    /// <param name="cold">What was read when the new ones became warm; null if they were from the beginning.</param>
    internal static JudgeFigures Read(CanaryFigures figures, JudgeFigures? cold = null)
    {
        // The new ones first: what comes between the two readings is the old ones' then, of which there is more.
        CanaryTally fresh = figures.Read(CanarySide.New), old = figures.Read(CanarySide.Old);
        return new JudgeFigures
        {
            Old = old,
            New = fresh,
            OldWarm = cold is { } before ? old.Since(before.Old) : old,
            NewWarm = cold is { } earlier ? fresh.Since(earlier.New) : fresh,
        };
    }
}
