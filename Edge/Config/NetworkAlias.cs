namespace Edge.Config;

/// <summary>A network that a new container joins.</summary>
/// <param name="Network">Its name.</param>
/// <param name="Alias">One more name by which others find the container there; null for none.</param>
internal sealed record NetworkAlias(string Network, string? Alias);
