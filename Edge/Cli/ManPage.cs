using System.Globalization;
using Edge.Config;

namespace Edge.Cli;

/// <summary>Writes the manual page in mdoc(7). docs/edge.1 is its output.</summary>
internal static class ManPage
{
    private const int LineChars = 76;

    internal static void Write(TextWriter output, string version)
    {
        WriteSynopsis(output, version);
        WriteDescription(output);
        WriteOptions(output);
        WriteSurroundings(output);
        WriteExamples(output);
    }

    private static void WriteSynopsis(TextWriter output, string version)
    {
        output.Write($"""
            .\" Written by "edge man"; a test holds this file against it.
            .Dd $Mdocdate$
            .Dt EDGE 1
            .Os Edge {version}
            .Sh NAME
            .Nm edge
            .Nd HTTP load balancer that owns its replicas
            .Sh SYNOPSIS

            """);
        foreach (Verb verb in Verbs.All)
        {
            output.WriteLine(".Nm edge");
            string line = string.Join(' ', new[] { verb.Name, verb.Arguments }.Where(part => part.Length > 0));
            output.WriteLine($".Li {Words(line)}");
        }
    }

    private static void WriteDescription(TextWriter output)
    {
        output.Write("""
            .Sh DESCRIPTION
            Without a verb
            .Nm
            serves: it forwards HTTP requests to replicas,
            and starts, watches, replaces and stops these.
            The verbs are:
            .Bl -tag -width healthcheck

            """);
        foreach (Verb verb in Verbs.Named)
        {
            output.WriteLine($".It Cm {verb.Name}");
            output.WriteLine(Sentence(verb.Description));
            if (verb.Details.Length > 0)
            {
                output.WriteLine(Filled(verb.Details));
            }

            if (verb.Options.Length > 0)
            {
                output.WriteLine(".Bl -tag -width Ds");
                WriteItems(output, verb.Options);
                output.WriteLine(".El");
            }
        }

        output.Write("""
            .El
            .Pp
            Those that call a balancer take:
            .Bl -tag -width "--token TOKEN"

            """);
        WriteItems(output, Verbs.ClientOptions);
    }

    private static void WriteOptions(TextWriter output)
    {
        output.Write($"""
            .El
            .Ss Options
            They come from
            .Pa {OptionSources.MachineFile} ,
            then from
            .Pa appsettings.json
            beside the program and in the current directory
            (or, instead of these three, from the one file that
            .Li \-\-config
            names), then from the environment, then from arguments of the form
            .Li \-\-Edge:Key=value ,
            each overriding those before.
            .Li edge reload
            or
            .Dv SIGHUP
            has a balancer read them again.
            For what is set most there are short arguments:
            .Bl -tag -width "--address HOST:PORT"

            """);
        WriteItems(output, Verbs.Serving);

        output.Write("""
            .El
            .Pp
            All of them:
            .Bl -tag -width Ds

            """);
        foreach (OptionEntry entry in OptionsCatalog.All)
        {
            output.WriteLine(entry.Alias is { } alias ? $".It Li {Words(entry.ShownKey)} , {Words(alias.Name)}" : $".It Li {Words(entry.ShownKey)}");
            output.WriteLine(Filled(entry.Description));
            output.WriteLine(Filled($"Allowed: {entry.Allowed}."));
            output.WriteLine(entry.Default.Length == 0 ? "Empty by default." : Filled($"Default: {entry.Default}."));
        }
    }

    /// <summary>Environment, signals and exit status.</summary>
    private static void WriteSurroundings(TextWriter output)
    {
        output.Write("""
            .El
            .Sh ENVIRONMENT
            .Bl -tag -width EDGE_TOKEN
            .It Ev EDGE_URL , EDGE_TOKEN
            As
            .Li \-\-url
            and
            .Li \-\-token .
            .It Ev EDGE__KEY__OF__AN__OPTION
            Any of the options, with two underscores for each colon.
            .It Ev NO_COLOR
            Where it is set and not empty, there are no colours on a terminal either.
            .It Ev NOTIFY_SOCKET
            Where a service manager, such as systemd, is told of the state of a balancer.
            .El
            .Sh SIGNALS
            .Bl -tag -width Ds
            .It Dv SIGTERM , SIGINT
            A balancer takes no more connections, finishes its requests, and ends.
            .It Dv SIGHUP
            It reads its options again.
            .It Dv SIGUSR2
            It starts the program at its own path anew, which takes its place.
            .El
            .Sh EXIT STATUS
            .Bl -tag -width Ds

            """);
        foreach ((int code, string when) in Verbs.ExitStatus)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $".It {code}"));
            output.WriteLine(Sentence(when));
        }
    }

    private static void WriteExamples(TextWriter output)
    {
        output.Write("""
            .El
            .Sh EXAMPLES

            """);
        foreach (string example in Verbs.Examples.Concat(Verbs.Named.SelectMany(verb => verb.Examples)).Distinct())
        {
            output.WriteLine($".Dl {Words(example)}");
        }

        output.Write("""
            .Sh SEE ALSO
            .Xr curl 1 ,
            .Xr docker 1

            """);
    }

    private static void WriteItems(TextWriter output, IEnumerable<VerbOption> options)
    {
        foreach (VerbOption option in options)
        {
            output.WriteLine(option.Value.Length == 0 ? $".It Li {Words(option.Name)}" : $".It Li {Words(option.Name)} Ar {Words(option.Value)}");
            output.WriteLine(Sentence(option.Description));
        }
    }

    private static string Sentence(string text) => Filled(char.ToUpperInvariant(text[0]) + text[1..] + (text[^1] is '.' or ']' ? "" : "."));

    /// <summary>Fills lines of a bounded length. Each sentence begins a new line, as mdoc demands.</summary>
    private static string Filled(string text)
    {
        var lines = new List<string> { "" };
        foreach (string word in text.Split(' '))
        {
            bool isFull = lines[^1].Length + word.Length > LineChars || lines[^1].EndsWith(". ", StringComparison.Ordinal);
            if (isFull && lines[^1].Length > 0)
            {
                lines.Add("");
            }

            lines[^1] += word + " ";
        }

        return string.Join('\n', lines.Select(line => Plain(line.TrimEnd())));
    }

    // Escapes dashes, and lines that begin like a request of mdoc.
    private static string Plain(string text)
    {
        string plain = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("…", "...", StringComparison.Ordinal);
        return plain.StartsWith('.') || plain.StartsWith('\'') ? "\\&" + plain : plain;
    }

    private static string Words(string text) => Plain(text).Replace("-", "\\-", StringComparison.Ordinal).Replace("|", "\\(ba", StringComparison.Ordinal);
}
