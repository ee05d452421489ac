using Edge.Config;
using Edge.Control;

namespace Edge.Cli;

/// <summary>The arguments of a client verb.</summary>
/// <param name="Verb">rep, add, rm, deploy, status, certificates, top, reload or healthcheck.</param>
/// <param name="Count">How many; null if the names say it.</param>
/// <param name="Names">The names of the replicas.</param>
/// <param name="Weight">Of the added replicas.</param>
/// <param name="Url">Where the balancer is; null if the environment or the options say it.</param>
/// <param name="Token">The token; null if the environment or the options say it.</param>
/// <param name="Json">Whether the answer is printed as it came.</param>
internal sealed record ClientArguments(
    string Verb,
    int? Count,
    IReadOnlyList<string> Names,
    int? Weight,
    string? Url,
    string? Token,
    bool Json)
{
    /// <summary>The service that is asked or changed; null for the default one.</summary>
    internal string? Service { get; private init; }

    /// <summary>How many percent of the requests the first replica of a new version gets; null for what the balancer's options say.</summary>
    internal int? Canary { get; private init; }

    /// <summary>Whether a new version is compared with the old one.</summary>
    internal bool IsJudged { get; private init; } = true;

    /// <summary>Whether an image is deployed that serves already.</summary>
    internal bool IsForced { get; private init; }

    /// <summary>Whether an image is pulled though there is one of its name.</summary>
    internal bool Pulls { get; private init; }

    /// <summary>Whether the end of a deploy is not waited for.</summary>
    internal bool Detached { get; private init; }

    /// <summary>Between which bounds the number of replicas is to follow the load; null where they are not to change.</summary>
    internal ScaleBody? Bounds { get; private init; }

    /// <summary>The file with the balancer's options; null for the usual files.</summary>
    internal string? Config { get; private init; }


    /// <summary>Reads the arguments behind the verb. Returns null, with the reason, if they are not understood.</summary>
    internal static ClientArguments? Parse(string verb, IReadOnlyList<string> arguments, out string mistake)
    {
        var parsed = new ClientArguments(verb, null, [], null, null, null, false);
        mistake = "";
        bool changes = verb is "add" or "rm";
        bool deploys = verb == "deploy";
        bool isOfService = changes || deploys || verb is "rep" or "top" or "pause" or "stop" or "resume" or "scale" or "sleep" or "wake";
        var rest = new Queue<string>(arguments);
        while (mistake.Length == 0 && rest.TryDequeue(out string? argument))
        {
            (string option, string? value) = Split(argument);
            parsed = option switch
            {
                "--json" when value is null => parsed with { Json = true },
                "--url" => parsed with { Url = Value(option, value, rest, ref mistake) },
                "--token" => parsed with { Token = Value(option, value, rest, ref mistake) },
                OptionArguments.ConfigFile => parsed with { Config = Value(option, value, rest, ref mistake) },
                "--service" when isOfService => parsed with { Service = Value(option, value, rest, ref mistake) },
                "-n" when changes => parsed with { Count = Number(option, value, rest, int.MaxValue, ref mistake) },
                "--weight" when verb == "add" => parsed with { Weight = Number(option, value, rest, Limits.WeightAtMost, ref mistake) },
                "--canary" when deploys => parsed with { Canary = Number(option, value, rest, Limits.CanaryPercent, ref mistake, least: 0) },
                "--no-judge" when deploys && value is null => parsed with { IsJudged = false },
                "--force" when deploys && value is null => parsed with { IsForced = true },
                "--pull" when deploys && value is null => parsed with { Pulls = true },
                "--detach" when deploys && value is null => parsed with { Detached = true },
                _ when verb == "scale" && parsed.Bounds is null && !argument.StartsWith('-') => parsed with { Bounds = BoundsOf(argument, ref mistake) },
                _ when (changes || deploys) && !argument.StartsWith('-') => parsed with { Names = [.. parsed.Names, argument] },
                _ => Unknown(parsed, argument, ref mistake),
            };
        }

        if (mistake.Length == 0 && deploys && parsed.Names.Count != 1)
        {
            mistake = $"edge deploy needs one image, or one of {string.Join(", ", DeployVerb.Words)}; see edge deploy --help";
        }

        return mistake.Length == 0 ? parsed : null;
    }

    // 1-4, or 4 alone for the maximum, or off.
    private static ScaleBody? BoundsOf(string text, ref string mistake)
    {
        const int Most = Limits.Replicas / 2;
        int dash = text.IndexOf('-', StringComparison.Ordinal);
        if (text == "off")
        {
            return new ScaleBody(null, 0);
        }

        if (OptionValues.TryParseInteger(text[(dash + 1)..], 1, Most, out int maximum))
        {
            if (dash < 0)
            {
                return new ScaleBody(null, maximum);
            }

            if (OptionValues.TryParseInteger(text[..dash], 0, maximum, out int minimum))
            {
                return new ScaleBody(minimum, maximum);
            }
        }

        mistake = $"the bounds are \"{text}\"; allowed is 1-4, the second number up to {Most} and no smaller than the first; or the second alone, or off";
        return null;
    }

    private static (string Option, string? Value) Split(string argument)
    {
        int equals = argument.StartsWith("--", StringComparison.Ordinal) ? argument.IndexOf('=', StringComparison.Ordinal) : -1;
        return equals < 0 ? (argument, null) : (argument[..equals], argument[(equals + 1)..]);
    }

    private static string Value(string option, string? given, Queue<string> rest, ref string mistake)
    {
        if (given is not null || rest.TryDequeue(out given))
        {
            return given;
        }

        mistake = $"{option} needs a value";
        return "";
    }

    private static int Number(string option, string? given, Queue<string> rest, int most, ref string mistake, int least = 1)
    {
        int number = 0;
        string text = Value(option, given, rest, ref mistake);
        if (mistake.Length > 0 || OptionValues.TryParseInteger(text, least, most, out number))
        {
            return number;
        }

        mistake = $"{option} is \"{text}\"; allowed is an integer from {least}" + (most == int.MaxValue ? "" : $" to {most}");
        return 0;
    }

    private static ClientArguments Unknown(ClientArguments parsed, string argument, ref string mistake)
    {
        string option = Split(argument).Option;
        IEnumerable<string> known = Verbs.Find(parsed.Verb)!.Options.Concat(Verbs.ClientOptions).Select(candidate => candidate.Name);
        string meant = option.StartsWith('-') && Nearest.Of(option, known) is { } nearest ? $"; {nearest} is one of its arguments" : "";
        mistake = $"{option} is not understood by edge {parsed.Verb}{meant}";
        return parsed;
    }
}
