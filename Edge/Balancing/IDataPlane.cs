namespace Edge.Balancing;

/// <summary>What the control plane may ask of the loops that forward requests. All members may be called from any thread.</summary>
internal interface IDataPlane
{
    /// <summary>How many event loops there are; each counts on its own.</summary>
    int Loops { get; }

    /// <summary>Makes a table the one that requests are picked from. A loop in the middle of a turn finishes it with the old one, unless it lets go of a replica in it.</summary>
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

/// <summary>What clients have seen of the balancer in a while.</summary>
/// <param name="Answered">Requests that a replica has answered.</param>
/// <param name="Retried">Attempts that failed, unseen by the client, since another was made.</param>
/// <param name="Failed">Requests that got an error of the balancer's own, or half an answer.</param>
/// <param name="SlowestMilliseconds">The longest that one of them took, from its head to the end of its answer.</param>
internal readonly record struct ClientView(long Answered, long Retried, long Failed, long SlowestMilliseconds)
{
    public static ClientView operator +(ClientView a, ClientView b) => new(
        a.Answered + b.Answered, a.Retried + b.Retried, a.Failed + b.Failed, Math.Max(a.SlowestMilliseconds, b.SlowestMilliseconds));
}
