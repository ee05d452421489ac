using System.Globalization;

namespace Edge.Telemetry;

/// <summary>The time of day for the access log, in UTC. Everything but the milliseconds is written once a second.</summary>
internal sealed class LogTime
{
    private readonly byte[] _iso = new byte["2030-01-02T03:04:05".Length];
    private readonly byte[] _clf = new byte["02/Jan/2030:03:04:05 +0000".Length];
    private long _second = -1;

    /// <summary>In the form of RFC 3339, up to the seconds.</summary>
    internal ReadOnlySpan<byte> Iso => _iso;

    /// <summary>In the form of the common log format, without its brackets.</summary>
    internal ReadOnlySpan<byte> Clf => _clf;

    internal int Milliseconds { get; private set; }

    internal void Set(DateTime utc)
    {
        long second = utc.Ticks / TimeSpan.TicksPerSecond;
        Milliseconds = (int)(utc.Ticks / TimeSpan.TicksPerMillisecond % 1000);
        if (second == _second)
        {
            return;
        }

        _second = second;
        utc.TryFormat(_iso, out _, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        utc.TryFormat(_clf, out _, "dd'/'MMM'/'yyyy':'HH':'mm':'ss' +0000'", CultureInfo.InvariantCulture);
    }
}
