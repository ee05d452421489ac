using System.Net;
using Edge.Io;

namespace Edge.Takeover;

/// <summary>
/// What two balancers say to each other, one record a line:
/// <code>
/// new: edge-takeover 1
/// old: yes REPLICAS DRIVER              or: no WHY
/// old: listener ADDRESS                 with its sockets; as often as it takes
/// old: tickets SECONDS KEY KEY KEY      the keys of its session tickets, in base64, if it has any
/// old: mode MODE SERVICE SERVICE …      the services that are not open: paused or stopped; the default one's name is default; as often as it takes
/// old: all
/// new: ready                            it accepts at the same sockets
/// old: yours                            it accepts no more; it stays connected until it ends
/// </code>
/// A connection that ends before "ready" changes nothing. The new one passes over what it does not know between "yes" and "all".
/// </summary>
internal static class TakeoverWords
{
    internal const string Hello = "edge-takeover 1";
    internal const string Yes = "yes ";
    internal const string No = "no ";
    internal const string Listener = "listener ";
    internal const string Tickets = "tickets ";
    internal const string Mode = "mode ";

    /// <summary>So many names, of up to 40 bytes each, are in one record at most.</summary>
    internal const int ServicesAtMost = 10;

    internal const string All = "all";
    internal const string Ready = "ready";
    internal const string Yours = "yours";

    /// <summary>
    /// The name at which the balancer that listens at an address is found. It belongs to the network namespace as the address does, also in a
    /// container. The user is part of it, so that the balancer of another user does not block the name.
    /// </summary>
    internal static string NameOf(IPEndPoint listen, uint user) => $"edge-takeover/{user}/{listen}";

    /// <summary>
    /// Whether the process at the other end may take over. Any process may connect to an abstract name, so the kernel is asked who it is. Root may do
    /// everything anyway, and a balancer that becomes another user starts as root.
    /// </summary>
    internal static bool IsWelcome(DescriptorChannel channel) => channel.Peer().User is var user && (user == 0 || user == Libc.geteuid());
}
