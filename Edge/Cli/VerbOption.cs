namespace Edge.Cli;

/// <summary>An argument of a verb.</summary>
/// <param name="Name">With its dashes.</param>
/// <param name="Value">What follows it, in a word; empty where nothing does.</param>
/// <param name="Description">What it does.</param>
internal sealed record VerbOption(string Name, string Value, string Description);
