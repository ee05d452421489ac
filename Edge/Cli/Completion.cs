namespace Edge.Cli;

/// <summary>The functions for a shell that <c>edge completion</c> prints, made from <see cref="Verbs"/>.</summary>
internal static class Completion
{
    // The options that a shell can complete: those that do not contain their value.
    private static IEnumerable<VerbOption> Serving => Verbs.Serving.Where(option => option.Value.Length > 0);

    private static string ServingOptions => string.Join(' ', Serving.Select(option => option.Name));

    /// <summary>Writes the completion for a shell; false if there is none for it.</summary>
    internal static bool Write(string shell, TextWriter output)
    {
        string? script = shell switch
        {
            "bash" => Bash(),
            "zsh" => Zsh(),
            "fish" => Fish(),
            _ => null,
        };
        output.Write(script);
        return script is not null;
    }

    private static string OptionsOf(Verb verb) =>
        string.Join(' ', verb.Options.Concat(verb.IsClient ? Verbs.ClientOptions : []).Select(option => option.Name)
            .Concat(verb.TakesOptions ? [ServingOptions] : []).Concat(WordsOf(verb)));

    private static IEnumerable<string> WordsOf(Verb verb) =>
        verb.Name == Verbs.Help ? Verbs.Named.Select(other => other.Name).Append(Verbs.EveryOption) : verb.Words;

    private static string Lines(Func<Verb, string> line) => string.Join('\n', Verbs.Named.Select(line));

    private static string Bash() => $$"""
        # edge: completion for bash. Load it with: source <(edge completion bash)
        _edge() {
            local word=${COMP_WORDS[COMP_CWORD]} words
            if ((COMP_CWORD == 1)); then
                words="{{string.Join(' ', Verbs.Named.Select(verb => verb.Name))}} {{ServingOptions}} --takeover --help --version"
            else
                case ${COMP_WORDS[1]} in
        {{Lines(verb => $"            {verb.Name}) words=\"{OptionsOf(verb)}\" ;;")}}
                    -*) words="{{ServingOptions}}" ;;
                    *) words= ;;
                esac
                # The names of replicas, of the balancer that would be asked.
                if [[ ${COMP_WORDS[1]} == rm && $word != -* ]]; then words+=" $("${COMP_WORDS[0]}" rep 2>/dev/null)"; fi
            fi
            mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
        }
        complete -F _edge edge

        """;

    private static string Zsh() => $$"""
        #compdef edge
        # edge: completion for zsh. Load it with: source <(edge completion zsh)
        _edge() {
            local -a verbs options
            if ((CURRENT == 2)); then
                verbs=(
        {{Lines(verb => $"            '{verb.Name}:{verb.Description}'")}}
                    '--takeover:take the place of the balancer at the same address'
                    '--help:say what there is'
                    '--version:say which this is'
                )
                _describe 'verb' verbs
                compadd -- {{ServingOptions}}
                return
            fi
            case ${words[2]} in
        {{Lines(verb => $"        {verb.Name}) options=({OptionsOf(verb)}) ;;")}}
                -*) options=({{ServingOptions}}) ;;
            esac
            if [[ ${words[2]} == rm && ${words[CURRENT]} != -* ]]; then options+=(${(f)"$(${words[1]} rep 2>/dev/null)"}); fi
            compadd -- $options
        }
        compdef _edge edge

        """;

    private static string Fish() => $$"""
        # edge: completion for fish. Load it with: edge completion fish | source
        complete -c edge -f
        {{Lines(verb => $"complete -c edge -n __fish_use_subcommand -a {verb.Name} -d '{verb.Description}'")}}
        complete -c edge -n __fish_use_subcommand -l takeover -l help -l version
        {{string.Join('\n', Serving.Select(option => $"complete -c edge -n __fish_use_subcommand -l {option.Name[2..]} -r"))}}
        {{string.Join('\n', Verbs.Named.SelectMany(FishOptions))}}
        complete -c edge -n '__fish_seen_subcommand_from rm' -a '(edge rep 2>/dev/null)'

        """;

    private static IEnumerable<string> FishOptions(Verb verb)
    {
        string when = $"complete -c edge -n '__fish_seen_subcommand_from {verb.Name}'";
        IEnumerable<VerbOption> options = verb.Options.Concat(verb.IsClient ? Verbs.ClientOptions : [])
            .Concat(verb.TakesOptions ? Serving : []);
        return options.Select(option => option.Name.StartsWith("--", StringComparison.Ordinal)
                ? $"{when} -l {option.Name[2..]}{(option.Value.Length == 0 ? "" : " -r")}" : $"{when} -s {option.Name[1..]} -r")
            .Concat(WordsOf(verb).Select(word => $"{when} -a {word}"));
    }
}
