using Edge.Config;

namespace Edge.Cli;

/// <summary>All verbs. The help, the manual page and the completions are made from this list.</summary>
internal static class Verbs
{
    internal const string Help = "help";

    internal const string Check = "check";

    internal const string HashPassword = "hash-password";

    /// <summary>A topic of <c>edge help</c> that is not a verb: every option.</summary>
    internal const string EveryOption = "options";

    internal static readonly IReadOnlyList<string> Shells = ["bash", "zsh", "fish"];

    /// <summary>The arguments of serving, in addition to the options.</summary>
    internal static readonly IReadOnlyList<VerbOption> ServingOptions =
    [
        new(OptionArguments.ConfigFile, "FILE", "Reads this file alone, instead of the usual ones; it has to be there."),
        new("--Edge:Key=value", "", "Sets any option; edge help options lists all."),
    ];

    private static readonly VerbOption s_service = new("--service", "NAME", "the service that it is about; without it, the one without a name");

    internal static readonly IReadOnlyList<Verb> All =
    [
        new("", "[ARGUMENT …]", "serve") { IsClient = false },
        new("", $"{OptionArguments.TakeOver} [ARGUMENT …]", "take the place of the balancer at the same address; no client notices") { IsClient = false },
        new(Check, "[ARGUMENT …]", "say all that is wrong with the options, or where each comes from")
        {
            IsClient = false,
            TakesOptions = true,
            Details = "It takes the arguments of serving, and reads the same files and the environment. Beside each value it checks that this machine lets it "
                + "listen at the addresses, has the folder of the access log, and that the certificates can be read and used. It asks neither the container "
                + "engine nor a replica, and changes nothing.",
            Examples = ["edge check", "edge check --config new.json --listen :80"],
        },
        new("rep", "", "list the replicas that run", s_service) { Examples = ["edge rep", "edge rep --url http://10.0.0.1:9000 --json"] },
        new(
            "add", "[-n N] [NAME …] [--weight W]", "add N replicas, the named ones among them",
            new VerbOption("-n", "N", "how many; without it, as many as there are names, and one at least"),
            new VerbOption("--weight", "W", "the share of the requests that each of them gets, 1 to 256; without it 1"),
            s_service)
        {
            Details = "It ends when all of them are in rotation, and prints the replicas that run then. Where one cannot be started, none is added.",
            Examples = ["edge add", "edge add -n 2 blue --weight 3"],
        },
        new(
            "rm", "[-n N] [NAME …]", "remove N replicas, the named ones among them",
            new VerbOption("-n", "N", "how many; without it, as many as there are names, and one at least"),
            s_service)
        {
            Details = "It asks nothing. Which ones it takes beside the named ones is up to chance. Each finishes its requests first. "
                + "It prints the replicas that still run; which ones went, and what became of their requests, is on standard error.",
            Examples = ["edge rm", "edge rm blue", "edge rm -n 2"],
        },
        new(
            "deploy", "IMAGE|WORD", "have another image take the place of the one that serves",
            new VerbOption("--canary", "PERCENT", "how many of a hundred GET requests its first replica gets, 0 to 50"),
            new VerbOption("--no-judge", "", "do not compare it with the version that serves"),
            new VerbOption("--pull", "", "pull the image, though there is one of this name"),
            new VerbOption("--force", "", "deploy it, though it serves already"),
            new VerbOption("--detach", "", "do not wait for its end"),
            s_service)
        {
            Words = DeployVerb.Words,
            Details = "WORD is one of status, pause, resume, promote, abort and rollback, and about the deploy that is under way or the last one. "
                + "It prints each step as it is taken, and ends with 0 when the new version serves, and with 1 where it was taken back or waits for a person. "
                + "The deploy itself goes on when this command is interrupted. For an image whose name is one of the words, add its tag.",
            Examples = ["edge deploy shop:1.4", "edge deploy shop:1.4 --canary 5", "edge deploy rollback"],
        },
        new("pause", "", "have the requests of a service wait", s_service)
        {
            Details = "Requests that a replica has already go on. The others wait in the service's queue, and go to the replicas in their order when "
                + "the service is resumed; one that has waited for Edge:Overload:PauseWait (30s), or finds no room to wait, gets 503. It holds until it is "
                + "resumed, stopped, or the balancer is started anew; a reload and a takeover keep it.",
            Examples = ["edge pause && ./migrate.sh; edge resume", "edge pause --service shop"],
        },
        new("stop", "", "answer the requests of a service with 503", s_service)
        {
            Details = "Browsers get the page of Edge:Answers:MaintenancePage. The replicas run on, and requests that they have already are answered. "
                + "It holds until the service is resumed, or the balancer is started anew; a reload and a takeover keep it. It does not end the balancer: "
                + "a signal does.",
            Examples = ["edge stop", "edge stop --service shop"],
        },
        new("resume", "", "have the requests of a service go to its replicas again", s_service) { Examples = ["edge resume --service shop"] },
        new("scale", "[MIN-MAX|off]", "have the number of replicas follow the load, or show how it does", s_service)
        {
            Details = "Without bounds it shows how many are needed, and why. One number alone is the maximum. A minimum of 0 lets the service sleep when "
                + "nobody asks. off keeps the number that there is. The bounds hold until the balancer is started anew, or its options have other ones; "
                + "Edge:Scale:Minimum and Edge:Scale:Maximum are the place for those that are to stay.",
            Examples = ["edge scale", "edge scale 1-4", "edge scale 0-4 --service shop", "edge scale off"],
        },
        new("sleep", "", "stop all replicas of a service until a request comes", s_service)
        {
            Details = "Requests under way end first. It needs a minimum of 0 (Edge:Scale:Minimum, edge scale 0-4), and replicas that all were made by Edge.",
            Examples = ["edge sleep", "edge sleep --service shop"],
        },
        new("wake", "", "start a service that sleeps; ends when a replica takes requests", s_service) { Examples = ["edge wake --service shop"] },
        new("status", "", "show the balancer and its replicas") { Examples = ["edge status", "edge status --json | jq .message.replicas[].name"] },
        new("certificates", "", "list the certificates that clients see")
        {
            Details = "For each: whom it is for, the kind of its key, how many days it is good, who vouches for it, when it is renewed, which file it is from, "
                + "and why the last attempt to read or renew it failed, if it did.",
            Examples = ["edge certificates", "edge certificates --json | jq '.message.certificates[] | select(.daysLeft < 14)'"],
        },
        new(
            "top", "", "show services and replicas anew each second, until q is pressed",
            new VerbOption("--service", "NAME", "the one service to show, default for the one without a name; without it, all of them"))
        {
            Details = TopView.Keys,
            Examples = ["edge top", "edge top --service shop"],
        },
        new("reload", "", "have the balancer read its options again, as SIGHUP does")
        {
            Details = "All of them take effect, or none does: then it says why, and ends with 1. No connection is closed. "
                + "The token that is sent has to be the one that the balancer has now: where the file has another one already, give the old one as EDGE_TOKEN.",
            Examples = ["edge check && edge reload"],
        },
        new("healthcheck", "", "end with 0 where the balancer runs") { Examples = ["edge healthcheck --url http://127.0.0.1:5000"] },
        new(
            "replica", "[--listen ADDRESS] [--id ID]", "run the built-in replica",
            new VerbOption("--listen", "ADDRESS", "where it listens; without it, at a free port of 127.0.0.1"),
            new VerbOption("--id", "ID", "what it calls itself (or SERVER_ID)"))
        {
            IsClient = false,
            Examples = ["edge replica --listen :8080 --id 1"],
        },
        new(HashPassword, "NAME", "print the item of Edge:Access:Users for a password from standard input")
        {
            IsClient = false,
            Details = "The hash is a fast one, because each loop of the balancer computes it between two requests. So the password has to be a random one, "
                + "of 16 characters at least.",
            Examples = [$"openssl rand -base64 18 | tee /dev/tty | edge {HashPassword} ann"],
        },
        new("completion", "bash|zsh|fish", "print what the shell has to know to complete these")
        {
            IsClient = false,
            Words = Shells,
            Examples = ["source <(edge completion bash)", "edge completion bash > /etc/bash_completion.d/edge"],
        },
        new("man", "", "print the manual page, for man -l -") { IsClient = false, Examples = ["edge man | man -l -"] },
        new(Help, "[VERB|options]", "say what there is, more about a verb, or every option")
        {
            IsClient = false,
            Examples = ["edge help add", "edge help options"],
        },
    ];

