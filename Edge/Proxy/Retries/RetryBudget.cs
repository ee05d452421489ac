namespace Edge.Proxy;

/// <summary>
/// How many retries a loop may make: a share of its requests of the last ten seconds, and a few a second in any case. Without it, a fleet that fails
/// would get its load several times over and would break down.
/// </summary>
/// <param name="percent">Of the requests, 0 to 100.</param>
/// <param name="floorPerSecond">How many are allowed even with few requests.</param>
internal sealed class RetryBudget(int percent, double floorPerSecond)
{
    internal const int WindowSeconds = 10;

    private readonly long[] _requests = new long[WindowSeconds];
    private readonly long[] _retries = new long[WindowSeconds];
    private long _second;
    private long _requestSum;
    private long _retrySum;

    /// <summary>Puts other limits into effect; the counts stay.</summary>
    internal void Reconfigure(int percentNow, double floorPerSecondNow) => (percent, floorPerSecond) = (percentNow, floorPerSecondNow);

    /// <param name="now">Milliseconds; it never goes back.</param>
    internal void CountRequest(long now)
    {
        Turn(now);
        _requests[_second % WindowSeconds]++;
        _requestSum++;
    }

    /// <summary>Whether one more attempt may be made; if so, it counts.</summary>
    internal bool TryTake(long now)
    {
        Turn(now);
        double allowed = Math.Max(_requestSum * percent / 100.0, floorPerSecond * WindowSeconds);
        if (_retrySum + 1 > allowed)
        {
            return false;
        }

        _retries[_second % WindowSeconds]++;
        _retrySum++;
        return true;
    }

    private void Turn(long now)
    {
        long second = now / 1000;
        if (second == _second)
        {
            return;
        }

        // For each second that has passed, a new one takes its place in the ring; after many seconds, once around the ring is enough.
        for (long s = Math.Max(_second + 1, second - WindowSeconds + 1); s <= second; s++)
        {
            ref long requests = ref _requests[s % WindowSeconds];
            ref long retries = ref _retries[s % WindowSeconds];
            _requestSum -= requests;
            _retrySum -= retries;
            requests = retries = 0;
        }

        _second = second;
    }
}
