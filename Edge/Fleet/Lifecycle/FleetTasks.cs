using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>
/// What takes time: each method starts work on the thread pool, returns at once, and the outcome comes back as a
/// message. Nothing here touches the state of the fleet.
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
    // A paused one is given the time to be woken: what it holds is then answered after all.
    private static readonly TimeSpan DeadGrace = TimeSpan.FromSeconds(1);

    internal void Start(Member member, Incarnation incarnation)
    {
        // Read here, in the actor: the member may change while the work is under way.
        ReplicaSpec spec = member.Spec;
        log.Info("replica_state", ("name", member.Name), ("state", "starting"), ("address", null), ("why", incarnation.Why));
        if (spec.UnitId is not null)
        {
            StartAs(member, incarnation, spec);
            return;
        }

        // The first start of a member: which generation it is of is for the actor to say, once it is known what it is made of.
        Run(async () => post(await BeginAsync(
            member, incarnation, async cancellation => new FleetMessage.ImageKnown(member, incarnation, await driver.ImageAsync(cancellation)))));
    }

    /// <summary>Starts what a member is, or is to be.</summary>
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
                // The replica's life is over, and with it the checks: there is nothing to report.
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
    /// Lets the data plane forget a replica that died. What the kernel still has of its answers arrives at once; what
    /// waits for more is cut, and tried on another replica where that is safe. One of somebody else's may live on, at an address that is
    /// not its name's any more: it gets the time of a drain.
    /// </summary>
    internal void Release(Member member, Incarnation incarnation)
    {
        if (incarnation.Replica is { } replica)
        {
            Run(() => ReleaseAsync(member, incarnation, replica, driver.Capabilities.SeesEnds ? DeadGrace : options.Current.Timeouts.Drain, isLost: driver.Capabilities.SeesEnds));
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

    /// <summary>Removes what is left of a member that leaves and whose replica does not run.</summary>
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

    /// <summary>Follows the driver's events for ever; where it loses sync, watches anew, which lists anew.</summary>
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

    private void Run(Func<Task> work) => _ = Task.Run(async () =>
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
        {
            // The process ends; the actor does not listen any more.
            return;
        }
        catch (Exception error)
        {
            post(new FleetMessage.Crashed(error));
        }
    });
}
