namespace Edge.Config;

/// <summary>A network that a new container joins.</summary>
/// <param name="Network">Its name.</param>
/// <param name="Alias">Under which others find the container there, beside its name; null for no further one.</param>
internal sealed record NetworkAlias(string Network, string? Alias);
