namespace Edge.Balancing;

/// <summary>What the control plane may ask of the loops that forward requests. All members may be called from any thread.</summary>
internal interface IDataPlane
{
    /// <summary>How many event loops there are; each counts on its own.</summary>
    int Loops { get; }

    /// <summary>Makes a table the one that requests are picked from. A loop in the middle of a turn finishes it with the old one.</summary>
    void Publish(ReplicaTable table);

    /// <summary>
    /// Lets go of a replica that is in no published table any more: closes its pooled connections and waits until no
    /// loop has a request in flight on it; what is still there after the timeout is cut. When this returns, no loop
    /// refers to the replica, and its slot may be given to another.
    /// </summary>
    Task<DrainReport> ReleaseAsync(Replica replica, TimeSpan timeout);
}

/// <summary>What became of the requests that were in flight on a replica when it was let go of.</summary>
/// <param name="Finished">Those that got their answer, or whose client left.</param>
/// <param name="Retried">Those that went on to another replica.</param>
/// <param name="Cut">Those that failed.</param>
/// <param name="LongestMilliseconds">How long the last of them took.</param>
internal readonly record struct DrainReport(long Finished, long Retried, long Cut, long LongestMilliseconds)
{
    public static DrainReport operator +(DrainReport a, DrainReport b) => new(
        a.Finished + b.Finished, a.Retried + b.Retried, a.Cut + b.Cut, Math.Max(a.LongestMilliseconds, b.LongestMilliseconds));
}
