using Edge.Config;
using Edge.Io;

namespace Edge.Certificates;

/// <summary>Which replicas are believed that are spoken to over TLS.</summary>
internal static class ReplicaTrust
{
    /// <summary>
    /// As of <see cref="Open"/>, when it is needed for the first time: hundreds of certificates take room, and most fleets speak no TLS. A value that cannot
    /// be made is tried again.
    /// </summary>
    internal static Lazy<TlsClientContext> Of(UpstreamTlsOptions options) => new(() => Open(options), LazyThreadSafetyMode.PublicationOnly);

    /// <summary>Whether the options themselves have TLS spoken to a replica; a label of a container may do so, too.</summary>
    internal static bool IsNeeded(ServiceOptions options) =>
        options.Docker.Scheme == Scheme.Https || options.Fleet.Servers().Any(server => server.Scheme == Scheme.Https);

    /// <summary>Reads the certificates of those who vouch for replicas.</summary>
    /// <exception cref="IOException">There are none that can be used; the message names the option.</exception>
    internal static TlsClientContext Open(UpstreamTlsOptions options)
    {
        if (!options.Verify)
        {
            return new TlsClientContext(null);
        }

        bool isNamed = options.Roots.Length > 0;
        try
        {
            byte[]? roots = isNamed ? File.ReadAllBytes(options.Roots) : MachineRoots.Read();
            return roots is not null ? new TlsClientContext([roots]) : throw new IOException(
                "nothing says who vouches for the certificates of replicas: Edge:Upstream:Tls:Roots names no file, and the machine has none at "
                + MachineRoots.Places);
        }
        catch (Exception failed) when (isNamed && failed is IOException or UnauthorizedAccessException or TlsException)
        {
            throw new IOException($"Edge:Upstream:Tls:Roots is \"{options.Roots}\", which cannot be used: {failed.Message}", failed);
        }
    }
}
