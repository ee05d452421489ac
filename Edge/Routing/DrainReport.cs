namespace Edge.Routing;

/// <summary>What became of the requests that were in flight on a replica when it was let go of.</summary>
/// <param name="Finished">Requests that got their response, or whose client left.</param>
/// <param name="Retried">Requests that went on to another replica.</param>
/// <param name="Cut">Requests that failed.</param>
/// <param name="LongestMilliseconds">How long the last of them took.</param>
internal readonly record struct DrainReport(long Finished, long Retried, long Cut, long LongestMilliseconds)
{
    public static DrainReport operator +(DrainReport a, DrainReport b) => new(
        a.Finished + b.Finished, a.Retried + b.Retried, a.Cut + b.Cut, Math.Max(a.LongestMilliseconds, b.LongestMilliseconds));
}
