namespace Edge.Cli;

/// <summary>An argument of a verb.</summary>
/// <param name="Name">With its dashes.</param>
/// <param name="Value">A word for the value that follows it; empty if none follows.</param>
/// <param name="Description">What it does.</param>
internal sealed record VerbOption(string Name, string Value, string Description);
