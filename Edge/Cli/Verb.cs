namespace Edge.Cli;

/// <summary>Something that <c>edge</c> can be asked to do.</summary>
/// <param name="Name">The first argument; empty for serving, which needs none.</param>
/// <param name="Arguments">What may follow, as a reader writes it.</param>
/// <param name="Description">What it does.</param>
/// <param name="Options">Options of its own, beside those of all client verbs.</param>
internal sealed record Verb(string Name, string Arguments, string Description, params string[] Options)
{
    /// <summary>Whether it calls a balancer that runs.</summary>
    internal bool IsClient { get; init; } = true;

    /// <summary>What may follow it instead of an option.</summary>
    internal IReadOnlyList<string> Words { get; init; } = [];
}

/// <summary>All verbs: what the help, the man page and the completions are made from.</summary>
internal static class Verbs
{
    internal static readonly IReadOnlyList<string> Shells = ["bash", "zsh", "fish"];

    internal static readonly IReadOnlyList<Verb> All =
    [
        new("", "[--Edge:Key=value …]", "serve") { IsClient = false },
        new("", "--takeover [--Edge:Key=value …]", "take the place of the balancer at the same address; no client notices") { IsClient = false },
        new("rep", "", "list the replicas that run"),
        new("add", "[-n N] [NAME …] [--weight W]", "add N replicas, the named ones among them", "-n", "--weight"),
        new("rm", "[-n N] [NAME …]", "remove N replicas, the named ones among them", "-n"),
        new("status", "", "show the balancer and its replicas"),
        new("top", "", "show them anew each second, until q is pressed"),
        new("healthcheck", "", "end with 0 where the balancer runs"),
        new("replica", "--listen A:P --id ID", "run the built-in replica", "--listen", "--id") { IsClient = false },
        new("completion", "bash|zsh|fish", "print what the shell has to know to complete these") { IsClient = false, Words = Shells },
        new("man", "", "print the manual page, for man -l -") { IsClient = false },
    ];

    /// <summary>Options of every client verb, with their values and what they are.</summary>
    internal static readonly IReadOnlyList<(string Option, string Value, string Description)> ClientOptions =
    [
        ("--url", "URL", "where the balancer is (or EDGE_URL); without it, where the options below say that it listens"),
        ("--token", "TOKEN", "its token (or EDGE_TOKEN); without it, what the options say"),
        ("--json", "", "print the answer as it came, for a program"),
    ];

    /// <summary>What the program ends with, and when.</summary>
    internal static readonly IReadOnlyList<(int Code, string When)> ExitStatus =
    [
        (ExitCodes.Ok, "it did what was asked"),
        (ExitCodes.Refused, "the balancer answered with a refusal"),
        (ExitCodes.Usage, "the arguments or options cannot be used"),
        (ExitCodes.Unavailable, "the balancer cannot be reached; or, serving, it cannot open its port or take over"),
        (ExitCodes.Software, "a mistake in the program"),
    ];

    /// <summary>Those with a name.</summary>
    internal static IEnumerable<Verb> Named => All.Where(verb => verb.Name.Length > 0);
}
