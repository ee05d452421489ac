namespace Edge.Proxy;

/// <summary>When a request is sent again, in the loops' own terms.</summary>
internal sealed class Retries(RetrySettings settings)
{
    internal readonly int Attempts = settings.Attempts;
    internal readonly long Within = (long)settings.Within.TotalMilliseconds;
    internal readonly int[] Statuses = [.. settings.Statuses];

    internal bool Has(int status) => Array.IndexOf(Statuses, status) >= 0;
}
