using System.Net;

namespace Edge.Config;

/// <summary>Certificates that come from a certificate authority by themselves (RFC 8555).</summary>
internal sealed record AcmeOptions
{
    private const string LetsEncrypt = "https://acme-v02.api.letsencrypt.org/directory";

    public string[] Hosts { get; set; } = [];

    public string Email { get; set; } = "";

    public string Directory { get; set; } = LetsEncrypt;

    public string Profile { get; set; } = "";

    public string Storage { get; set; } = "/var/lib/edge/acme";

    public string Roots { get; set; } = "";

    public bool AgreeToTerms { get; set; }

    public bool FromRoutes { get; set; } = true;

    public int LabelHosts { get; set; } = 20;

    /// <summary>The directory's address.</summary>
    internal Uri DirectoryUri() => new(Directory);

    /// <summary>
    /// Whether certificates of the directory count: an authority gives out only so many a week, so each has to be kept. Not so those of test authorities,
    /// which are named for what they are or run on this machine.
    /// </summary>
    internal bool IsProduction() =>
        !DirectoryUri().IsLoopback && !DirectoryUri().Host.Contains("staging", StringComparison.Ordinal)
        && !DirectoryUri().Host.StartsWith("test", StringComparison.Ordinal);

    /// <summary>A name or an address that an authority can check over HTTP or TLS: a wildcard would need the DNS (RFC 8555 §8.4).</summary>
    internal static bool IsHost(string text) =>
        IPAddress.TryParse(text, out _) || (OptionValues.IsHostName(text) && text.Contains('.', StringComparison.Ordinal)
            && text.Split('.').All(IsLabel));

    // RFC 1034 §3.5.
    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-' && !label.Contains('_', StringComparison.Ordinal);

    /// <summary>https and a host. http has no proof of who answers.</summary>
    internal static bool IsDirectory(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttps;

    internal static bool IsEmail(string text) =>
        text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < text.Length - 1 && text.All(c => c is > ' ' and < '\x7f' and not ',' and not '?');

    /// <summary>Checks values that depend on each other.</summary>
    internal static void CheckTogether(AcmeOptions options, List<OptionMistake> mistakes)
    {
        if (options.Hosts.Length > 0 && !options.AgreeToTerms)
        {
            mistakes.Add(new(
                "Edge:Tls:Acme:AgreeToTerms", "false",
                "allowed is true where Edge:Tls:Acme:Hosts has any: the authority gives certificates only to those who agree to its terms of service"));
        }

        foreach (IGrouping<string, string> twice in options.Hosts.GroupBy(host => host, StringComparer.OrdinalIgnoreCase).Where(same => same.Count() > 1))
        {
            mistakes.Add(new("Edge:Tls:Acme:Hosts", twice.Key, "allowed is each name once"));
        }
    }
}
