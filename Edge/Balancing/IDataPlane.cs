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
    /// <returns>True where every request finished, false where one had to be cut.</returns>
    Task<bool> ReleaseAsync(Replica replica, TimeSpan timeout);
}
