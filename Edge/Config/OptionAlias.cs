namespace Edge.Config;

/// <summary>A short argument for a key.</summary>
/// <param name="Name">With its dashes.</param>
/// <param name="Value">What follows it, in a word that a reader understands.</param>
internal sealed record OptionAlias(string Name, string Value);
