namespace Edge.Routing;

/// <summary>What the fleet of one service may ask of the loops that forward requests. All members may be called from any thread.</summary>
internal interface IDataPlane
{
    /// <summary>How many event loops there are; each counts for itself.</summary>
    int Loops { get; }

    /// <summary>Where the fleet's replicas get their slots in the loops' arrays; all fleets of the process share it.</summary>
    SlotAllocator Slots { get; }

    /// <summary>
    /// Makes a table the one that the service's requests are picked from. A loop in the middle of a turn finishes it with the old table, unless it lets
    /// go of a replica in that turn.
    /// </summary>
    void Publish(ReplicaTable table);

    /// <summary>
    /// Moves requests that wait for a response of a replica to other replicas, if their clients have seen nothing and a repetition is safe; others
    /// stay. For an unhealthy replica that is in no published table any more. Returns at once.
    /// </summary>
    void Relieve(Replica replica);

    /// <summary>
    /// What is asked of the service, if its table says that it is measured; null where the loops have ended. Has each loop turn once, so that what is in
    /// flight counts until now.
    /// </summary>
    Task<LoadFigures?> LoadAsync();

    /// <summary>Observes what the clients of all loops see, from now until something has happened.</summary>
    /// <param name="happening">What is awaited; called when every loop observes.</param>
    Task<ClientView> ObserveAsync(Func<Task> happening);

    /// <summary>
    /// Lets go of a replica that is in no published table any more: closes its pooled connections, and waits until no loop has a request in flight on
    /// it. Requests that are left after the timeout are cut. When this returns, no loop uses the replica, and its slot may be given to another one.
    /// </summary>
    /// <param name="replica">Which.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="isLost">Whether the replica has died: then cut requests are its failure, otherwise that of the drain.</param>
    Task<DrainReport> ReleaseAsync(Replica replica, TimeSpan timeout, bool isLost = false);
}
