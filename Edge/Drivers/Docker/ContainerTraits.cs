namespace Edge.Drivers;

/// <summary>The properties of a container that never change, and that the engine's lists do not contain.</summary>
/// <param name="StopSignal">The signal that asks it to end: a name, or empty for SIGTERM.</param>
/// <param name="StopTimeout">How long the engine waits for its end; null if the container does not say.</param>
/// <param name="ExposedPorts">The TCP ports that the container and its image name.</param>
/// <param name="StartPeriod">How long its HEALTHCHECK may fail at first.</param>
/// <param name="Created">When it was made.</param>
internal sealed record ContainerTraits(string StopSignal, TimeSpan? StopTimeout, IReadOnlyList<int> ExposedPorts, TimeSpan StartPeriod, DateTimeOffset Created)
{
    internal static readonly ContainerTraits None = new("", null, [], TimeSpan.Zero, default);
}
