using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>
/// Compares the versions of a deploy. While there is a canary, by the figures that the loops count for it. After the swap the old replicas get nothing to
/// compare with: then what the new ones fail is compared with what the old ones failed in their whole life, over all methods.
/// </summary>
/// <param name="loops">How many event loops count.</param>
/// <param name="warmUp">How long response times say nothing, from the first request of the canary on.</param>
internal sealed class DeployComparison(int loops, TimeSpan warmUp)
{
    private DateTimeOffset? _begun;
    private JudgeFigures? _cold;
    private CanaryTally _oldLife;
    private CanaryTally _newBefore;

    /// <summary>Where the loops count.</summary>
    internal CanaryFigures Figures { get; } = new(loops);

    /// <summary>Requests of one side so far.</summary>
    internal long Attempts(CanarySide side) => Figures.Read(side).Attempts;

    /// <summary>What the figures of the canary say.</summary>
    internal Judgement OfCanary(DateTimeOffset now) => Judge.Decide(FiguresOfCanary(now));

    /// <summary>The same figures as the judge gets them.</summary>
    internal JudgeFigures FiguresOfCanary(DateTimeOffset now)
    {
        if (Attempts(CanarySide.New) > 0)
        {
            _begun ??= now;
        }

        if (now - _begun >= warmUp)
        {
            _cold ??= JudgeFigures.Read(Figures);
            return JudgeFigures.Read(Figures, _cold);
        }

        return new JudgeFigures { Old = Figures.Read(CanarySide.Old), New = Figures.Read(CanarySide.New) };
    }

    /// <summary>All requests go to the new replicas from now on.</summary>
    internal void Switch(IEnumerable<Member> old, IEnumerable<Member> fresh) => (_oldLife, _newBefore) = (LifeOf(old), LifeOf(fresh));

    /// <summary>What the new replicas have failed since: worse, or nothing that would tell.</summary>
    internal Judgement SinceSwitch(IEnumerable<Member> fresh) =>
        Judge.Decide(new JudgeFigures { Old = _oldLife, New = LifeOf(fresh).Since(_newBefore) });

    private static CanaryTally LifeOf(IEnumerable<Member> members)
    {
        ReplicaCounters sum = default;
        var answers = new AnswerTable();
        foreach (Member member in members)
        {
            sum = member.Incarnation.Replica is { } replica ? replica.Figures(sum) : sum;
            member.Incarnation.Replica?.AddAnswersTo(answers);
            ReplicaCounters past = member.Past.Sum;
            Counters.AddTo(ref past, ref sum);
            member.Past.Answers.AddTo(answers);
        }

        long failed = answers.All().Where(answer => answer.Code.StartsWith('5')).Sum(answer => answer.Count);
        return new CanaryTally { Attempts = sum.Ended, Errors = Math.Min(sum.Ended, sum.Failures + failed) };
    }
}
