namespace Edge.Control;

/// <summary>Something that looks like a replica and is ignored.</summary>
/// <param name="Name">Of the container.</param>
/// <param name="Why">The reason, and what to change.</param>
internal sealed record IgnoredReport(string Name, string Why);
