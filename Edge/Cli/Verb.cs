namespace Edge.Cli;

/// <summary>Something that <c>edge</c> can be asked to do.</summary>
/// <param name="Name">The first argument; empty for serving, which needs none.</param>
/// <param name="Arguments">What may follow, as a reader writes it.</param>
/// <param name="Description">What it does.</param>
/// <param name="Options">Options of its own, beside those of all client verbs.</param>
internal sealed record Verb(string Name, string Arguments, string Description, params VerbOption[] Options)
{
    /// <summary>Whether it calls a balancer that runs.</summary>
    internal bool IsClient { get; init; } = true;

    /// <summary>Whether it takes what serving takes.</summary>
    internal bool TakesOptions { get; init; }

    /// <summary>What may follow it instead of an option.</summary>
    internal IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>More about it, in sentences; may be empty.</summary>
    internal string Details { get; init; } = "";

    /// <summary>Calls that make sense.</summary>
    internal IReadOnlyList<string> Examples { get; init; } = [];
}
