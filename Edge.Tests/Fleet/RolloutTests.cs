using Edge.Config;
using Edge.Fleet;

namespace Edge.Tests.Fleet;

/// <summary>The decisions of a deploy, one by one.</summary>
public sealed class RolloutTests
{
    private static readonly DateTimeOffset s_begun = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DeployPlan s_plan = DeployPlan.Of("app:2", new ServiceOptions());
    private static readonly DeployFacts s_canary = new()
    {
        Size = 3,
        New = 1,
        NewReady = 1,
        NewLeft = 1,
        OldReady = 3,
        OldRunning = 3,
        Judged = "the figures",
        CanaryAttempts = 100,
        OldAttempts = 900,
    };

    [Theory]
    [InlineData("Pass", 1, "Filling", false)]
    [InlineData("Revert", 1, "Reverting", false)]
    [InlineData("Pause", 1, "Canary", true)]
    [InlineData("Undecided", 59, null, false)]
    [InlineData("Undecided", 60, "Filling", false)]
    public void The_verdict_on_a_canary_decides_and_else_the_time(string verdict, int seconds, string? phase, bool isPaused)
    {
        RolloutStep? step = Next(s_plan, DeployPhase.Canary, s_canary with { Verdict = Enum.Parse<JudgeVerdict>(verdict) }, seconds);
        Assert.Equal((phase, isPaused), (step?.State.Phase.ToString(), step?.State.IsPaused ?? false));
    }

