namespace Edge.Fleet;

/// <summary>Where replicas say themselves which requests are for them.</summary>
internal interface IRouteClaims
{
    /// <summary>All claims, each time that they may have changed, without end; those of replicas that do not run now, too.</summary>
    /// <exception cref="DriverException">They cannot be had now.</exception>
    IAsyncEnumerable<IReadOnlyList<RouteClaim>> WatchAsync(CancellationToken cancellation);
}
