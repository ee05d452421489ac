using Edge.Config;

namespace Edge.Fleet;

/// <summary>
/// Decides the next step of a deploy from its plan, its state, what is known and the time. Pure. A new version is started beside the old one; its first
/// replica, the lead, proves itself on a share of the requests; then all requests are switched by one swap, and the old replicas are kept for a while.
/// </summary>
internal static class Rollout
{
    // How many times its share the canary may get before clients are divided no more.
    private const int SharesAtMost = 3;

    /// <summary>The next step; null if the deploy has to wait for something. The caller takes it, and asks again.</summary>
    internal static RolloutStep? Next(DeployPlan plan, DeployState state, in DeployFacts facts, DateTimeOffset now) => state.Phase switch
    {
        DeployPhase.Pulling => AfterPulling(plan, state, facts, now),
        DeployPhase.Starting when facts.Lost is { } lost => Revert(state, now, lost),
        DeployPhase.Starting when facts.NewReady > 0 => plan.Smoke.Count > 0
            ? new(state.To(DeployPhase.Smoke, now, "the first new replica is well, and is asked for the paths of Edge:Deploy:Smoke"), DeployAction.AskSmoke)
            : AfterSmoke(plan, state, facts, now, "the first new replica is well"),
        DeployPhase.Smoke when (facts.Lost ?? facts.SmokeFailure) is { } lost => Revert(state, now, lost),
        DeployPhase.Smoke when facts.SmokePassed == true => AfterSmoke(plan, state, facts, now, "the first new replica has answered what it was asked"),
        DeployPhase.Canary => InCanary(plan, state, facts, now),
        DeployPhase.Filling when facts.Lost is { } lost => Revert(state, now, lost),
        DeployPhase.Filling => plan.Surge == 0 ? InFilling(state, facts, now) : OneByOne(plan, state, facts, now),
        DeployPhase.Switched => InSwitched(plan, state, facts, now),
        DeployPhase.Retiring when facts.OldRunning == 0 =>
            new(state.To(DeployPhase.Done, now, "the new version serves, and the old one has ended") with { KeptSince = now }, DeployAction.None),
        DeployPhase.Done or DeployPhase.Reverted when facts.OldKept > 0 && now - state.KeptSince >= plan.Keep =>
            new(state with { KeptSince = null }, DeployAction.RemoveOld),
        DeployPhase.Reverting when facts.OldKept > 0 => new(state, DeployAction.WakeOld),
        DeployPhase.Reverting => state.IsSwitched ? SwitchBack(plan, state, facts, now) : RemoveNew(state, facts, now),
        _ => null,
    };

    /// <summary>
    /// When to ask again though nothing has happened; null if only an event can change anything. While replicas are compared their figures change without
    /// one.
    /// </summary>
    internal static TimeSpan? LookAgain(DeployPlan plan, DeployState state, in DeployFacts facts, DateTimeOffset now) => state.Phase switch
    {
        DeployPhase.Canary or DeployPhase.Switched => TimeSpan.FromMilliseconds(250),
        DeployPhase.Done or DeployPhase.Reverted when facts.OldKept > 0 && state.KeptSince is { } since => Left(since + plan.Keep - now),
        DeployPhase.Reverting when facts.OldStarting > 0 => Left(state.Since + plan.Start - now),
        _ => null,
    };

