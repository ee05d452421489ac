namespace Edge.Cli;

/// <summary>A verb of the command <c>edge</c>.</summary>
/// <param name="Name">The first argument; empty for serving, which needs none.</param>
/// <param name="Arguments">What may follow, in the notation of the help.</param>
/// <param name="Description">What it does.</param>
/// <param name="Options">Its own options, in addition to those of all client verbs.</param>
internal sealed record Verb(string Name, string Arguments, string Description, params VerbOption[] Options)
{
    /// <summary>Whether it calls a running balancer.</summary>
    internal bool IsClient { get; init; } = true;

    /// <summary>Whether it takes the options of serving.</summary>
    internal bool TakesOptions { get; init; }

    /// <summary>Words that may follow it instead of an option.</summary>
    internal IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>More about it, in sentences; may be empty.</summary>
    internal string Details { get; init; } = "";

    /// <summary>Example calls.</summary>
    internal IReadOnlyList<string> Examples { get; init; } = [];
}
