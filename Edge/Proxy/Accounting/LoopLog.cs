using Edge.Config;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>The access log of one loop. It never waits, and drops lines that have no room.</summary>
internal sealed class LoopLog(LoopContext loop, AccessLog? log)
{
    private const int ClockNanoseconds = 1_000_000_000;

    private readonly byte[] _line = new byte[AccessLine.BytesAtMost];
    private AccessRing? _ring;
    private AccessLogFormat _format;
    private int _sample = 1;
    private int _seen;
    private readonly LogTime _time = new();
    private DateTime _clock;
    private long _clockRead = long.MinValue / 2;

    /// <summary>Puts other settings into effect. On the loop's thread, or before it runs.</summary>
    internal void Reconfigure(LoopSettings settings)
    {
        (_format, _sample) = (log is null ? AccessLogFormat.Off : settings.LogFormat, settings.LogSample);
        if (_format != AccessLogFormat.Off)
        {
            _ring ??= log!.Join();
        }
    }

    /// <summary>The format for the request that begins now; off if it is not logged.</summary>
    internal AccessLogFormat Wanted()
    {
        if (_format == AccessLogFormat.Off || ++_seen < _sample)
        {
            return AccessLogFormat.Off;
        }

        _seen = 0;
        return _format;
    }

    /// <summary>Hands a line on.</summary>
    /// <param name="format">The format when the request began.</param>
    /// <param name="record">The content; the time is added.</param>
    internal void Write(AccessLogFormat format, ref AccessRecord record)
    {
        if (_ring is not { } ring || _format == AccessLogFormat.Off)
        {
            return;
        }

        record.Time = _time;
        _time.Set(Now());
        int length = AccessLine.Write(_line, format, record);
        if (ring.TryWrite(_line.AsSpan(0, length)))
        {
            loop.Counters.LinesLogged++;
            log!.OnWritten(ring);
        }
        else
        {
            loop.Counters.LinesDropped++;
        }
    }

    // The time of day is asked for once a second; in between, the loop's clock is added.
    private DateTime Now()
    {
        long since = loop.Instant - _clockRead;
        if (since is < 0 or > ClockNanoseconds)
        {
            (_clock, _clockRead, since) = (DateTime.UtcNow, loop.Instant, 0);
        }

        return _clock.AddTicks(since / TimeSpan.NanosecondsPerTick);
    }
}
