namespace Edge.Config;

/// <summary>A short argument for a key.</summary>
/// <param name="Name">With its dashes.</param>
/// <param name="Value">A word for its value, for readers.</param>
internal sealed record OptionAlias(string Name, string Value);
