using System.Net.Sockets;
using Edge.Config;
using Edge.Io;

namespace Edge.Fleet;

/// <summary>Makes health checks of replicas, over HTTP, again and again.</summary>
internal sealed class HealthProber
{
    private volatile Settings _settings;
    private readonly DriverCapabilities _driver;
    private readonly TimeProvider _time;

    /// <param name="options">The check, its interval, and the statuses that pass.</param>
    /// <param name="startTimeout">How long a replica may take to pass its first check; its own start period is added.</param>
    /// <param name="driver">Whether its replicas count as well until they fail, and where their ports and networks come from.</param>
    /// <param name="time">The clock of intervals and timeouts.</param>
    internal HealthProber(HealthOptions options, TimeSpan startTimeout, DriverCapabilities driver, TimeProvider time)
    {
        _settings = new Settings(options, startTimeout);
        _driver = driver;
        _time = time;
    }

    /// <summary>Whom to believe of replicas that are spoken to over TLS; null if there are none.</summary>
    internal Lazy<TlsClientContext>? Trust { get; init; }

    /// <summary>Puts other settings into effect; each replica follows with its next check.</summary>
    internal void Reconfigure(HealthOptions options, TimeSpan startTimeout) => _settings = new Settings(options, startTimeout);

    /// <summary>The first check is made at once.</summary>
    internal async Task WatchAsync(ObservedReplica replica, Action<HealthVerdict, string> report, CancellationToken cancellation)
    {
        Settings settings = _settings;
        long started = _time.GetTimestamp();
        var tally = new HealthTally(settings.LimitsOf(replica), startsHealthy: !_driver.StartsReplicas, TimeSpan.Zero);
        var check = new HealthCheck(replica, settings.Options, Trust);
        while (true)
        {
            if (!settings.Options.Off)
            {
                bool wavered = tally.Wavers;
                string? failure = await CheckAsync(check, cancellation);
                HealthVerdict? verdict = tally.Count(failure is null, _time.GetElapsedTime(started));
                if (tally.Wavers != wavered)
                {
                    verdict ??= wavered ? HealthVerdict.Passed : HealthVerdict.Wavered;
                }

                if (verdict is { } known)
                {
                    report(known, failure ?? "it passed its health checks");
                }
            }
            else if (tally.AssumeWell())
            {
                report(HealthVerdict.Passed, "it is not checked any more (Edge:Health:Off)");
            }

            await Task.Delay(settings.PauseAfter(tally), _time, cancellation);
            if (settings != _settings)
            {
                settings = _settings;
                tally.Limits = settings.LimitsOf(replica);
                check = new HealthCheck(replica, settings.Options, Trust);
            }
        }
    }

    /// <summary>Asks a replica once for another path than that of its health checks. Returns null if it gave a good answer, else why it did not.</summary>
    internal Task<string?> AskAsync(ObservedReplica replica, string path, CancellationToken cancellation) =>
        CheckAsync(new HealthCheck(replica with { HealthPath = path }, _settings.Options, Trust), cancellation);

    /// <summary>One check. Returns null if it passed, else why it failed.</summary>
    internal async Task<string?> CheckAsync(HealthCheck check, CancellationToken cancellation)
    {
        TimeSpan patience = _settings.Options.Timeout;
        using var deadline = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            int status = await check.AskAsync(either.Token);
            return check.Accepts(status) ? null : HealthReason.OfStatus(check, status);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return HealthReason.OfSilence(check, patience, _driver);
        }
        catch (Exception failed) when (failed is SocketException or InvalidDataException or IOException)
        {
            return HealthReason.OfFailure(check, failed, _driver);
        }
    }

    /// <summary>The settings that can change while replicas are watched; swapped as one.</summary>
    private sealed record Settings(HealthOptions Options, TimeSpan StartTimeout)
    {
        internal HealthLimits LimitsOf(ObservedReplica replica) =>
            new(Options.Rise, Options.Fall, StartTimeout + replica.StartPeriod, Options.Patience);

        // A starting replica is asked often. A replica that was not well in its time may never be well, and is asked less often.
        internal TimeSpan PauseAfter(HealthTally tally) => tally.HasPassed || tally.IsLate ? Options.Interval : Options.StartInterval;
    }
}
