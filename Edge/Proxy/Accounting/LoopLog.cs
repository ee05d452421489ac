using Edge.Config;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>The access log of one _loop. It never waits, and drops lines that have no room.</summary>
internal sealed class LoopLog
{
    private const int ClockNanoseconds = 1_000_000_000;

    private readonly LoopContext _loop;
    private readonly AccessLog? _log;
    private readonly byte[] _line = new byte[AccessLine.BytesAtMost];
    private AccessRing? _ring;
    private AccessLogFormat _format;
    private int _sample = 1;
    private int _seen;
    private readonly LogTime _time = new();
    private DateTime _clock;
    private long _clockRead = long.MinValue / 2;

    /// <param name="loop">Whose requests are logged.</param>
    /// <param name="log">Gets the lines; null for no log.</param>
    internal LoopLog(LoopContext loop, AccessLog? log)
    {
        (_loop, _log) = (loop, log);
        Reconfigure();
    }

    /// <summary>The loop has other settings. On the loop's thread, or before it runs.</summary>
    internal void Reconfigure()
    {
        (_format, _sample) = (_log is null ? AccessLogFormat.Off : _loop.Settings.LogFormat, _loop.Settings.LogSample);
        if (_format != AccessLogFormat.Off)
        {
            _ring ??= _log!.Join();
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
            _loop.Counters.LinesLogged++;
            _log!.OnWritten(ring);
        }
        else
        {
            _loop.Counters.LinesDropped++;
        }
    }

    // The time of day is asked for once a second; in between, the loop's clock is added.
    private DateTime Now()
    {
        long since = _loop.Instant - _clockRead;
        if (since is < 0 or > ClockNanoseconds)
        {
            (_clock, _clockRead, since) = (DateTime.UtcNow, _loop.Instant, 0);
        }

        return _clock.AddTicks(since / TimeSpan.NanosecondsPerTick);
    }
}
