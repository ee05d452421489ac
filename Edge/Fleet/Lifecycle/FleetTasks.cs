using System.Collections.Concurrent;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>
/// The slow work of the fleet. Each method starts work on the thread pool and returns at once; the result comes back as a message. Nothing here
/// changes the state of the fleet.
/// </summary>
internal sealed class FleetTasks(
    IReplicaDriver driver,
    IDataPlane plane,
    HealthWatch watchHealth,
    ServiceOptionsCell options,
    TimeProvider time,
    Log log,
    Action<FleetMessage> post,
    CancellationToken shutdown)
{
    // So long a paused replica may be woken; then its requests are answered after all.
    private static readonly TimeSpan DeadGrace = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Task, byte> _underWay = new();

    internal void Start(Member member, Incarnation incarnation)
    {
        // Read here, in the actor: the member may change while the work is under way.
        ReplicaSpec spec = member.Spec;
        log.Info("replica_state", ("name", member.Name), ("state", "starting"), ("address", null), ("why", incarnation.Why));
        if (spec.UnitId is not null || spec.Mark is not null)
        {
            StartAs(member, incarnation, spec);
            return;
        }

        // The first start of a member: the actor decides its generation, once its image is known.
        Run(async () => post(await BeginAsync(
            member, incarnation, async cancellation => new FleetMessage.ImageKnown(member, incarnation, await driver.ImageAsync(cancellation)))));
    }

    /// <summary>Starts the replica of a member, as it was or as it is to be.</summary>
    internal void StartAs(Member member, Incarnation incarnation, ReplicaSpec spec) => Run(async () => post(await BeginAsync(
        member, incarnation, async cancellation => new FleetMessage.Started(member, incarnation, await driver.StartAsync(spec, cancellation)))));

    private async Task<FleetMessage> BeginAsync(Member member, Incarnation incarnation, Func<CancellationToken, Task<FleetMessage>> step)
    {
        using var deadline = new CancellationTokenSource(options.Current.Timeouts.Start, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, incarnation.Life);
        try
        {
            either.Token.ThrowIfCancellationRequested();
            return await step(either.Token);
        }
        catch (DriverException failed)
        {
            return new FleetMessage.StartFailed(member, incarnation, failed);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            string why = incarnation.Life.IsCancellationRequested
                ? "its start was called off"
                : $"it did not start within {options.Current.Timeouts.Start.TotalSeconds:0.###} s";
            return new FleetMessage.StartFailed(member, incarnation, new DriverException(DriverFailure.Failed, why));
        }
    }

    internal void WatchHealth(Member member, Incarnation incarnation)
    {
        CancellationToken life = incarnation.Life;
        ObservedReplica observed = incarnation.Observed!;
        Run(async () =>
        {
            try
            {
                await watchHealth(observed, (verdict, why) => post(new FleetMessage.Checked(member, incarnation, verdict, why)), life);
            }
            catch (OperationCanceledException) when (life.IsCancellationRequested)
            {
                // The replica's life is over, and its checks are, too: there is nothing to report.
                return;
            }
        });
    }

    /// <summary>Drains a replica and then stops it. It must be out of the published table already.</summary>
    internal void Retire(Member member, Incarnation incarnation, StopKind kind)
    {
        Replica? replica = incarnation.Replica;
        string why = incarnation.Why;
        ObservedReplica observed = incarnation.Observed!;
        Run(async () =>
        {
            DrainReport drained = replica is null ? default : await ReleaseAsync(member, incarnation, replica, options.Current.Timeouts.Drain);
            DriverException? error = null;
            ReplicaEnd end = default;
            try
            {
                end = await driver.StopAsync(observed.UnitId, kind, why, shutdown);
            }
            catch (DriverException failed)
            {
                error = failed;
            }

            post(new FleetMessage.Stopped(member, incarnation, error, new DrainReceipt(member.Name, drained, end)));
        });
    }

    /// <summary>
    /// Makes the data plane forget a replica that died. Bytes of its answers that the kernel still has arrive at once. Requests that wait for more
    /// are cut, and sent to another replica if that is safe. A server of a static fleet may still live at an address that its name has no more: it
    /// gets the time of a drain.
    /// </summary>
    internal void Release(Member member, Incarnation incarnation)
    {
        if (incarnation.Replica is { } replica)
        {
            bool isLost = driver.Capabilities.SeesEnds;
            Run(() => ReleaseAsync(member, incarnation, replica, isLost ? DeadGrace : options.Current.Timeouts.Drain, isLost));
        }
    }

    private async Task<DrainReport> ReleaseAsync(Member member, Incarnation incarnation, Replica replica, TimeSpan drain, bool isLost = false)
    {
        DrainReport drained = await plane.ReleaseAsync(replica, drain, isLost);
        if (drained.Cut + drained.Retried > 0)
        {
            log.Warning("replica_cut", ("name", replica.Name), ("retried", drained.Retried), ("cut", drained.Cut), ("drain_seconds", drain.TotalSeconds));
        }

        post(new FleetMessage.Released(member, incarnation));
        return drained;
    }

    /// <summary>Removes the rest of a member that leaves and whose replica does not run.</summary>
    internal void Forget(Member member, string why)
    {
        string? unit = member.UnitId;
        Run(async () =>
        {
            DriverException? error = null;
            try
            {
                await (unit is null ? Task.CompletedTask : driver.ForgetAsync(unit, why, shutdown));
            }
            catch (DriverException failed)
            {
                error = failed;
            }

            post(new FleetMessage.Forgotten(member, error));
        });
    }

    /// <summary>Asks the loops, after a pause, what is asked of the service.</summary>
    internal void MeasureLoad(TimeSpan pause) => Run(async () =>
    {
        await Task.Delay(pause, time, shutdown);
        LoadFigures? load = await plane.LoadAsync().WaitAsync(shutdown);
        post(new FleetMessage.LoadKnown(load, options.Current.Docker.MemoryMiB > 0 ? HostMemory.AvailableMiB() : null));
    });

    internal void PostLater(FleetMessage message, TimeSpan delay) => Run(async () =>
    {
        await Task.Delay(delay, time, shutdown);
        post(message);
    });

    internal void List(long changes) => Run(async () =>
    {
        for (int failures = 1; ; failures++)
        {
            try
            {
                post(new FleetMessage.Listed(await driver.ListAsync(shutdown), changes));
                return;
            }
            catch (DriverException failed)
            {
                post(new FleetMessage.DriverLost(failed.Message));
                await PauseAsync(failures);
            }
        }
    });

    /// <summary>Follows the driver's events for ever. If the driver loses sync, it watches again, which begins with a list.</summary>
    internal void WatchDriver() => Run(async () =>
    {
        for (int failures = 1; ; failures++)
        {
            try
            {
                await foreach (DriverEvent happened in driver.WatchAsync(shutdown))
                {
                    failures = 0;
                    post(new FleetMessage.DriverSaid(happened));
                }

                throw new DriverException(DriverFailure.Unavailable, "its events ended");
            }
            catch (DriverException failed)
            {
                failures = Math.Max(failures, 1);
                post(new FleetMessage.DriverLost(failed.Message));
                await PauseAsync(failures);
            }
        }
    });

    private Task PauseAsync(int failures) => Task.Delay(Backoff.Next(failures, Random.Shared), time, shutdown);

    /// <summary>Completes when no work is under way; after the shutdown.</summary>
    internal async Task EndedAsync()
    {
        while (!_underWay.IsEmpty)
        {
            await Task.WhenAll(_underWay.Keys);
        }
    }

    /// <summary>Does work on the thread pool. An exception ends the fleet manager.</summary>
    internal void Run(Func<Task> work)
    {
        // It completes when the work is no longer listed. If it completed before, who waits for all of them would look again and again, on a thread
        // that may be the one that removes it from the list.
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _underWay.TryAdd(ended.Task, 0);
        _ = Task.Run(() => DoAsync(work, ended));
    }

    private async Task DoAsync(Func<Task> work, TaskCompletionSource ended)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
        {
            // The process ends, and the actor does not read any more.
            return;
        }
        catch (Exception error)
        {
            post(new FleetMessage.Crashed(error));
        }
        finally
        {
            _underWay.TryRemove(ended.Task, out _);
            ended.SetResult();
        }
    }
}
