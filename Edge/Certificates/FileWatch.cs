using Edge.Config;

namespace Edge.Certificates;

/// <summary>
/// Looks at files every few seconds, one look after the other. Looks see what notices of the kernel (inotify(7)) miss: changes behind a link, on file
/// systems of a network, and in a folder that took the place of another. A certificate costs a call or two of statx(2).
/// </summary>
internal sealed class FileWatch : IDisposable
{
    private readonly ITimer _timer;
    private readonly TimeSpan _interval;

    /// <param name="time">The clock.</param>
    /// <param name="look">Looks at them.</param>
    /// <param name="interval">From one look to the next; null for that of certificates.</param>
    internal FileWatch(TimeProvider time, Action look, TimeSpan? interval = null)
    {
        _interval = interval ?? TimeSpan.FromMilliseconds(Limits.CertificateLookMilliseconds);
        _timer = time.CreateTimer(
            _ =>
            {
                look();
                Begin();
            },
            null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Begin();
    }

    public void Dispose() => _timer.Dispose();

    private void Begin() => _timer.Change(_interval, Timeout.InfiniteTimeSpan);
}
