using System.Net;
using Edge.Io;

namespace Edge.Takeover;

/// <summary>
/// What two balancers say to each other, one record a line:
/// <code>
/// new: edge-takeover 1
/// old: yes REPLICAS DRIVER              or: no WHY
/// old: listener ADDRESS                 with its sockets; as often as it takes
/// old: all
/// new: ready                            it accepts at the same sockets
/// old: yours                            it accepts no more; it stays connected until it ends
/// </code>
/// A connection that ends before "ready" changes nothing.
/// </summary>
internal static class TakeoverWords
{
    internal const string Hello = "edge-takeover 1";
    internal const string Yes = "yes ";
    internal const string No = "no ";
    internal const string Listener = "listener ";
    internal const string All = "all";
    internal const string Ready = "ready";
    internal const string Yours = "yours";

    /// <summary>
    /// Where the balancer that listens at an address is found. The name belongs to the network namespace as the address does,
    /// so that the two go together, in a container as well; the user is in it so that another user's balancer is no obstacle.
    /// </summary>
    internal static string NameOf(IPEndPoint listen, uint user) => $"edge-takeover/{user}/{listen}";

    /// <summary>
    /// Whether a balancer lets itself be taken over. Anybody may connect to an abstract name: the kernel says who it was. Root
    /// may do whatever it likes anyway, and a balancer that becomes somebody else begins as root.
    /// </summary>
    internal static bool IsWelcome(DescriptorChannel channel) => channel.Peer().User is var user && (user == 0 || user == Libc.geteuid());
}
