using Edge.Config;

namespace Edge.Routing;

/// <summary>
/// New replicas that get a share of a table's requests beside the replicas of that table, so that both can be compared. Immutable, like the table that
/// it belongs to: see <see cref="ReplicaTable.Canary"/>. It only gets GET and HEAD, and what it fails is asked again of a replica of the table.
/// </summary>
internal sealed class Canary
{
    /// <summary>The share that is all requests.</summary>
    internal const int Whole = 10_000;

    /// <param name="table">The new replicas, those in rotation alone; without any of them, all requests go to the old ones.</param>
    /// <param name="share">How many of ten thousand requests, or clients, it gets: 1 to <see cref="Whole"/>.</param>
    /// <param name="by">What decides that.</param>
    /// <param name="figures">Where the loops count for the comparison; the same object in each table of one deploy.</param>
    internal Canary(ReplicaTable table, int share, CanaryBy by, CanaryFigures figures)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(share, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, Whole);
        (Table, Share, By, Figures) = (table, share, by, figures);
    }

    /// <summary>The new replicas.</summary>
    internal ReplicaTable Table { get; }

    /// <summary>Of ten thousand.</summary>
    internal int Share { get; }

    internal CanaryBy By { get; }

    internal CanaryFigures Figures { get; }
}
