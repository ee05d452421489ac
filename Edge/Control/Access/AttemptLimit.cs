using System.Net;
using System.Net.Sockets;
using Edge.Config;

namespace Edge.Control;

/// <summary>
/// Counts the wrong tokens of each address: so many in a row, and then one each few seconds. Of IPv6 the first 64 bits
/// count, since whoever has one address there has them all. What it keeps is bounded: where the table is full, all that
/// are not in it count together. Its caller sees to it that one thread at a time is here.
/// </summary>
internal sealed class AttemptLimit(TimeProvider time)
{
    private const long Pause = TimeSpan.TicksPerSecond * Limits.AttemptPauseSeconds;

    // When an address is as good as new. A wrong token moves that later, and from a distance on no more is tried.
    private readonly Dictionary<IPAddress, long> _until = [];

    /// <summary>How many addresses are kept.</summary>
    internal int Count => _until.Count;

    /// <summary>How many seconds this address has to wait before it may try again; 0 where it need not.</summary>
    internal int WaitSeconds(IPAddress peer)
    {
        long ahead = _until.GetValueOrDefault(KeyOf(peer)) - Now - Pause * (Limits.AttemptsInARow - 1);
        return ahead <= 0 ? 0 : (int)((ahead + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond);
    }

    /// <summary>This address has sent a wrong token.</summary>
    internal void Note(IPAddress peer)
    {
        long now = Now;
        if (_until.Count >= Limits.AttemptAddresses)
        {
            foreach (IPAddress good in _until.Where(e => e.Value <= now).Select(e => e.Key).ToArray())
            {
                _until.Remove(good);
            }
        }

        IPAddress key = KeyOf(peer);
        _until[key] = Math.Max(now, _until.GetValueOrDefault(key)) + Pause;
    }

    private long Now => time.GetUtcNow().Ticks;

    private IPAddress KeyOf(IPAddress peer)
    {
        IPAddress key = peer;
        if (peer.IsIPv4MappedToIPv6)
        {
            key = peer.MapToIPv4();
        }
        else if (peer.AddressFamily == AddressFamily.InterNetworkV6)
        {
            byte[] bytes = peer.GetAddressBytes();
            bytes.AsSpan(8).Clear();
            key = new IPAddress(bytes);
        }

        // 255.255.255.255 is nobody's address: it stands for all others.
        return _until.Count < Limits.AttemptAddresses || _until.ContainsKey(key) ? key : IPAddress.None;
    }
}
