using Edge.Routing;

namespace Edge.Proxy;

/// <summary>
/// Counts the failures of replicas in one loop, and reports replicas that fail one request after the other. A failure that may be due to the page
/// (<see cref="Blame.Doubtful"/>) counts only if the replica also failed another page in the same row, or its last health check. Otherwise one page
/// that hangs, or is malformed, on every replica would eject all of them. If another replica then answers the same request, the failure is no longer
/// doubtful.
/// </summary>
/// <param name="loop">The loop's number.</param>
/// <param name="ejectionDue">Called on the loop's thread; a replica is reported once a second at most.</param>
internal sealed class FailureReports(int loop, Action<Replica> ejectionDue)
{
    private const int PauseMilliseconds = 1000;

    /// <summary>The penalties of recent failures, for picks.</summary>
    internal FailurePenalties Places { get; } = new(loop);

    /// <summary>A replica failed a request.</summary>
    /// <param name="replica">The replica.</param>
    /// <param name="blame">Against whom the failure counts; not <see cref="Blame.Nobody"/>.</param>
    /// <param name="route">The page, as <see cref="FailedRoute"/> numbers it; 0 if it is not known.</param>
    /// <param name="now">In the loop's milliseconds.</param>
    internal void CountFailure(Replica replica, Blame blame, long route, long now)
    {
        ref ReplicaCounters counters = ref replica.CountersOf(loop);
        counters.Failures++;
        Places.Keep(replica, now);
        CountInARow(replica, ref counters, blame, route, now);
    }

    /// <summary>A replica answered a request.</summary>
    /// <param name="replica">The replica.</param>
    /// <param name="status">Of its answer.</param>
    /// <param name="isFailure">Whether a status of 500 or more counts as a failure, like one for which another replica is asked.</param>
    /// <param name="now">In the loop's milliseconds.</param>
    internal void CountAnswer(Replica replica, int status, bool isFailure, long now)
    {
        ref ReplicaCounters counters = ref replica.CountersOf(loop);
        if (status >= 500)
        {
            // Error responses are fast, too: without this, a replica that has lost its database would draw traffic by them.
            Places.Keep(replica, now);
            if (isFailure)
            {
                CountInARow(replica, ref counters, Blame.Replica, route: 0, now);
                return;
            }
        }

        if (counters.FailuresInARow != 0)
        {
            counters.FailuresInARow = counters.DoubtfulInARow = 0;
        }
    }

    /// <summary>Another replica has answered a request that this one failed, so the failure was not due to the page.</summary>
    internal void Confirm(Replica replica, long now)
    {
        ref ReplicaCounters counters = ref replica.CountersOf(loop);
        if (counters.DoubtfulInARow > 0)
        {
            counters.DoubtfulInARow--;
            ReportEjectionDue(replica, ref counters, now);
        }
    }

    /// <summary>Whether it has failed enough requests in a row to be reported, and answered none since.</summary>
    internal bool IsEjectionDue(Replica replica) => IsEjectionDue(replica, in replica.CountersOf(loop));

    /// <summary>Whether it answered its last request, or had none yet.</summary>
    internal bool AnsweredLast(Replica replica) => replica.CountersOf(loop).FailuresInARow == 0;

    private static bool IsEjectionDue(Replica replica, in ReplicaCounters counters)
    {
        int after = replica.EjectAfter;
        return after > 0 && counters.FailuresInARow >= after
            && (counters.FailuresInARow - counters.DoubtfulInARow >= after || counters.HasOtherRoute != 0 || replica.FailsChecks);
    }

    private void CountInARow(Replica replica, ref ReplicaCounters counters, Blame blame, long route, long now)
    {
        if (counters.FailuresInARow++ == 0)
        {
            counters.RouteInARow = counters.HasOtherRoute = counters.DoubtfulInARow = 0;
        }

        if (counters.RouteInARow == 0)
        {
            counters.RouteInARow = route;
        }
        else if (route != 0 && route != counters.RouteInARow)
        {
            counters.HasOtherRoute = 1;
        }

        counters.DoubtfulInARow += blame == Blame.Doubtful ? 1 : 0;
        ReportEjectionDue(replica, ref counters, now);
    }

    private void ReportEjectionDue(Replica replica, ref ReplicaCounters counters, long now)
    {
        if (IsEjectionDue(replica, in counters) && now - counters.ReportedAt >= PauseMilliseconds)
        {
            counters.ReportedAt = now;
            ejectionDue(replica);
        }
    }
}
