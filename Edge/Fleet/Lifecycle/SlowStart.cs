namespace Edge.Fleet;

/// <summary>
/// The weights of a table while some replicas are new or back. Their caches are cold and their pools empty, so their full share at once may be too
/// much. Pure.
/// </summary>
internal static class SlowStart
{
    /// <summary>The number of steps until the full share.</summary>
    internal const int Steps = 10;

    /// <summary>How far a replica has come, 1 to <see cref="Steps"/>.</summary>
    /// <param name="elapsed">In rotation so far.</param>
    /// <param name="length">Of the whole ramp.</param>
    internal static int StepOf(TimeSpan elapsed, TimeSpan length) =>
        elapsed >= length ? Steps : 1 + (int)((Steps - 1) * Math.Max(0, elapsed / length));

    /// <summary>The weights for a table: the full weights if no share grows; else, on a finer scale, smaller weights for the growing ones.</summary>
    /// <param name="replicas">Full weight and step of each.</param>
    internal static int[] Weights(IReadOnlyCollection<(int Weight, int Step)> replicas) =>
        replicas.All(r => r.Step == Steps)
            ? [.. replicas.Select(r => r.Weight)]
            : [.. replicas.Select(r => r.Weight * r.Step)];
}
