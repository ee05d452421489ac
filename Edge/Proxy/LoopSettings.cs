namespace Edge.Proxy;

/// <summary>The timeouts of the data path in the loops' own unit, milliseconds.</summary>
internal sealed class Timeouts(ProxySettings settings)
{
    internal readonly long RequestHead = (long)settings.RequestHead.TotalMilliseconds;
    internal readonly long ResponseHead = (long)settings.ResponseHead.TotalMilliseconds;
    internal readonly long Connect = (long)settings.Connect.TotalMilliseconds;
    internal readonly long ClientIdle = (long)settings.ClientIdle.TotalMilliseconds;
    internal readonly long PoolIdle = (long)settings.PoolIdle.TotalMilliseconds;
    internal readonly long BodyIdle = (long)settings.BodyIdle.TotalMilliseconds;
    internal readonly long Request = (long)settings.Request.TotalMilliseconds;
}

/// <summary>When a request is sent again, in the loops' own terms.</summary>
internal sealed class Retries(RetrySettings settings)
{
    internal readonly int Attempts = settings.Attempts;
    internal readonly long Within = (long)settings.Within.TotalMilliseconds;
    internal readonly int[] Statuses = [.. settings.Statuses];

    internal bool Has(int status) => Array.IndexOf(Statuses, status) >= 0;
}
