using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// How fast a client sends a body, on average since it began, or since the replica last held it up: times in which the replica takes nothing do not
/// count against the client. A body that began fast may pause later. While there is little room, no body takes longer than the grace and the time
/// that its length takes at the lowest speed.
/// </summary>
internal struct BodyPace
{
    private long _since;
    private long _from;
    private long _notBefore;

    /// <summary>Begins again.</summary>
    /// <param name="now">In the loop's milliseconds.</param>
    /// <param name="bytes">Bytes of the body that have arrived so far.</param>
    internal void Restart(long now, long bytes)
    {
        _since = now;
        _from = bytes;
        _notBefore = 0;
    }

    /// <summary>The body is too slow, but no other client needs the room: the loop looks again after a moment.</summary>
    internal void Spare(long now) => _notBefore = now + Edge.Config.Limits.PaceLookMilliseconds;

    /// <summary>When it will be too slow, unless more bytes arrive before.</summary>
    internal readonly long TooSlowAt(ClientLimits limits, long bytes) => limits.BodyBytesPerSecond == 0
        ? Pollable.Never
        : Math.Max(_notBefore, _since + limits.BodyGrace + (bytes - _from) * 1000 / limits.BodyBytesPerSecond);
}
