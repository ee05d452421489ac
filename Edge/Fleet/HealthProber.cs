using System.Net;
using System.Net.Sockets;
using Edge.Options;

namespace Edge.Fleet;

/// <summary>Checks one replica until it is cancelled, and reports each verdict, with the last failure's reason.</summary>
internal delegate Task HealthWatch(IPEndPoint address, Action<HealthVerdict, string> report, CancellationToken cancellation);

/// <summary>Asks replicas over HTTP whether they are well, again and again.</summary>
internal sealed class HealthProber
{
    private volatile Settings _settings;
    private readonly bool _owned;
    private readonly TimeProvider _time;

    /// <param name="options">Path, intervals and counts.</param>
    /// <param name="startTimeout">How long a replica may take to pass its first check until it is wedged.</param>
    /// <param name="owned">
    /// Owned replicas start out of rotation and have to answer 2xx. Somebody else's are assumed to be well until they
    /// fail, and any answer below 500 will do: their path for checks may need a login or not exist.
    /// </param>
    /// <param name="time">The clock of intervals and timeouts.</param>
    internal HealthProber(HealthOptions options, TimeSpan startTimeout, bool owned, TimeProvider time)
    {
        _settings = new Settings(options, startTimeout);
        _owned = owned;
        _time = time;
    }

    /// <summary>Has other settings hold; each replica follows with its next check.</summary>
    internal void Reconfigure(HealthOptions options, TimeSpan startTimeout) => _settings = new Settings(options, startTimeout);

    /// <summary>The first check is made at once.</summary>
    internal async Task WatchAsync(IPEndPoint address, Action<HealthVerdict, string> report, CancellationToken cancellation)
    {
        Settings settings = _settings;
        var tally = new HealthTally(settings.Options.Rise, settings.Options.Fall, startsHealthy: !_owned);
        var check = new HealthCheck(address, settings.Options.Path);
        long started = _time.GetTimestamp();
        while (true)
        {
            string? failure = await CheckAsync(check, cancellation);
            bool wavered = tally.Wavers;
            HealthVerdict? verdict = tally.Count(failure is null);
            if (tally.Wavers != wavered)
            {
                verdict ??= wavered ? HealthVerdict.Passed : HealthVerdict.Wavered;
            }

            if (!tally.HasPassed && _time.GetElapsedTime(started) >= settings.StartTimeout)
            {
                verdict = HealthVerdict.Wedged;
                started = _time.GetTimestamp();
            }

            if (verdict is { } known)
            {
                report(known, failure ?? "it passed its health checks");
            }

            TimeSpan pause = tally.HasPassed ? settings.Options.Interval : settings.Options.StartInterval;
            await Task.Delay(pause, _time, cancellation);
            if (settings != _settings)
            {
                settings = _settings;
                (tally.Rise, tally.Fall) = (settings.Options.Rise, settings.Options.Fall);
                check = new HealthCheck(address, settings.Options.Path);
            }
        }
    }

    /// <summary>One check. Returns null where it passed, else why it did not.</summary>
    internal async Task<string?> CheckAsync(HealthCheck check, CancellationToken cancellation)
    {
        TimeSpan patience = _settings.Options.Timeout;
        using var deadline = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            int status = await check.AskAsync(either.Token);
            bool passed = _owned ? status is >= 200 and < 300 : status < 500;
            return passed ? null : $"{check.Url} answered {status}";
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return $"{check.Url} did not answer within {patience.TotalSeconds:0.###} s";
        }
        catch (Exception failed) when (failed is SocketException or InvalidDataException)
        {
            return $"{check.Url} failed: {failed.Message}";
        }
    }

    /// <summary>What can change while replicas are watched, swapped as one.</summary>
    private sealed record Settings(HealthOptions Options, TimeSpan StartTimeout);
}
