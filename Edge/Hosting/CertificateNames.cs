using Edge.Config;
using Edge.Telemetry;

namespace Edge.Hosting;

/// <summary>
/// The names that get certificates from an authority: those that are given for that, then the hosts of services. Not from two threads at once.
/// </summary>
/// <param name="ofLabels">The hosts that labels of containers name, those that have been there for longest first.</param>
/// <param name="haveFiles">Whether a file has a certificate for a name.</param>
/// <param name="log">Gets a line for each name that gets none because too many are from labels.</param>
internal sealed class CertificateNames(Func<IReadOnlyList<string>> ofLabels, Func<string, bool> haveFiles, Log log)
{
    private HashSet<string> _beyond = [];

    /// <summary>The names now, each once.</summary>
    internal IReadOnlyList<string> Of(EdgeOptions options)
    {
        AcmeOptions acme = options.Tls.Acme;
        if (!options.CertifiesRoutes())
        {
            return acme.Hosts;
        }

        List<string> names = [.. acme.Hosts.Select(host => host.ToLowerInvariant())];
        names.AddRange(options.Services.SelectMany(service => service.CertificateHosts()).Where(host => !haveFiles(host)));
        string[] labelled = [.. ofLabels().Where(host => !names.Contains(host) && !haveFiles(host)).Distinct()];
        names.AddRange(labelled.Take(acme.LabelHosts));
        HashSet<string> beyond = [.. labelled.Skip(acme.LabelHosts)];
        foreach (string host in beyond.Except(_beyond))
        {
            log.Warning("certificate_not_asked", ("name", host), ("why", $"labels name more than {acme.LabelHosts} hosts (Edge:Tls:Acme:LabelHosts)"));
        }

        _beyond = beyond;
        return [.. names.Distinct()];
    }
}
