namespace Edge.Fleet;

/// <summary>Something that looks like a replica and is ignored.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Why">The reason, and what to change.</param>
internal sealed record IgnoredReplica(string Name, string Why);
