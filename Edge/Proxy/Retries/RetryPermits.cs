using Edge.Routing;

namespace Edge.Proxy;

/// <summary>
/// Whether one more attempt may be made. Where a replica is due to be ejected, or is out of the table, what it leaves behind goes to
/// one that answers: that is no load beyond what they all have, however much of it comes at once, nor is what waits until it is there again. The budget
/// is for fleets in which no other replica is known to answer.
/// </summary>
/// <param name="loop">Which knows what failed.</param>
/// <param name="service">Whose replicas.</param>
/// <param name="budget">For whatever is not as clear as that.</param>
internal sealed class RetryPermits(LoopContext loop, ServiceState service, RetryBudget budget)
{
    internal RetryBudget Budget => budget;

    /// <summary>Whether a request that a replica has failed may be tried once more; if it takes some of the budget, it counts.</summary>
    internal bool Take(Replica failed)
    {
        bool isOut = loop.Failures.IsEjectionDue(failed) || !service.Table.Has(failed);
        return (isOut && (service.Table.IsHealing || HasOtherThatAnswers(failed))) || budget.TryTake(loop.Now);
    }

    /// <summary>Whether there is another one that answers what it is asked.</summary>
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
