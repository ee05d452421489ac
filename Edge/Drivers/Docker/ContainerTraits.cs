namespace Edge.Drivers;

/// <summary>What of a container never changes, and the engine's lists do not say.</summary>
/// <param name="StopSignal">What it is asked to end by: a name, or empty for SIGTERM.</param>
/// <param name="StopTimeout">How long the engine waits for that; null where the container does not say.</param>
/// <param name="ExposedPorts">The TCP ports that its image and it name as theirs.</param>
/// <param name="StartPeriod">For how long its HEALTHCHECK may fail at first.</param>
/// <param name="Created">When it was made.</param>
internal sealed record ContainerTraits(string StopSignal, TimeSpan? StopTimeout, IReadOnlyList<int> ExposedPorts, TimeSpan StartPeriod, DateTimeOffset Created)
{
    internal static readonly ContainerTraits None = new("", null, [], TimeSpan.Zero, default);
}
