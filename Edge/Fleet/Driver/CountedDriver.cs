using System.Runtime.CompilerServices;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>
/// Counts the calls and the failures of a driver. An unexpected exception of the driver becomes an ordinary failure, and is written to the log in
/// full; the balancer goes on. Disposing this leaves the driver to its owner.
/// </summary>
internal sealed class CountedDriver(IReplicaDriver driver, FleetCounters counters, Log log) : IReplicaDriver
{
    public string Name => driver.Name;

    public DriverCapabilities Capabilities => driver.Capabilities;

    public Task<ReplicaListing> ListAsync(CancellationToken cancellation) =>
        CountAsync(DriverCall.List, () => driver.ListAsync(cancellation));

    public Task<ReplicaImage> ImageAsync(CancellationToken cancellation) =>
        CountAsync(DriverCall.Image, () => driver.ImageAsync(cancellation));

    public Task<ReplicaImage> FindImageAsync(string name, bool pulls, CancellationToken cancellation) =>
        CountAsync(DriverCall.Image, () => driver.FindImageAsync(name, pulls, cancellation));

    public Task<IReadOnlyList<string>> LastLinesAsync(string unitId, int count, CancellationToken cancellation) =>
        CountAsync(DriverCall.Lines, () => driver.LastLinesAsync(unitId, count, cancellation));

    public Task<ObservedReplica> StartAsync(ReplicaSpec spec, CancellationToken cancellation) =>
        CountAsync(DriverCall.Start, () => driver.StartAsync(spec, cancellation));

    public Task<ReplicaEnd> StopAsync(string unitId, StopKind kind, string why, CancellationToken cancellation) =>
        CountAsync(DriverCall.Stop, () => driver.StopAsync(unitId, kind, why, cancellation));

    public Task ForgetAsync(string unitId, string why, CancellationToken cancellation) => CountAsync(DriverCall.Forget, async () =>
    {
        await driver.ForgetAsync(unitId, why, cancellation);
        return true;
    });

    public Task InflictAsync(string unitId, ReplicaFault fault, CancellationToken cancellation) =>
        driver.InflictAsync(unitId, fault, cancellation);

    /// <summary>Counts as one call, and as one failure when it ends.</summary>
    public async IAsyncEnumerable<DriverEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        counters.CountCall(DriverCall.Watch);
        await using IAsyncEnumerator<DriverEvent> events = driver.WatchAsync(cancellation).GetAsyncEnumerator(cancellation);
        while (await MoveAsync(events))
        {
            yield return events.Current;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async ValueTask<bool> MoveAsync(IAsyncEnumerator<DriverEvent> events)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (DriverException)
        {
            counters.CountError(DriverCall.Watch);
            throw;
        }
        catch (Exception unforeseen) when (unforeseen is not OperationCanceledException)
        {
            throw Failed(DriverCall.Watch, unforeseen);
        }
    }

    private DriverException Failed(DriverCall call, Exception unforeseen)
    {
        counters.CountError(call);
        log.Error("driver_fault", ("driver", driver.Name), ("call", FleetCounters.Calls[(int)call]), ("why", unforeseen));
        return new DriverException(DriverFailure.Failed, $"a mistake in the balancer ({unforeseen.Message})", unforeseen);
    }

    private async Task<T> CountAsync<T>(DriverCall call, Func<Task<T>> work)
    {
        counters.CountCall(call);
        try
        {
            return await work();
        }
        catch (DriverException)
        {
            counters.CountError(call);
            throw;
        }
        catch (Exception unforeseen) when (unforeseen is not OperationCanceledException)
        {
            throw Failed(call, unforeseen);
        }
    }
}
