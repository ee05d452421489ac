using Edge.Balancing;

namespace Edge.Proxy;

/// <summary>Counts what replicas make of the requests of one loop, and reports those that fail one after the other.</summary>
/// <param name="loop">The loop's number.</param>
/// <param name="countsStatus">Whether a status of 500 or more is a failure in this respect.</param>
/// <param name="suspected">Called on the loop's thread; a replica is reported once a second at most.</param>
internal sealed class FailureReports(int loop, bool countsStatus, Action<Replica> suspected)
{
    private const int PauseMilliseconds = 1000;

    /// <summary>Whether a status of 500 or more is a failure in this respect, from now on.</summary>
    internal bool CountsStatus { get; set; } = countsStatus;

    /// <summary>A replica failed a request.</summary>
    internal void CountFailure(Replica replica, long now)
    {
        ref ReplicaCounters counters = ref replica.CountersOf(loop);
        counters.Failures++;
        CountInARow(replica, ref counters, now);
    }

    /// <summary>A replica answered a request.</summary>
    /// <param name="isFailure">The status is one for which another replica is asked, where that is safe.</param>
    internal void CountAnswer(Replica replica, int status, bool isFailure, long now)
    {
        ref ReplicaCounters counters = ref replica.CountersOf(loop);
        if (isFailure || (status >= 500 && CountsStatus))
        {
            CountInARow(replica, ref counters, now);
        }
        else if (counters.FailuresInARow != 0)
        {
            counters.FailuresInARow = 0;
        }
    }

    /// <summary>Whether it has failed so many requests in a row that it is reported, and answered none since.</summary>
    internal bool IsSuspect(Replica replica) =>
        replica.SuspectAfter is > 0 and var after && replica.CountersOf(loop).FailuresInARow >= after;

    /// <summary>Whether the last that is known of it is good.</summary>
    internal bool IsSound(Replica replica) => replica.CountersOf(loop).FailuresInARow == 0;

    private void CountInARow(Replica replica, ref ReplicaCounters counters, long now)
    {
        int suspectAfter = replica.SuspectAfter;
        if (++counters.FailuresInARow >= suspectAfter && suspectAfter > 0 && now - counters.ReportedAt >= PauseMilliseconds)
        {
            counters.ReportedAt = now;
            suspected(replica);
        }
    }
}
