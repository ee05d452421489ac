using Edge.Routing;

namespace Edge.Proxy;

/// <summary>
/// Whether one more attempt may be made. That what a lost replica leaves behind goes to a sound one is no load beyond what
/// they all have, however much of it comes at once, nor is what waits until it is there again; the budget is for fleets of which
/// none, or not all, are known to be sound.
/// </summary>
/// <param name="loop">Whose replicas.</param>
/// <param name="budget">For whatever is not as clear as that.</param>
internal sealed class RetryPermits(LoopContext loop, RetryBudget budget)
{
    internal RetryBudget Budget => budget;

    /// <summary>Whether a request that a replica has failed may be tried once more; if it takes some of the budget, it counts.</summary>
    internal bool Take(Replica failed)
    {
        bool isLost = loop.Failures.IsSuspect(failed) || !loop.Table.Has(failed);
        return (isLost && (loop.Table.IsHealing || HasSoundBeside(failed))) || budget.TryTake(loop.Now);
    }

    /// <summary>Whether there is another one that does what is asked of it.</summary>
    internal bool HasSoundBeside(Replica lost)
    {
        foreach (Replica replica in loop.Table.Replicas)
        {
            if (replica != lost && loop.Failures.IsSound(replica))
            {
                return true;
            }
        }

        return false;
    }
}