    /// <summary>Options of every client verb.</summary>
    internal static readonly IReadOnlyList<VerbOption> ClientOptions =
    [
        new("--url", "URL", "where the balancer is (or EDGE_URL); without it, where its options say that it listens"),
        new("--token", "TOKEN", "its token; without it that of EDGE_TOKEN, which only its owner can read, or what the options say"),
        new(OptionArguments.ConfigFile, "FILE", "the file that its options are in; without it the usual ones"),
        new("--json", "", "print the answer as it came, for a program"),
    ];

    /// <summary>Example calls.</summary>
    internal static readonly IReadOnlyList<string> Examples =
    [
        "edge",
        "edge --listen :80 --image my-app:1.2 --port 3000 --health /healthz --replicas 3",
        "edge --address 10.0.0.1:8001 --address '10.0.0.2:8001;weight=3' --Edge:Timeouts:Drain=1m",
        "edge add -n 2 blue --weight 3",
        "edge check && edge reload",
    ];

    /// <summary>The exit codes, and when they occur.</summary>
    internal static readonly IReadOnlyList<(int Code, string When)> ExitStatus =
    [
        (ExitCodes.Ok, "it did what was asked"),
        (ExitCodes.Refused, "the balancer answered with a refusal"),
        (ExitCodes.Usage, "the arguments or options cannot be used"),
        (ExitCodes.Unavailable, "the balancer cannot be reached; or, serving and checking, it cannot open its port or take over"),
        (ExitCodes.Software, "a mistake in the program"),
    ];

    /// <summary>The verbs with a name.</summary>
    internal static IEnumerable<Verb> Named => All.Where(verb => verb.Name.Length > 0);

    /// <summary>Every argument of serving with its value, the short ones first.</summary>
    internal static IEnumerable<VerbOption> Serving => OptionsCatalog.All.Where(entry => entry.Alias is not null)
        .Select(entry => new VerbOption(entry.Alias!.Name, entry.Alias.Value, entry.Description
            + (entry.IsList || entry.TakesSeveral ? " May be given more than once." : "") + (entry.Default.Length > 0 ? $" [{entry.Default}]" : "")))
        .Concat(ServingOptions);

    /// <summary>The verb with a name; null if there is none.</summary>
    internal static Verb? Find(string name) => Named.FirstOrDefault(verb => verb.Name == name);

    /// <summary>The message for a verb that does not exist.</summary>
    internal static string Unknown(string name) => Nearest.Of(name, Named.Select(verb => verb.Name)) is { } nearest
        ? $"there is no verb \"{name}\"; {nearest} is one"
        : $"there is no verb \"{name}\"; without one edge serves, and edge --help lists them";
}
