namespace Edge.Fleet;

/// <summary>
/// What a deploy of an earlier process has left: found from the driver's first list alone, because there is no other memory. Pure.
/// </summary>
/// <param name="Kind">How far it had come.</param>
/// <param name="Generation">Of the new replicas.</param>
/// <param name="Replaces">Of the old ones.</param>
/// <param name="Size">How many replicas the new version is to have.</param>
/// <param name="Image">Of the new replicas.</param>
/// <param name="OldImage">Of the old ones; null if it is not known.</param>
/// <param name="OldConfigured">What the old ones say of that, if a deploy made them; null if not.</param>
/// <param name="Configured">The image that the options named at that time; empty if they named none.</param>
internal sealed record DeployRemains(
    DeployRemainsKind Kind, int Generation, int Replaces, int Size, ReplicaImage Image, ReplicaImage? OldImage, string? OldConfigured, string Configured)
{
    /// <summary>Null if the last deploy is over, or there was none.</summary>
    internal static DeployRemains? Of(ReplicaListing listing)
    {
        List<Unit> made = [.. listing.Running.Where(r => r.Origin == ReplicaOrigin.Made).Select(r => new Unit(r.Generation, r.Mark, r.Image, Runs: true)),
            .. listing.Ended.Where(r => r.Origin == ReplicaOrigin.Made).Select(r => new Unit(r.Generation, r.Mark, r.Image, Runs: false))];
        if (made.Where(u => u is { Mark: not null, Image: not null }).MaxBy(u => u.Generation) is not { Mark: { } mark, Generation: { } generation } newest)
        {
            return null;
        }

        // Whatever was there before was replaced, also where it had different generations, or none.
        List<Unit> old = [.. made.Where(u => IsOlder(u.Generation, generation))];
        List<Unit> fresh = [.. made.Where(u => u.Generation == generation)];
        if (old.Count == 0)
        {
            return null;
        }

        bool hasLead = fresh.Exists(u => u.Mark?.IsLead == true);
        bool isAlone = fresh.Count == 1 && mark.Size > 1;

        // Of a single replica the next one is lead and all others at once: only what runs shows which of the two serves.
        DeployRemainsKind kind = !old.Exists(u => u.Runs) && fresh.Exists(u => u.Runs) ? DeployRemainsKind.Promoted
            : !hasLead ? DeployRemainsKind.Aborted
            : isAlone || mark.Size == 1 ? DeployRemainsKind.Undecided
            : old.Exists(u => u.Runs) || fresh.Count < mark.Size ? DeployRemainsKind.Passed
            : DeployRemainsKind.Promoted;
        ReplicaImage? oldImage = old.Find(u => u.Image is not null)?.Image;
        string? oldConfigured = old.Find(u => u.Mark is not null)?.Mark?.Configured;
        return new DeployRemains(kind, generation, mark.Replaces, mark.Size, newest.Image!, oldImage, oldConfigured, mark.Configured);
    }

    /// <summary>Whether a replica that does not run is to stay so, though the balancer made it: it is kept for a rollback.</summary>
    internal bool Keeps(ReplicaSpec ended) =>
        Kind == DeployRemainsKind.Promoted && ended.Origin == ReplicaOrigin.Made && IsOlder(ended.Generation, Generation);

    /// <summary>Whether a replica that the balancer made is of a version before another one.</summary>
    internal static bool IsOlder(int? generation, int than) => (generation ?? 0) < than;

    private sealed record Unit(int? Generation, DeployMark? Mark, ReplicaImage? Image, bool Runs);
}
