using Edge.Config;

namespace Edge.Proxy;

/// <summary>When a request is sent again, in the loops' own terms.</summary>
internal sealed class Retries(RetryOptions options)
{
    internal readonly int Attempts = options.Attempts;
    internal readonly long Within = (long)options.Within.TotalMilliseconds;
    internal readonly int[] Statuses = [.. options.Statuses];

    internal bool Has(int status) => Array.IndexOf(Statuses, status) >= 0;
}
