using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// How fast a client sends a body, on average since it began, or since the replica last held it up: what the replica does not
/// take is not held against the client. A body that began fast may rest later, and while there is little room, none takes longer than the grace and the
/// time that its length takes at the lowest speed.
/// </summary>
internal struct BodyPace
{
    private long _since;
    private long _from;
    private long _notBefore;

    /// <summary>Begins anew.</summary>
    /// <param name="now">In the loop's milliseconds.</param>
    /// <param name="bytes">Of the body, that have come by now.</param>
    internal void Restart(long now, long bytes)
    {
        _since = now;
        _from = bytes;
        _notBefore = 0;
    }

    /// <summary>It is too slow, and nobody else needs the room: that is looked at again in a moment.</summary>
    internal void Spare(long now) => _notBefore = now + Edge.Config.Limits.PaceLookMilliseconds;

    /// <summary>When it is too slow, unless more comes until then.</summary>
    internal readonly long TooSlowAt(ClientLimits limits, long bytes) => limits.BodyBytesPerSecond == 0
        ? Pollable.Never
        : Math.Max(_notBefore, _since + limits.BodyGrace + (bytes - _from) * 1000 / limits.BodyBytesPerSecond);
}
