using Edge.Options;

namespace Edge.Cli;

/// <summary>What <c>edge --help</c> prints.</summary>
internal static class HelpText
{
    internal static void Write(TextWriter output)
    {
        output.Write("""
            edge: an HTTP load balancer that owns its replicas

              edge [--Edge:Key=value …]           serve
              edge --takeover [--Edge:Key=value …]  take the place of the balancer at the same address; no client notices
              edge rep                            list the replicas that run
              edge add [-n N] [NAME …] [--weight W]  add N replicas, the named ones among them
              edge rm [-n N] [NAME …]             remove N replicas, the named ones among them
              edge status                         show the balancer and its replicas
              edge healthcheck                    end with 0 where the balancer runs
              edge replica --listen A:P --id ID   run the built-in replica
              edge --help | --version

            Client verbs take --url URL (or EDGE_URL), --token TOKEN (or EDGE_TOKEN) and --json; without a URL they
            look where the options below say that the balancer listens.

            Ends with 0, 1 where the balancer refused, 64 for wrong arguments or options, 69 where it cannot be reached.

            Options, from appsettings.json, then the environment, then the arguments:


            """);
        int width = OptionsCatalog.All.Max(entry => entry.ShownKey.Length);
        foreach (OptionEntry entry in OptionsCatalog.All)
        {
            string standard = entry.Default.Length == 0 ? "" : $" [{entry.Default}]";
            output.WriteLine($"  {entry.ShownKey.PadRight(width)}  {entry.Description}{standard}");
        }
    }
}
