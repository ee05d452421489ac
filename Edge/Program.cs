using System.Net;
using Edge.BuiltInReplica;
using Edge.Cli;
using Edge.Config;
using Edge.Control;
using Edge.Hosting;
using Edge.Io;
using Edge.Telemetry;

namespace Edge;

/// <summary>The entry point: runs the verb of the arguments.</summary>
internal static class Program
{
    internal static async Task<int> Main(string[] args)
    {
        NameService.Confine();
        if (HelpText.TopicOf(args) is { } topic)
        {
            return HelpText.Write(topic, Console.Out, Console.Error);
        }

        switch (args.FirstOrDefault())
        {
            case "--version":
                Console.WriteLine($"edge {Build.Current.Version}");
                Console.WriteLine($"with {Build.Current.Tls}");
                return ExitCodes.Ok;
            case "replica":
                return Replica(args[1..]);
            case "completion":
                return Complete(args[1..]);
            case Successor.AttendVerb:
                return await Successor.AttendAsync(args[1..]);
            case Verbs.HashPassword:
                return PasswordVerb.Run(args[1..], Console.In, Console.Out, Console.Error);
            case "man":
                ManPage.Write(Console.Out, Build.Current.Version);
                return ExitCodes.Ok;
            case Verbs.Check:
                return CheckVerb.Run(OptionsLoader.Load(SourcesOf(args[1..])), Console.Out, Console.Error);
            case { } verb when Verbs.Find(verb) is { IsClient: true }:
                return await CallAsync(verb, args[1..]);
            case [not '-', ..] unknown:
                Console.Error.WriteLine($"edge: {Verbs.Unknown(unknown)}");
                return ExitCodes.Usage;
            default:
                return await ServeAsync(SourcesOf(args), args.Contains(OptionArguments.TakeOver));
        }
    }

    private static OptionSources SourcesOf(string[] arguments) => OptionSources.OfProcess([.. arguments.Where(a => a != OptionArguments.TakeOver)]);

    private static async Task<int> ServeAsync(OptionSources sources, bool takesOver)
    {
        // Called before other threads exist.
        Privileges.Confine();
        using BackgroundWriter output = new(Console.OpenStandardOutput()), errors = new(Console.OpenStandardError());
        var log = new Log(errors, TimeProvider.System);
        output.Lost += lost => log.Warning("output_lost", ("pieces", lost), ("of", "stdout"));
        errors.Lost += lost => log.Warning("output_lost", ("pieces", lost), ("of", "stderr"));
        Console.SetOut(output);
        Console.SetError(errors);
        AppDomain.CurrentDomain.UnhandledException += (_, crash) =>
        {
            log.Error("crashed", ("thread", Thread.CurrentThread.Name), ("why", crash.ExceptionObject));

            // The process ends with this call, so its last lines are written first.
            errors.Dispose();
        };
        using NotifySocket? manager = ServiceManager(log);
        LoadedOptions loaded = OptionsLoader.Load(sources);
        foreach (OptionMistake mistake in loaded.Mistakes)
        {
            Console.Error.WriteLine($"edge: {mistake}");
        }

        return loaded.Options is null ? ExitCodes.Usage : await EdgeHost.ServeAsync(loaded, sources, takesOver, manager, log);
    }

    /// <summary>The service manager's socket; null if there is none, or if it cannot be used.</summary>
    private static NotifySocket? ServiceManager(Log log)
    {
        try
        {
            return NotifySocket.OfProcess();
        }
        catch (IOException unusable)
        {
            log.Warning("notify_failed", ("why", unusable.Message));
            return null;
        }
    }

    private static async Task<int> CallAsync(string verb, IReadOnlyList<string> arguments)
    {
        if (ClientArguments.Parse(verb, arguments, out string mistake) is not { } parsed)
        {
            Console.Error.WriteLine($"edge: {mistake}; see edge {verb} --help");
            return ExitCodes.Usage;
        }

        LoadedOptions Load() => OptionsLoader.Load(
            OptionSources.OfProcess(parsed.Config is { } file ? [OptionArguments.ConfigFile, file] : []), OptionFileReads.None);
        return ClientTarget.Find(parsed, Environment.GetEnvironmentVariable, Load, Console.Error) is { } target
            ? await new Client(Console.Out, Console.Error, Terminal.OfProcess()).RunAsync(parsed, target, CancellationToken.None)
            : ExitCodes.Usage;
    }

    private static int Complete(string[] arguments)
    {
        if (arguments.Length == 1 && Completion.Write(arguments[0], Console.Out))
        {
            return ExitCodes.Ok;
        }

        Console.Error.WriteLine($"edge: completion needs the name of a shell: {string.Join(", ", Verbs.Shells)}; see edge completion --help");
        return ExitCodes.Usage;
    }

    private static int Replica(string[] arguments)
    {
        IPEndPoint listen = new(IPAddress.Loopback, 0);
        string id = Environment.GetEnvironmentVariable("SERVER_ID") ?? "";
        string image = "";
        bool endWithStdin = false;
        for (int i = 0; i < arguments.Length; i++)
        {
            string? value = i + 1 < arguments.Length ? arguments[i + 1] : null;
            switch (arguments[i])
            {
                case "--end-with-stdin":
                    endWithStdin = true;
                    continue;
                case "--id" when value is not null:
                    id = value;
                    i++;
                    continue;
                case "--image" when value is not null:
                    image = value;
                    i++;
                    continue;
                case "--listen" when value is not null && OptionValues.ParseEndpoint(value) is { } endpoint:
                    listen = endpoint;
                    i++;
                    continue;
                default:
                    Console.Error.WriteLine($"edge: {arguments[i]} is not understood by edge replica; see edge replica --help");
                    return ExitCodes.Usage;
            }
        }

        return ReplicaServer.Run(listen, id, image, endWithStdin);
    }
}