    [Theory]
    [InlineData("Promote", "Filling", false)]
    [InlineData("Pause", "Canary", true)]
    [InlineData("Revert", "Reverting", false)]
    public void The_options_say_what_follows_if_nothing_is_decided(string rule, string phase, bool isPaused)
    {
        RolloutStep step = Next(s_plan with { Undecided = Enum.Parse<UndecidedRule>(rule) }, DeployPhase.Canary, s_canary, 60)!.Value;
        Assert.Equal((phase, isPaused), (step.State.Phase.ToString(), step.State.IsPaused));
        Assert.Contains("nothing was decided in 1m: the figures", step.State.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_deploy_that_waits_is_still_taken_back_if_it_is_bad_and_goes_on_only_when_a_person_says_so()
    {
        DeployState paused = new DeployState(DeployPhase.Canary, s_begun, "") { IsPaused = true };
        DateTimeOffset late = s_begun.AddHours(1);
        Assert.Null(Rollout.Next(s_plan, paused, s_canary with { Verdict = JudgeVerdict.Pass }, late));
        Assert.Equal(DeployPhase.Reverting, Rollout.Next(s_plan, paused, s_canary with { Verdict = JudgeVerdict.Revert }, late)!.Value.State.Phase);
        Assert.Equal(DeployPhase.Reverting, Rollout.Next(s_plan, paused, s_canary with { Lost = "it died" }, late)!.Value.State.Phase);
        DeployState resumed = Rollout.On(DeployCommand.Resume, paused, s_canary, late, out _)!.Value.State;

        // What it was paused for does not pause it again.
        Assert.Null(Rollout.Next(s_plan, resumed, s_canary with { Verdict = JudgeVerdict.Pause }, late));
        Assert.Equal(DeployPhase.Filling, Rollout.Next(s_plan, resumed, s_canary with { Verdict = JudgeVerdict.Pause }, late.AddMinutes(1))!.Value.State.Phase);
    }

    // Of 1,000 requests a tenth is expected at the canary.
    [Theory]
    [InlineData(0, 1000, 10, false)]
    [InlineData(0, 1000, 15, true)]
    [InlineData(19, 981, 15, true)]
    [InlineData(20, 980, 15, false)]
    [InlineData(0, 150, 30, false)]
    [InlineData(300, 700, 1, false)]
    [InlineData(310, 690, 1, true)]
    public void Single_requests_are_divided_where_clients_give_the_canary_hardly_any_or_too_many(long canary, long old, int seconds, bool widens)
    {
        DeployFacts facts = s_canary with { CanaryAttempts = canary, OldAttempts = old };
        RolloutStep? step = Next(s_plan, DeployPhase.Canary, facts, seconds);
        Assert.Equal(widens, step is { State.IsByRequest: true, Action: DeployAction.OpenCanary });
        Assert.Null(Next(s_plan with { By = CanaryBy.Request }, DeployPhase.Canary, facts, seconds));
    }

    [Theory]
    [InlineData(0, 3, "StartOne")]
    [InlineData(1, 2, "StartOne")]
    [InlineData(1, 3, null)]
    [InlineData(2, 2, null)]
    public void One_by_one_means_that_no_more_run_than_the_size_and_the_surge(int starting, int oldRunning, string? action)
    {
        DeployFacts facts = s_canary with { New = starting, NewReady = 0, OldRunning = oldRunning };
        Assert.Equal(action, Next(s_plan with { Surge = 1 }, DeployPhase.Filling, facts, 1)?.Action.ToString());
    }

    [Fact]
    public void After_the_swap_the_old_ones_run_on_for_their_time_and_get_the_requests_back_if_the_new_ones_fail()
    {
        DeployFacts facts = s_canary with { New = 3, NewReady = 3, NewServing = 3, NewLeft = 3 };
        Assert.Null(Next(s_plan, DeployPhase.Switched, facts, 29, isSwitched: true));
        Assert.Equal(DeployAction.RetireOld, Next(s_plan, DeployPhase.Switched, facts, 30, isSwitched: true)!.Value.Action);
        Assert.Null(Next(s_plan, DeployPhase.Switched, facts with { NewReady = 1 }, 1, isSwitched: true));
        foreach (DeployFacts bad in new[] { facts with { NewReady = 0 }, facts with { Verdict = JudgeVerdict.Revert } })
        {
            DeployState reverting = Next(s_plan, DeployPhase.Switched, bad, 1, isSwitched: true)!.Value.State;
            Assert.Equal(DeployPhase.Reverting, reverting.Phase);
            Assert.Equal(DeployAction.SwitchBack, Rollout.Next(s_plan, reverting, bad, s_begun.AddSeconds(1))!.Value.Action);
            Assert.Null(Next(s_plan with { IsJudged = false }, DeployPhase.Switched, bad, 1, isSwitched: true));
        }
    }

    [Theory]
    [InlineData("Pause", "Canary Switched")]
    [InlineData("Promote", "Canary Switched")]
    [InlineData("Abort", "Pulling Starting Smoke Canary Filling Switched")]
    [InlineData("Rollback", "Pulling Starting Smoke Canary Filling Switched Retiring Done Reverted")]
    [InlineData("Resume", "")]
    public void Each_command_has_its_phases(string command, string phases)
    {
        DeployFacts facts = s_canary with { OldKept = 3 };
        DeployCommand asked = Enum.Parse<DeployCommand>(command);
        Assert.Equal(
            phases.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Enum.GetValues<DeployPhase>()
                .Where(phase => Rollout.On(asked, new DeployState(phase, s_begun, "") { KeptSince = s_begun }, facts, s_begun, out _) is not null)
                .Select(phase => phase.ToString()));
    }

    [Fact]
    public void A_rollback_to_nothing_says_what_to_do()
    {
        Assert.Null(Rollout.On(DeployCommand.Rollback, new DeployState(DeployPhase.Done, s_begun, ""), s_canary, s_begun, out string refusal));
        Assert.StartsWith("nothing is left of the version before", refusal, StringComparison.Ordinal);
    }

    private static RolloutStep? Next(DeployPlan plan, DeployPhase phase, DeployFacts facts, int seconds, bool isSwitched = false) =>
        Rollout.Next(plan, new DeployState(phase, s_begun, "") { IsSwitched = isSwitched }, facts, s_begun.AddSeconds(seconds));
}
