using Edge.Config;

namespace Edge.Hosting;

/// <summary>What options have to do with the process that runs already.</summary>
internal static class ReloadChecks
{
    /// <summary>
    /// Refuses options whose rules on the certificates of clients could not be followed: the old ones, or none, would hold in their place. And the first
    /// names for an authority, which are prepared for at the start; and services that need an engine where there is none.
    /// </summary>
    /// <param name="next">As they were read.</param>
    /// <param name="now">Those that hold.</param>
    /// <param name="hasAuthority">Whether certificates come from an authority.</param>
    /// <param name="surroundings">Facts about the process and the machine.</param>
    internal static LoadedOptions Usable(LoadedOptions next, EdgeOptions now, bool hasAuthority, Surroundings surroundings)
    {
        if (next.Options is not { } options)
        {
            return next;
        }

        if (!hasAuthority && options.HasAuthority())
        {
            string hosts = string.Join(", ", options.Tls.Acme.Hosts.Concat(options.Services.SelectMany(service => service.CertificateHosts())));
            string key = options.Tls.Acme.Hosts.Length > 0 ? "Edge:Tls:Acme:Hosts" : "Edge:Tls:Acme:FromRoutes";
            return Refused(next, new(key, hosts, "the first names take effect with the next start, or with a takeover"));
        }

        if (DriverChoice.Lack(options, surroundings) is { } lack)
        {
            return Refused(next, new(ServiceCatalog.ServicesSection, null, lack));
        }

        return ServedCertificates.Refusal(now.Tls, options.Tls) is { } why
            ? Refused(next, new("Edge:Tls:ClientAuthorities", options.Tls.ClientAuthorities, $"it cannot be used: {why}")) : next;
    }

    private static LoadedOptions Refused(LoadedOptions options, OptionMistake why) => options with { Options = null, Mistakes = [why] };
}
