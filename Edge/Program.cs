using System.Net;
using System.Reflection;
using Edge.BuiltInReplica;
using Edge.Cli;
using Edge.Io;
using Edge.Observability;
using Edge.Options;

namespace Edge;

/// <summary>The verbs.</summary>
internal static class Program
{
    private const string TakeoverArgument = "--takeover";

    internal static string Version =>
        typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Of the sources that it was built from.</summary>
    internal static string Commit => typeof(Program).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(m => m.Key == "Commit")?.Value is { Length: > 0 } commit ? commit : "unknown";

    internal static async Task<int> Main(string[] args)
    {
        NameService.Confine();
        switch (args.FirstOrDefault())
        {
            case "--help" or "-h" or "help":
                HelpText.Write(Console.Out);
                return ExitCodes.Ok;
            case "--version":
                Console.WriteLine($"edge {Version}");
                return ExitCodes.Ok;
            case "replica":
                return Replica(args[1..]);
            case "completion":
                return Complete(args[1..]);
            case Successor.AttendVerb:
                return await Successor.AttendAsync(args[1..]);
            case "man":
                ManPage.Write(Console.Out, Version);
                return ExitCodes.Ok;
            case { } verb when Verbs.All.Any(known => known.IsClient && known.Name == verb):
                return await CallAsync(verb, args[1..]);
            default:
                return await ServeAsync(OptionSources.OfProcess([.. args.Where(a => a != TakeoverArgument)]), args.Contains(TakeoverArgument));
        }
    }

    private static async Task<int> ServeAsync(OptionSources sources, bool takesOver)
    {
        // Before there are other threads.
        Privileges.Confine();
        using BackgroundWriter output = new(Console.OpenStandardOutput()), errors = new(Console.OpenStandardError());
        var log = new Log(errors, TimeProvider.System);
        output.Lost += lost => log.Warning("output_lost", ("pieces", lost), ("of", "stdout"));
        errors.Lost += lost => log.Warning("output_lost", ("pieces", lost), ("of", "stderr"));
        Console.SetOut(output);
        Console.SetError(errors);
        using NotifySocket? manager = ServiceManager(log);
        LoadedOptions loaded = OptionsLoader.Load(sources);
        foreach (OptionMistake mistake in loaded.Mistakes)
        {
            Console.Error.WriteLine($"edge: {mistake}");
        }

        return loaded.Options is null ? ExitCodes.Usage : await Balancer.ServeAsync(loaded, sources, takesOver, manager, log);
    }

    /// <summary>Null where nobody supervises this process, or not so that it could be told anything.</summary>
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
            Console.Error.WriteLine($"edge: {mistake}; see edge --help");
            return ExitCodes.Usage;
        }

        string? url = parsed.Url ?? Environment.GetEnvironmentVariable("EDGE_URL");
        string? token = parsed.Token ?? Environment.GetEnvironmentVariable("EDGE_TOKEN");
        if (url is null || token is null)
        {
            // What the options say is only needed, and only has to be right, for what was not given.
            LoadedOptions loaded = OptionsLoader.Load(OptionSources.OfProcess([]));
            if (loaded.Options is null && url is null)
            {
                loaded.Mistakes.ToList().ForEach(m => Console.Error.WriteLine($"edge: {m}"));
                return ExitCodes.Usage;
            }

            url ??= Client.UrlOf(loaded.Options!).ToString();
            token ??= loaded.Options?.Control.Token ?? "";
        }

        if (!Uri.TryCreate(url.EndsWith('/') ? url : url + "/", UriKind.Absolute, out Uri? target) || target.Scheme != Uri.UriSchemeHttp)
        {
            Console.Error.WriteLine($"edge: \"{url}\" is no URL like http://127.0.0.1:5000");
            return ExitCodes.Usage;
        }

        return await new Client(Console.Out, Console.Error, Terminal.OfProcess()).RunAsync(parsed, target, token, CancellationToken.None);
    }

    private static int Complete(string[] arguments)
    {
        if (arguments.Length == 1 && Completion.Write(arguments[0], Console.Out))
        {
            return ExitCodes.Ok;
        }

        Console.Error.WriteLine($"edge: completion needs the name of a shell: {string.Join(", ", Verbs.Shells)}; see edge --help");
        return ExitCodes.Usage;
    }

    private static int Replica(string[] arguments)
    {
        IPEndPoint listen = new(IPAddress.Loopback, 0);
        string id = Environment.GetEnvironmentVariable("SERVER_ID") ?? "";
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
                case "--listen" when value is not null && OptionValues.ParseEndpoint(value) is { } endpoint:
                    listen = endpoint;
                    i++;
                    continue;
                default:
                    Console.Error.WriteLine($"edge: {arguments[i]} is not understood by edge replica; see edge --help");
                    return ExitCodes.Usage;
            }
        }

        return ReplicaServer.Run(listen, id, endWithStdin);
    }
}
