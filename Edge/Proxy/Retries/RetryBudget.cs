namespace Edge.Proxy;

/// <summary>
/// How many attempts beyond the first a loop may make: a share of its requests of the last ten seconds, and a few a second in
/// any case. Without it a fleet that is failing would get its load several times over and be finished off by that.
/// </summary>
/// <param name="percent">Of the requests, 0 to 100.</param>
/// <param name="floorPerSecond">What is allowed however few requests there are.</param>
internal sealed class RetryBudget(int percent, double floorPerSecond)
{
    internal const int WindowSeconds = 10;

    private readonly long[] _requests = new long[WindowSeconds];
    private readonly long[] _retries = new long[WindowSeconds];
    private long _second;
    private long _requestSum;
    private long _retrySum;

    /// <summary>Has other limits hold; what was counted stays.</summary>
    internal void Reconfigure(int percentNow, double floorPerSecondNow) => (percent, floorPerSecond) = (percentNow, floorPerSecondNow);

    /// <param name="now">Milliseconds; never less than before.</param>
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

        // Each second that went by has its place in the ring taken over by a new one; of many, once around is all.
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
