using System.Net.Sockets;
using Edge.Io;

namespace Edge.Fleet;

/// <summary>
/// Why a health check failed, in one line that ends with the option to look at. An application that was just put behind the balancer mostly fails its
/// checks because of the path, the Host or the port, and not because it is ill. Pure.
/// </summary>
internal static class HealthReason
{
    private const string StatusesOption = "Edge:Health:Statuses says which answers will do";

    /// <summary>The answer has a status that does not pass.</summary>
    internal static string OfStatus(HealthCheck check, int status)
    {
        string hint = status switch
        {
            404 or 405 or 410 => PathOption(check),
            400 or 421 => $"it may not know the Host {check.Host}: {HostOption(check)} says which one is sent",
            401 => $"{PathOption(check)}, which should need no login; {StatusesOption}",
            403 => $"{PathOption(check)}, which should need no login; {HostOption(check)} says which Host is sent, {check.Host}; {StatusesOption}",
            < 500 => StatusesOption,

            // A server that fails for a path that it does not know is not ill.
            _ when !check.IsPathConfigured => PathOption(check),
            _ => "",
        };
        return $"{check.Url} answered {status}{(hint.Length > 0 ? $" ({hint})" : "")}";
    }

    /// <summary>There was no answer in time.</summary>
    internal static string OfSilence(HealthCheck check, TimeSpan patience, DriverCapabilities driver) => check.IsConnected
        ? $"{check.Url} did not answer within {patience.TotalSeconds:0.###} s (Edge:Health:Timeout)"
        : $"{check.Url} could not be reached within {patience.TotalSeconds:0.###} s ({driver.NetworkHint})";

    /// <summary>The replica could not be reached, or its answer was malformed.</summary>
    internal static string OfFailure(HealthCheck check, Exception failed, DriverCapabilities driver)
    {
        string hint = failed switch
        {
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } => driver.PortHint,
            SocketException { SocketErrorCode: SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.TimedOut } => driver.NetworkHint,
            InvalidDataException => driver.PortHint,
            TlsPeerException { Fault: TlsPeerFault.Name } => $"it has to be for {check.TlsName}: Edge:Upstream:Tls:ServerName says for which name",
            TlsPeerException { Fault: TlsPeerFault.Authority } => "Edge:Upstream:Tls:Roots says who vouches for it",
            TlsPeerException { Fault: TlsPeerFault.Handshake } => "does it speak TLS there? " + driver.PortHint,
            _ => "",
        };
        return $"{check.Url} failed: {failed.Message}{(hint.Length > 0 ? $" ({hint})" : "")}";
    }

    private static string PathOption(HealthCheck check) => check.IsPathOfReplica
        ? "its label edge.health says what is asked for"
        : "Edge:Health:Path says what is asked for";

    private static string HostOption(HealthCheck check) => check.IsHostOfReplica ? "its label edge.host" : "Edge:Health:Host";
}
