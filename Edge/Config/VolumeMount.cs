namespace Edge.Config;

/// <summary>A mount of a new container, as <c>docker run --volume</c> has it.</summary>
/// <param name="Source">A named volume, or a path of the host; null for an anonymous volume.</param>
/// <param name="Target">Where it is in the container: an absolute path.</param>
/// <param name="Modes">ro, rw, z and Z, with commas between; empty where there are none.</param>
internal sealed record VolumeMount(string? Source, string Target, string Modes);
