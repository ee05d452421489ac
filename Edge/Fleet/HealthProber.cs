using System.Net;
using System.Net.Sockets;
using Edge.Options;

namespace Edge.Fleet;

/// <summary>Checks one replica until it is cancelled, and reports each verdict, with the last failure's reason.</summary>
internal delegate Task HealthWatch(IPEndPoint address, Action<HealthVerdict, string> report, CancellationToken cancellation);

/// <summary>
/// Asks replicas over HTTP whether they are well. Each check has a connection of its own: a check over a kept one
/// would not notice that new ones are refused.
/// </summary>
internal sealed class HealthProber : IDisposable
{
    private readonly HealthOptions _options;
    private readonly TimeSpan _startTimeout;
    private readonly bool _owned;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;

    /// <param name="options">Path, intervals and counts.</param>
    /// <param name="startTimeout">How long a replica may take to pass its first check until it is wedged.</param>
    /// <param name="owned">
    /// Owned replicas start out of rotation and have to answer 2xx. Somebody else's are assumed to be well until they
    /// fail, and any answer below 500 will do: their path for checks may need a login or not exist.
    /// </param>
    /// <param name="time">The clock of intervals and timeouts.</param>
    internal HealthProber(HealthOptions options, TimeSpan startTimeout, bool owned, TimeProvider time)
    {
        _options = options;
        _startTimeout = startTimeout;
        _owned = owned;
        _time = time;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            PooledConnectionLifetime = TimeSpan.Zero,
            ActivityHeadersPropagator = null,
        };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The first check is made at once.</summary>
    internal async Task WatchAsync(IPEndPoint address, Action<HealthVerdict, string> report, CancellationToken cancellation)
    {
        var tally = new HealthTally(_options.Rise, _options.Fall, startsHealthy: !_owned);
        var url = new Uri($"http://{address}{_options.Path}");
        long started = _time.GetTimestamp();
        while (true)
        {
            string? failure = await CheckAsync(url, cancellation);
            HealthVerdict? verdict = tally.Count(failure is null);
            if (!tally.HasPassed && _time.GetElapsedTime(started) >= _startTimeout)
            {
                verdict = HealthVerdict.Wedged;
                started = _time.GetTimestamp();
            }

            if (verdict is { } known)
            {
                report(known, failure ?? "it passed its health checks");
            }

            TimeSpan pause = tally.HasPassed ? _options.Interval : _options.StartInterval;
            await Task.Delay(pause, _time, cancellation);
        }
    }

    /// <summary>One check. Returns null where it passed, else why it did not.</summary>
    internal async Task<string?> CheckAsync(Uri url, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.ConnectionClose = true;
        request.Headers.UserAgent.Add(new("edge-health", null));
        try
        {
            using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            int status = (int)response.StatusCode;
            bool passed = _owned ? status is >= 200 and < 300 : status < 500;
            return passed ? null : $"{url} answered {status}";
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return $"{url} did not answer within {_options.Timeout.TotalSeconds:0.###} s";
        }
        catch (HttpRequestException failed)
        {
            string why = failed.InnerException is SocketException socket ? socket.Message : failed.InnerException?.Message ?? failed.Message;
            return $"{url} failed: {why}";
        }
    }

    public void Dispose() => _client.Dispose();
}
