using Edge.Routing;

namespace Edge.Proxy;

/// <summary>
/// Decides whether another attempt may be made. If a replica is due to be ejected, or out of the table, its requests go to one that answers. They are
/// no additional load, however many come at once; neither are requests that wait until the replica is back. The budget is for fleets in which no
/// other replica is known to answer.
/// </summary>
/// <param name="loop">Which knows what failed.</param>
/// <param name="service">Whose replicas.</param>
/// <param name="budget">For all other cases.</param>
internal sealed class RetryPermits(LoopContext loop, ServiceState service, RetryBudget budget)
{
    internal RetryBudget Budget => budget;

    /// <summary>Whether a request that a replica has failed may be tried again. If that costs the budget, it is counted.</summary>
    internal bool Take(Replica failed)
    {
        bool isOut = loop.Failures.IsEjectionDue(failed) || !service.Table.Has(failed);
        return (isOut && (service.Table.IsHealing || HasOtherThatAnswers(failed))) || budget.TryTake(loop.Now);
    }

    /// <summary>Whether there is another replica that answers its requests.</summary>
    internal bool HasOtherThatAnswers(Replica ejected)
    {
        foreach (Replica replica in service.Table.Replicas)
        {
            if (replica != ejected && loop.Failures.AnsweredLast(replica))
            {
                return true;
            }
        }

        return false;
    }
}
