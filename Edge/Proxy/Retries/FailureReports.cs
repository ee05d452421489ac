using Edge.Routing;

namespace Edge.Proxy;

/// <summary>
/// Counts what replicas make of the requests of one loop, and reports those that fail one after the other. Failures that may be due
/// to what was asked (<see cref="Blame.Doubtful"/>) count only where the replica failed something else in the same row, or its last
/// health check: else one page that hangs, or is malformed, on every replica would take them all out. One after which another
/// replica answered the very same request is no longer doubtful.
/// </summary>
/// <param name="loop">The loop's number.</param>
/// <param name="countsStatus">Whether a status of 500 or more is a failure in this respect.</param>
/// <param name="ejectionDue">Called on the loop's thread; a replica is reported once a second at most.</param>
internal sealed class FailureReports(int loop, bool countsStatus, Action<Replica> ejectionDue)
{
    private const int PauseMilliseconds = 1000;

    /// <summary>Whether a status of 500 or more is a failure in this respect, from now on.</summary>
    internal bool CountsStatus { get; set; } = countsStatus;

    /// <summary>What failed a moment ago, as picks see it.</summary>
    internal FailurePenalties Places { get; } = new(loop);

    /// <summary>A replica failed a request.</summary>
    /// <param name="replica">Which.</param>
    /// <param name="blame">Against whom that speaks; not <see cref="Blame.Nobody"/>.</param>
    /// <param name="route">What was asked, as <see cref="FailedRoute"/> tells it; 0 where that is not known.</param>
    /// <param name="now">In the loop's milliseconds.</param>
    internal void CountFailure(Replica replica, Blame blame, long route, long now)
    {
        ref ReplicaCounters counters = ref replica.CountersOf(loop);
        counters.Failures++;
        Places.Keep(replica, now);
        CountInARow(replica, ref counters, blame, route, now);
    }

    /// <summary>A replica answered a request.</summary>
    /// <param name="replica">Which.</param>
    /// <param name="status">Of its answer.</param>
    /// <param name="isFailure">The status is one for which another replica is asked, where that is safe.</param>
    /// <param name="now">In the loop's milliseconds.</param>
    internal void CountAnswer(Replica replica, int status, bool isFailure, long now)
    {
        ref ReplicaCounters counters = ref replica.CountersOf(loop);
        if (status >= 500)
        {
            // Errors are fast, too: a replica that has lost its database draws no traffic by them.
            Places.Keep(replica, now);
            if (isFailure || CountsStatus)
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

    /// <summary>Another replica has answered a request that this one failed: that was not due to what was asked.</summary>
    internal void Confirm(Replica replica, long now)
    {
        ref ReplicaCounters counters = ref replica.CountersOf(loop);
        if (counters.DoubtfulInARow > 0)
        {
            counters.DoubtfulInARow--;
            ReportEjectionDue(replica, ref counters, now);
        }
    }

    /// <summary>Whether it has failed so many requests in a row that it is reported, and answered none since.</summary>
    internal bool IsEjectionDue(Replica replica) => IsEjectionDue(replica, in replica.CountersOf(loop));

    /// <summary>Whether it answered what it was asked last, or was asked nothing yet.</summary>
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
