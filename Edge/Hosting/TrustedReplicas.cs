using Edge.Certificates;
using Edge.Config;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Hosting;

/// <summary>Which replicas this process believes that are spoken to over TLS.</summary>
internal static class TrustedReplicas
{
    /// <summary>
    /// What the options say; read at once if a replica of the options themselves needs it. If only the label of a container does, its health checks read it,
    /// and fail with the reason if it cannot be read.
    /// </summary>
    /// <exception cref="CertificateException">It is needed, and cannot be read.</exception>
    internal static Lazy<TlsClientContext> Of(EdgeOptions options, Log log)
    {
        if (!options.Upstream.Tls.Verify)
        {
            log.Warning(
                "replicas_not_verified",
                ("why", "Edge:Upstream:Tls:Verify is off: where TLS is spoken to replicas, anybody on the way can read and change what is sent"));
        }

        try
        {
            Lazy<TlsClientContext> trust = ReplicaTrust.Of(options.Upstream.Tls);
            if (ReplicaTrust.IsNeeded(options))
            {
                _ = trust.Value;
            }

            return trust;
        }
        catch (IOException refused)
        {
            throw new CertificateException(refused.Message);
        }
    }
}
