using Edge.Config;
using Edge.Contract;
using Edge.Telemetry;

namespace Edge.Control;

/// <summary>
/// Logs each refused call, as long as there are few: strangers must not be able to fill the disk. The next line counts those that were left out.
/// </summary>
internal sealed class RefusalLog(Log log, TimeProvider time)
{
    private const long Pause = TimeSpan.TicksPerSecond * Limits.RefusalLinePauseSeconds;

    private readonly Lock _lock = new();
    private long _until;
    private long _leftOut;

    internal void Note(ControlRequest request, int status, string why)
    {
        long leftOut;
        lock (_lock)
        {
            long now = time.GetUtcNow().Ticks;
            if (_until - now > Pause * (Limits.RefusalLinesInARow - 1))
            {
                _leftOut++;
                return;
            }

            _until = Math.Max(now, _until) + Pause;
            (leftOut, _leftOut) = (_leftOut, 0);
        }

        log.Warning(
            "call_refused",
            ("peer", request.Peer),
            ("method", request.Method),
            ("path", request.Path.Length <= Limits.LoggedPathChars ? request.Path : request.Path[..Limits.LoggedPathChars] + "…"),
            ("status", status),
            ("why", why),
            ("left_out", leftOut));
    }
}
