using Edge.Routing;

namespace Edge.Proxy;

/// <summary>
/// Decides whether another attempt may be made. If a replica is due to be ejected, or out of the table, its requests go to one that answers. They are
/// no additional load, however many come at once; neither are requests that wait until the replica is back. The budget is for fleets in which no
/// other replica is known to answer.
/// </summary>
/// <param name="loop">For its clock.</param>
/// <param name="failures">What failed.</param>
/// <param name="replicas">Those of the service.</param>
/// <param name="budget">For all other cases.</param>
internal sealed class RetryPermits(LoopContext loop, FailureReports failures, ReplicaPicker replicas, RetryBudget budget)
{
    internal RetryBudget Budget => budget;

    /// <summary>Whether a request that a replica has failed may be tried again. If that costs the budget, it is counted.</summary>
    internal bool Take(Replica failed)
    {
        bool isOut = failures.IsEjectionDue(failed) || !replicas.Table.Has(failed);
        return (isOut && (replicas.Table.IsHealing || HasOtherThatAnswers(failed))) || budget.TryTake(loop.Now);
    }

    /// <summary>Whether there is another replica that answers its requests.</summary>
    internal bool HasOtherThatAnswers(Replica ejected)
    {
        foreach (Replica replica in replicas.Table.Replicas)
        {
            if (replica != ejected && failures.AnsweredLast(replica))
            {
                return true;
            }
        }

        return false;
    }
}
