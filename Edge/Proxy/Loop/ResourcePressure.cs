using Edge.Config;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>Whether more than half of the allowed client connections are in use: then slow ones are in the way of others.</summary>
internal struct ResourcePressure
{
    private long _nextLook;
    private bool _isCrowded;

    /// <summary>Looks about once a second; in between, the last result holds.</summary>
    /// <param name="now">In the loop's milliseconds.</param>
    /// <param name="clients">How many clients the loop has.</param>
    /// <param name="atMost">How many it may have; <see cref="int.MaxValue"/> if the process's descriptors are the limit.</param>
    /// <param name="descriptor">Any open descriptor.</param>
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
