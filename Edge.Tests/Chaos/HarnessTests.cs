namespace Edge.Tests.Chaos;

/// <summary>What the chaos would find: without this, a table of zeros says nothing.</summary>
public class HarnessTests
{
    private static readonly ChaosSettings s_brief = new(1, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(60));

    [Theory]
    [InlineData(Fault.ResetAtAccept, Got.Reset)]
    [InlineData(Fault.ResetAfterHead, Got.Reset)]
    [InlineData(Fault.CloseInBody, Got.BrokenAfterHead)]
    [InlineData(Fault.Garbage, Got.Garbage)]
    [InlineData(Fault.Unavailable, Got.ReplicasError)]
    [InlineData(Fault.Restart, Got.Reset)]
    [InlineData(Fault.HangThenDie, Got.Reset)]
    [InlineData(Fault.HangThenAnswer, Got.Right)]
    [InlineData(Fault.Slow, Got.Right)]
    [InlineData(Fault.None, Got.Right)]
    internal async Task Without_a_balancer_in_between_each_fault_shows(Fault fault, Got got)
    {
        var ledger = new Ledger();
        await using var replica = new ChaosReplica("a", ledger, s_brief.Seed);
        await replica.BeginAsync(fault);
        var load = new OpenLoad(replica.Address, new ScriptedWording(), s_brief.Seed, perSecond: 50, postsOfTen: 5);
        Task<IReadOnlyList<Outcome>> loading = load.RunAsync(TimeSpan.FromSeconds(0.5), TestContext.Current.CancellationToken);
        await Schedule.PassAsync(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        replica.End();
        IReadOnlyList<Outcome> outcomes = await loading;
        Assert.All(outcomes, o => Assert.Equal(got, o.Got));
        var verdict = new Verdict(outcomes, ledger);
        Assert.Empty(verdict.Damaged);
        Assert.Empty(verdict.MixedUp);
        Assert.Equal(got == Got.BrokenAfterHead ? outcomes.Count : 0, verdict.BrokenAfterHead.Count);
        Assert.Equal(got is Got.Right or Got.BrokenAfterHead ? 0 : outcomes.Count, verdict.GetsLost.Count + verdict.PostsFailed.Count);
    }

    [Fact]
    public void A_POST_that_two_replicas_have_executed_is_found()
    {
        var ledger = new Ledger();
        ledger.Executed("t1", "a").Answer = AnswerState.Unsent;
        ledger.Executed("t1", "b").Answer = AnswerState.Whole;
        Assert.Single(new Verdict([Of("t1", isPost: true, Got.Right)], ledger).ExecutedTwice);
        Assert.Empty(new Verdict([Of("t1", isPost: false, Got.Right)], ledger).ExecutedTwice);
    }

    [Fact]
    public void An_answer_that_no_replica_broke_is_no_excuse_for_the_balancer()
    {
        var ledger = new Ledger();
        ledger.Executed("t1", "a").Answer = AnswerState.Whole;
        ledger.Executed("t2", "a").Answer = AnswerState.BrokenAfterHead;
        var verdict = new Verdict([Of("t1", isPost: false, Got.BrokenAfterHead), Of("t2", isPost: false, Got.BrokenAfterHead)], ledger);
        Assert.Contains(" t1:", Assert.Single(verdict.GetsLost));
        Assert.Contains(" t2:", Assert.Single(verdict.BrokenAfterHead));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nX-Token: t1\r\n\r\n", "t1 t1 t", Got.Right)]
    [InlineData("HTTP/1.1 200 OK\r\nX-Token: t2\r\n\r\n", "t2 t2 t", Got.MixedUp)]
    [InlineData("HTTP/1.1 200 OK\r\nX-Token: t1\r\n\r\n", "t1 t2 t", Got.MixedUp)]
    [InlineData("HTTP/1.1 503 Unavailable\r\nX-Token: t1\r\n\r\n", "t1 t1 t", Got.ReplicasError)]
    [InlineData("HTTP/1.1 502 Bad Gateway\r\n\r\n", "sorry", Got.BalancersError)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", "t1 t1 t", Got.MixedUp)]
    internal void An_answer_is_judged_by_its_own_token(string head, string body, Got got) =>
        Assert.Equal(got, new ScriptedWording().Judge("t1", int.Parse(head.AsSpan(9, 3)), head, System.Text.Encoding.Latin1.GetBytes(body)));

    [Fact]
    public void An_answer_that_no_replica_gave_is_mixed_up() =>
        Assert.Single(new Verdict([Of("t1", isPost: false, Got.Right)], new Ledger()).MixedUp);

    private static Outcome Of(string token, bool isPost, Got got) => new(token, isPost, got, 1, 0, "");
}
