using Edge.Config;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>Whether more than half of the clients' connections that there may be are taken: then those that take long are in the way of others.</summary>
internal struct ResourcePressure
{
    private long _nextLook;
    private bool _isCrowded;

    /// <summary>Looks, about once a second; in between, what was seen last holds.</summary>
    /// <param name="now">In the loop's milliseconds.</param>
    /// <param name="clients">That one loop has.</param>
    /// <param name="atMost">How many it may have; <see cref="int.MaxValue"/> where the process's descriptors are the limit.</param>
    /// <param name="descriptor">Any that is open.</param>
    internal bool Looks(long now, long clients, int atMost, int descriptor)
    {
        if (now >= _nextLook)
        {
            _nextLook = now + Limits.PaceLookMilliseconds;
            _isCrowded = atMost < int.MaxValue ? clients > atMost / 2 : Descriptors.NextOf(descriptor) > Descriptors.ForClients / 2;
        }

        return _isCrowded;
    }
}