    /// <summary>The step that a person has the deploy take.</summary>
    /// <param name="command">What is wanted.</param>
    /// <param name="state">Where the deploy is.</param>
    /// <param name="facts">What is known.</param>
    /// <param name="now">The time.</param>
    /// <param name="refusal">Why there is none.</param>
    internal static RolloutStep? On(DeployCommand command, DeployState state, in DeployFacts facts, DateTimeOffset now, out string refusal)
    {
        refusal = $"nothing can be done about that while the deploy is {Word(state)}";
        bool isOpen = state.Phase is DeployPhase.Canary or DeployPhase.Switched;
        switch (command)
        {
            case DeployCommand.Pause when isOpen && !state.IsPaused:
                return new(state with { IsPaused = true, Why = "a person has it wait" }, DeployAction.None);
            case DeployCommand.Resume when state.IsPaused:
                return new(state with { IsPaused = false, IsOverruled = true, Since = now, Why = "a person has it go on" }, DeployAction.None);
            case DeployCommand.Promote when state.Phase == DeployPhase.Canary:
                return Fill(state, now, "a person has promoted it");
            case DeployCommand.Promote when state.Phase == DeployPhase.Switched:
                return Retire(state, now, "a person has promoted it");
            case DeployCommand.Abort when state.Phase < DeployPhase.Retiring:
                return Revert(state, now, "a person has aborted it");
            case DeployCommand.Rollback when state.Phase < DeployPhase.Retiring:
            case DeployCommand.Rollback when state.Phase == DeployPhase.Retiring && facts.OldKept > 0:
            case DeployCommand.Rollback when state is { Phase: DeployPhase.Done or DeployPhase.Reverted, KeptSince: not null } && facts.OldKept > 0:
                return Revert(state with { KeptSince = null }, now, "a person has had the version before serve again");
            case DeployCommand.Rollback when state.Phase == DeployPhase.Done:
                refusal = "nothing is left of the version before (Edge:Deploy:Keep says how long it is kept): deploy its image again";
                return null;
            default:
                return null;
        }
    }

    /// <summary>Where a deploy is, in words.</summary>
    internal static string Word(DeployState state) => DeployStep.WordOf(state.Phase, state.IsPaused);

    private static RolloutStep? AfterPulling(DeployPlan plan, DeployState state, in DeployFacts facts, DateTimeOffset now)
    {
        if (facts.ImageFailure is { } failure)
        {
            return new(state.To(DeployPhase.Reverted, now, failure), DeployAction.Inherit);
        }

        if (!facts.IsImageKnown)
        {
            return null;
        }

        return facts.IsSameImage && !plan.IsForced
            ? new(state.To(DeployPhase.Done, now, "this image serves already: there is nothing to do"), DeployAction.Inherit)
            : new(state.To(DeployPhase.Starting, now, "the image is there, and the first new replica is started"), DeployAction.StartLead);
    }

    // Where nobody serves, there is nothing to compare with.
    private static RolloutStep AfterSmoke(DeployPlan plan, DeployState state, in DeployFacts facts, DateTimeOffset now, string why) =>
        plan.CanaryPercent > 0 && facts.OldReady > 0
            ? new(state.To(DeployPhase.Canary, now, $"{why}: it gets {plan.CanaryPercent} % of the GET requests"), DeployAction.OpenCanary)
            : Fill(state, now, why);

    private static RolloutStep? InCanary(DeployPlan plan, DeployState state, in DeployFacts facts, DateTimeOffset now)
    {
        if (facts.Lost is { } lost)
        {
            return Revert(state, now, lost);
        }

        if (facts.Verdict == JudgeVerdict.Revert)
        {
            return Revert(state, now, facts.Judged);
        }

        if (state.IsPaused)
        {
            return null;
        }

        if (facts.Verdict == JudgeVerdict.Pause && !state.IsOverruled)
        {
            return new(state with { IsPaused = true, Why = facts.Judged }, DeployAction.None);
        }

        if (facts.Verdict == JudgeVerdict.Pass)
        {
            return Fill(state, now, facts.Judged);
        }

        if (now - state.Since < plan.Judge)
        {
            return MustWiden(plan, state, facts, now)
                ? new(
                    state with { IsByRequest = true, Why = $"{Widened(facts)}, so the new replica gets single requests of all clients from now on" },
                    DeployAction.OpenCanary)
                : null;
        }

        string length = Durations.Show(plan.Judge);
        string undecided = plan.IsJudged ? $"nothing was decided in {length}: {facts.Judged}" : $"{length} are over, without a judge";
        return plan.Undecided switch
        {
            UndecidedRule.Pause when plan.IsJudged && !state.IsOverruled => new(state with { IsPaused = true, Why = undecided }, DeployAction.None),
            UndecidedRule.Revert when plan.IsJudged && !state.IsOverruled => Revert(state, now, undecided),
            _ => Fill(state, now, undecided),
        };
    }

