using Edge.Config;

namespace Edge.Proxy;

/// <summary>The settings of retries, in the units of the loops.</summary>
internal sealed class Retries(RetryOptions options)
{
    internal readonly int Attempts = options.Attempts;
    internal readonly long Within = (long)options.Within.TotalMilliseconds;
    internal readonly int[] Statuses = [.. options.Statuses];

    internal bool Has(int status) => Array.IndexOf(Statuses, status) >= 0;
}
