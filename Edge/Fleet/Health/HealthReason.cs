using System.Net.Sockets;

namespace Edge.Fleet;

/// <summary>
/// Why a health check failed, in one line that ends with what to look at: an application that somebody has just put behind
/// the balancer fails its checks for what it is asked, far more often than for being ill. Pure.
/// </summary>
internal static class HealthReason
{
    private const string StatusesOption = "Edge:Health:Statuses says which answers will do";

    /// <summary>It answered with a status that does not pass.</summary>
    internal static string OfStatus(HealthCheck check, int status)
    {
        string hint = status switch
        {
            404 or 405 or 410 => PathOption(check),
            400 or 421 => $"it may not know the Host {check.Host}: {HostOption(check)} says which one is sent",
            401 => $"{PathOption(check)}, which should need no login; {StatusesOption}",
            403 => $"{PathOption(check)}, which should need no login; {HostOption(check)} says which Host is sent, {check.Host}; {StatusesOption}",
            < 500 => StatusesOption,

            // A server that breaks over a path which nobody has told it about is not ill.
            _ when !check.IsPathConfigured => PathOption(check),
            _ => "",
        };
        return $"{check.Url} answered {status}{(hint.Length > 0 ? $" ({hint})" : "")}";
    }

    /// <summary>It did not answer in time.</summary>
    internal static string OfSilence(HealthCheck check, TimeSpan patience, DriverCapabilities driver) => check.IsConnected
        ? $"{check.Url} did not answer within {patience.TotalSeconds:0.###} s (Edge:Health:Timeout)"
        : $"{check.Url} could not be reached within {patience.TotalSeconds:0.###} s ({driver.NetworkHint})";

    /// <summary>It could not be reached, or what came was no answer.</summary>
    internal static string OfFailure(HealthCheck check, Exception failed, DriverCapabilities driver)
    {
        string hint = failed switch
        {
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } => driver.PortHint,
            SocketException { SocketErrorCode: SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.TimedOut } => driver.NetworkHint,
            InvalidDataException => driver.PortHint,
            _ => "",
        };
        return $"{check.Url} failed: {failed.Message}{(hint.Length > 0 ? $" ({hint})" : "")}";
    }

    private static string PathOption(HealthCheck check) => check.IsPathOfReplica
        ? "its label edge.health says what is asked for"
        : "Edge:Health:Path says what is asked for";

    private static string HostOption(HealthCheck check) => check.IsHostOfReplica ? "its label edge.host" : "Edge:Health:Host";
}
