using System.Collections.Concurrent;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>How many connections each client address has, on all loops. Used once for each connection, never for a request.</summary>
internal sealed class ClientCounts(int atMost)
{
    private readonly ConcurrentDictionary<PeerAddress, int> _counts = new();

    internal bool TryEnter(PeerAddress peer)
    {
        if (atMost == 0)
        {
            return true;
        }

        int count = _counts.AddOrUpdate(peer, 1, (_, n) => n + 1);
        if (count <= atMost)
        {
            return true;
        }

        Leave(peer);
        return false;
    }

    internal void Leave(PeerAddress peer)
    {
        if (atMost == 0)
        {
            return;
        }

        int count = _counts.AddOrUpdate(peer, 0, (_, n) => n - 1);
        if (count == 0)
        {
            // Only if it is still 0: another loop may just have counted one more.
            _counts.TryRemove(new(peer, 0));
        }
    }
}
