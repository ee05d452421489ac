using System.Net;
using System.Net.Sockets;
using Edge.Config;

namespace Edge.Control;

/// <summary>
/// Limits the wrong tokens of each address: some in a row, and after that one every few seconds. For IPv6 the first 64 bits count, because the holder
/// of one such address mostly has all of them. The table is bounded: if it is full, all addresses outside of it count together. The caller makes sure
/// that only one thread at a time is here.
/// </summary>
internal sealed class AttemptLimit(TimeProvider time)
{
    private const long Pause = TimeSpan.TicksPerSecond * Limits.AttemptPauseSeconds;

    // When the address may send the full number of wrong tokens again. Each wrong token moves this time later; if it is too far away, no further
    // token is checked.
    private readonly Dictionary<IPAddress, long> _until = [];

    /// <summary>How many addresses are in the table.</summary>
    internal int Count => _until.Count;

    /// <summary>How many seconds this address has to wait until its next token is checked; 0 if it need not wait.</summary>
    internal int WaitSeconds(IPAddress peer)
    {
        long ahead = _until.GetValueOrDefault(KeyOf(peer)) - Now - Pause * (Limits.AttemptsInARow - 1);
        return ahead <= 0 ? 0 : (int)((ahead + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond);
    }

    /// <summary>The address has sent a wrong token.</summary>
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

        // No client has the address 255.255.255.255: it stands for all other addresses.
        return _until.Count < Limits.AttemptAddresses || _until.ContainsKey(key) ? key : IPAddress.None;
    }
}
