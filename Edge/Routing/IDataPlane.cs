namespace Edge.Routing;

/// <summary>What the fleet of one service may ask of the loops that forward requests. All members may be called from any thread.</summary>
internal interface IDataPlane
{
    /// <summary>How many event loops there are; each counts on its own.</summary>
    int Loops { get; }

    /// <summary>Where the fleet's replicas get their slots in the loops' arrays; all fleets of the process share it.</summary>
    SlotAllocator Slots { get; }

    /// <summary>Makes a table the one that the service's requests are picked from. A loop in the middle of a turn finishes it with the old one, unless it lets go of a replica in it.</summary>
    void Publish(ReplicaTable table);

    /// <summary>
    /// Sends requests that wait for an answer of a replica to another one, where the client has seen nothing and acting twice
    /// is safe; the others stay. For a replica that is unwell, and in no published table any more. Returns at once.
    /// </summary>
    void Relieve(Replica replica);

    /// <summary>What clients see from now until something has happened, over all loops.</summary>
    /// <param name="happening">What is waited for; called when every loop looks.</param>
    Task<ClientView> ObserveAsync(Func<Task> happening);

    /// <summary>
    /// Lets go of a replica that is in no published table any more: closes its pooled connections and waits until no
    /// loop has a request in flight on it; what is still there after the timeout is cut. When this returns, no loop
    /// refers to the replica, and its slot may be given to another.
    /// </summary>
    /// <param name="replica">Which.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="isLost">Whether it has died, so that what is cut is its failure; else the drain's.</param>
    Task<DrainReport> ReleaseAsync(Replica replica, TimeSpan timeout, bool isLost = false);
}
