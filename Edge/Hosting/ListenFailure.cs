using System.Net;
using System.Net.Sockets;
using Edge.Config;

namespace Edge.Hosting;

/// <summary>Says why the balancer cannot listen, and what to do.</summary>
internal static class ListenFailure
{
    /// <param name="wanted">Where it was to listen.</param>
    /// <param name="failed">What the kernel says.</param>
    internal static string Of(IEnumerable<IPEndPoint> wanted, SocketException failed) =>
        $"cannot listen at {string.Join(" and ", wanted)}: {failed.Message}{RemedyOf(failed.SocketErrorCode)}";

    private static string RemedyOf(SocketError error) => error switch
    {
        SocketError.AddressAlreadyInUse => $" (where it is used by a balancer, edge {OptionArguments.TakeOver} takes its place)",
        SocketError.AccessDenied => " (a port below 1024 is opened by root, who becomes another user by Edge:User, --user)",
        _ => "",
    };
}
