namespace Edge.Config;

/// <summary>A mount of a new container, in the form of <c>docker run --volume</c>.</summary>
/// <param name="Source">A named volume, or a path of the host; null for an anonymous volume.</param>
/// <param name="Target">The path in the container; absolute.</param>
/// <param name="Modes">ro, rw, z and Z, separated by commas; empty for none.</param>
internal sealed record VolumeMount(string? Source, string Target, string Modes);
