using System.Net;

namespace Edge.Io;

/// <summary>Networks of addresses, as options name them: 10.0.0.0/8, fd00::/8. Immutable; a look-up allocates nothing.</summary>
internal sealed class NetworkList(IEnumerable<IPNetwork> networks)
{
    private const int MappedBits = 96;

    private readonly (PeerAddress Network, int PrefixBits)[] _networks =
        [.. networks.Select(n => (PeerAddress.From(n.BaseAddress), n.PrefixLength + (n.BaseAddress.GetAddressBytes().Length == 4 ? MappedBits : 0)))];

    internal bool Contains(PeerAddress address)
    {
        foreach ((PeerAddress network, int prefixBits) in _networks)
        {
            if (address.IsIn(network, prefixBits))
            {
                return true;
            }
        }

        return false;
    }
}
