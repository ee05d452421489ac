namespace Edge.Fleet;

/// <summary>
/// The weights of a table while some of its replicas are new or back: caches are cold and pools empty, so that a full share
/// at once may be too much. Pure.
/// </summary>
internal static class SlowStart
{
    /// <summary>In how many steps the share grows to the full one.</summary>
    internal const int Steps = 10;

    /// <summary>How far a replica has come, 1 to <see cref="Steps"/>.</summary>
    /// <param name="elapsed">In rotation so far.</param>
    /// <param name="length">Of the whole ramp.</param>
    internal static int StepOf(TimeSpan elapsed, TimeSpan length) =>
        elapsed >= length ? Steps : 1 + (int)((Steps - 1) * Math.Max(0, elapsed / length));

    /// <summary>
    /// What to build a table with: the full weights where nothing ramps up; else, on a finer scale, those that do with less.
    /// </summary>
    /// <param name="replicas">Full weight and step of each.</param>
    internal static int[] Weights(IReadOnlyCollection<(int Weight, int Step)> replicas) =>
        replicas.All(r => r.Step == Steps)
            ? [.. replicas.Select(r => r.Weight)]
            : [.. replicas.Select(r => r.Weight * r.Step)];
}
