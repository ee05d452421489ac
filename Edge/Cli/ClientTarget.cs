using Edge.Config;

namespace Edge.Cli;

/// <summary>The balancer that a client verb calls.</summary>
/// <param name="Url">Where it is, with a slash at its end.</param>
/// <param name="Token">The token that it needs; may be empty.</param>
internal sealed record ClientTarget(Uri Url, string Token)
{
    /// <summary>The source of the URL; null if it is the default, or an argument.</summary>
    internal string? UrlOrigin { get; init; }

    /// <summary>The source of the token; null if there is none.</summary>
    internal string? TokenOrigin { get; init; }

    /// <summary>
    /// Finds the balancer from the arguments, the environment, or the options of the balancer itself. Returns null, and says why, if that fails.
    /// </summary>
    /// <param name="arguments">Of the verb.</param>
    /// <param name="variable">Reads a variable of the environment.</param>
    /// <param name="load">Reads the options. It is called only if they are needed, so mistakes in them do not matter otherwise.</param>
    /// <param name="errors">Gets the mistakes.</param>
    internal static ClientTarget? Find(ClientArguments arguments, Func<string, string?> variable, Func<LoadedOptions> load, TextWriter errors)
    {
        (string? url, string? urlOrigin) = Given(arguments.Url, "--url", variable, "EDGE_URL");
        (string? token, string? tokenOrigin) = Given(arguments.Token, "--token", variable, "EDGE_TOKEN");
        if (url is null || token is null)
        {
            LoadedOptions loaded = load();
            if (loaded.Options is null && (url is null || arguments.Config is not null))
            {
                loaded.Mistakes.ToList().ForEach(mistake => errors.WriteLine($"edge: {mistake}"));
                return null;
            }

            if (url is null)
            {
                if (Client.UrlOf(loaded.Options!) is not { } own)
                {
                    errors.WriteLine("edge: the balancer's own paths are served at https:// alone (Edge:Listen), and this program calls without TLS: "
                        + "give them an address of their own with Edge:Control:Listen, as 127.0.0.1:5001");
                    return null;
                }

                (url, urlOrigin) = (own.ToString(), OriginOf(loaded, "Edge:Control:Listen") ?? OriginOf(loaded, "Edge:Listen"));
            }

            if (token is null && loaded.Options?.Control.Token is { Length: > 0 } configured)
            {
                (token, tokenOrigin) = (configured, OriginOf(loaded, "Edge:Control:Token"));
            }
        }

        if (!Uri.TryCreate(url.EndsWith('/') ? url : url + "/", UriKind.Absolute, out Uri? target) || target.Scheme != Uri.UriSchemeHttp)
        {
            errors.WriteLine($"edge: \"{url}\" is no URL like http://127.0.0.1:5000");
            return null;
        }

        return new ClientTarget(target, token ?? "")
        {
            UrlOrigin = arguments.Url is null ? urlOrigin : null,
            TokenOrigin = token is { Length: > 0 } ? tokenOrigin : null,
        };
    }

    private static (string? Value, string? Origin) Given(string? argument, string option, Func<string, string?> variable, string name) =>
        argument is not null ? (argument, option) : variable(name) is { } value ? (value, name) : (null, null);

    private static string? OriginOf(LoadedOptions loaded, string key) =>
        OptionsCatalog.All.Zip(loaded.Origins).FirstOrDefault(option => option.First.Key == key).Second;
}