    // On a site with few clients, or behind another proxy, chance may have found none of them, and a version that nobody has tried would be promoted; or it
    // may have found nearly all, and the one new replica would be overloaded.
    private static bool MustWiden(DeployPlan plan, DeployState state, in DeployFacts facts, DateTimeOffset now)
    {
        if (plan.By != CanaryBy.Client || state.IsByRequest || facts.CanaryAttempts + facts.OldAttempts < Judge.NewAtLeast * 100L / plan.CanaryPercent)
        {
            return false;
        }

        bool isTooMuch = facts.CanaryAttempts * 100 > (facts.CanaryAttempts + facts.OldAttempts) * plan.CanaryPercent * SharesAtMost;
        return isTooMuch || (facts.CanaryAttempts < Judge.NewAtLeast && now - state.Since >= plan.Judge / 4);
    }

    private static string Widened(in DeployFacts facts) => facts.CanaryAttempts < Judge.NewAtLeast
        ? "hardly any client is among those that were chosen"
        : "most requests come from the clients that were chosen";

    private static RolloutStep? InFilling(DeployState state, in DeployFacts facts, DateTimeOffset now)
    {
        if (!state.IsAsked)
        {
            return new(state with { IsAsked = true }, DeployAction.StartRest);
        }

        return facts.NewReady == facts.Size
            ? new(state.To(DeployPhase.Switched, now, "all new replicas are well, and all requests go to them") with { IsSwitched = true }, DeployAction.Switch)
            : null;
    }

    private static RolloutStep? OneByOne(DeployPlan plan, DeployState state, in DeployFacts facts, DateTimeOffset now)
    {
        if (facts.NewReady > facts.NewServing)
        {
            return new(state with { IsSwitched = true }, DeployAction.ReplaceOne);
        }

        if (facts.New < facts.Size && facts.New + facts.OldRunning < facts.Size + plan.Surge)
        {
            return new(state, DeployAction.StartOne);
        }

        return facts.NewServing == facts.Size
            ? new(state.To(DeployPhase.Switched, now, "all old replicas are replaced, one by one"), DeployAction.Switch)
            : null;
    }

    private static RolloutStep? InSwitched(DeployPlan plan, DeployState state, in DeployFacts facts, DateTimeOffset now)
    {
        if (plan.IsJudged && facts.Verdict == JudgeVerdict.Revert)
        {
            return Revert(state, now, facts.Judged);
        }

        // A single replica that dies is started again like any other.
        if (plan.IsJudged && facts.NewReady == 0)
        {
            return Revert(state, now, facts.Lost ?? "no new replica is well");
        }

        return !state.IsPaused && now - state.Since >= plan.Bake
            ? Retire(state, now, $"the new version has served for {Durations.Show(plan.Bake)}, and the old replicas are drained and stopped")
            : null;
    }

    private static RolloutStep? SwitchBack(DeployPlan plan, DeployState state, in DeployFacts facts, DateTimeOffset now)
    {
        bool isLate = now - state.Since >= plan.Start;
        if (facts.OldStarting > 0 && !isLate)
        {
            return null;
        }

        return facts.OldReady > 0
            ? new(state with { IsSwitched = false, IsAsked = false }, DeployAction.SwitchBack)
            : new(state.To(DeployPhase.Done, now, $"no old replica became well, so the new version goes on ({state.Why})"), DeployAction.None);
    }

    private static RolloutStep? RemoveNew(DeployState state, in DeployFacts facts, DateTimeOffset now)
    {
        if (!state.IsAsked)
        {
            return new(state with { IsAsked = true }, DeployAction.ReadLines);
        }

        return !facts.AreLinesRead || facts.IsLeadLeaving ? null
            : facts.New > 0 ? new(state, DeployAction.RemoveNew)
            : facts.NewLeft == 0 ? new(state.To(DeployPhase.Reverted, now, state.Why), DeployAction.None)
            : null;
    }

    private static RolloutStep Fill(DeployState state, DateTimeOffset now, string why) =>
        new(state.To(DeployPhase.Filling, now, $"{why}: the other new replicas are started"), DeployAction.None);

    private static RolloutStep Retire(DeployState state, DateTimeOffset now, string why) =>
        new(state.To(DeployPhase.Retiring, now, why), DeployAction.RetireOld);

    private static RolloutStep Revert(DeployState state, DateTimeOffset now, string why) => new(state.To(DeployPhase.Reverting, now, why), DeployAction.None);

    private static TimeSpan Left(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.FromMilliseconds(1);
}
