using System.Diagnostics;
using Edge.Config;
using Edge.Routing;

namespace Edge.Fleet;

/// <summary>What the steps of a deploy have the fleet do. Belongs to the fleet manager's actor.</summary>
internal sealed class DeployActions(
    Roster roster,
    TablePublisher publisher,
    ReplicaLifecycle lifecycle,
    Membership membership,
    DeployTasks tasks,
    IDataPlane plane,
    ServiceOptionsCell options)
{
    internal void Take(Deployment deploy, DeployAction action)
    {
        switch (action)
        {
            case DeployAction.None: break;
            case DeployAction.Inherit: deploy.Inherit(); break;
            case DeployAction.StartLead: StartLead(deploy); break;
            case DeployAction.AskSmoke: tasks.AskSmoke(deploy, deploy.Lead!.Incarnation); break;
            case DeployAction.OpenCanary: OpenCanary(deploy); break;
            case DeployAction.StartRest: StartNew(deploy, deploy.Size - deploy.NewThere().Count()); break;
            case DeployAction.StartOne: StartNew(deploy, 1); break;
            case DeployAction.ReplaceOne: ReplaceOne(deploy); break;
            case DeployAction.Switch: Switch(deploy); break;
            case DeployAction.RetireOld: Retire(deploy, [.. deploy.OldThere()]); break;
            case DeployAction.RemoveOld: membership.Dismiss([.. deploy.OldThere()], "it was kept for a rollback, and its time is over"); break;
            case DeployAction.WakeOld: WakeOld(deploy); break;
            case DeployAction.SwitchBack: SwitchBack(deploy); break;
            case DeployAction.ReadLines: ReadLines(deploy); break;
            case DeployAction.RemoveNew: RemoveNew(deploy); break;
            default: throw new UnreachableException();
        }
    }

    private void StartLead(Deployment deploy)
    {
        deploy.Previous = null;

        // Of the deploy before this one; what serves now is what a rollback of this one leads to.
        membership.Dismiss([.. roster.Members.Where(m => m.Role == MemberRole.Retired && !m.Leaving)], "another deploy has begun");
        if (!deploy.Plan.IsFollowing)
        {
            deploy.Old.AddRange(roster.Members.Where(m => m is { Leaving: false, Role: MemberRole.Serving, IsKept: false, Origin: ReplicaOrigin.Made }));
        }

        deploy.Generation = roster.Members.Select(m => m.Generation ?? 0).Append(roster.Target.Generation).Max() + 1;
        roster.Unfinished = deploy.Generation;
        StartNew(deploy, 1);
    }

    private void StartNew(Deployment deploy, int count)
    {
        foreach (string name in roster.FreeNames(count, new HashSet<string>()))
        {
            int number = deploy.New.Count;
            int weight = number < deploy.Old.Count ? deploy.Old[number].Weight : 1;
            var member = new Member(name, weight, lifecycle.NewLife($"it is started for the deploy of {deploy.Image.Name}"))
            {
                Role = MemberRole.Standby,
                Image = deploy.Image,
                Generation = deploy.Generation,
                Mark = deploy.Plan.IsFollowing ? null : new DeployMark(deploy.Was.Generation, deploy.Size, IsLead: number == 0, deploy.Configured),
            };
            roster.Add(member);
            deploy.New.Add(member);
            tasks.Start(member, member.Incarnation);
        }
    }

    /// <summary>Gives the first new replica its share of the requests.</summary>
    internal void OpenCanary(Deployment deploy)
    {
        deploy.Comparison ??= Comparison(deploy);
        CanaryBy by = deploy.State.IsByRequest ? CanaryBy.Request : deploy.Plan.By;
        if (deploy.Lead is { } lead)
        {
            lead.Role = MemberRole.Canary;
        }

        int share = Math.Max(1, deploy.Plan.CanaryPercent * Canary.Whole / 100);
        publisher.OpenCanary(replicas => new Canary(replicas, share, by, deploy.Comparison.Figures));
    }

    private DeployComparison Comparison(Deployment deploy)
    {
        TimeSpan slowStart = options.Current.Fleet.SlowStart;
        TimeSpan tenth = deploy.Plan.Judge / 10;
        return new DeployComparison(plane.Loops, slowStart < tenth ? slowStart : tenth);
    }

    private void ReplaceOne(Deployment deploy)
    {
        Member ready = deploy.NewThere().First(m => m.Role != MemberRole.Serving && m.Incarnation.State == ReplicaState.Healthy);
        Serve(ready);
        Member? leaving = deploy.OldThere().Where(m => m is { Leaving: false, Role: MemberRole.Serving })
            .OrderBy(m => m.Incarnation.State == ReplicaState.Healthy).FirstOrDefault();
        publisher.CloseCanary();
        if (leaving is not null)
        {
            Retire(deploy, [leaving]);
        }
    }

    private void Switch(Deployment deploy)
    {
        foreach (Member member in deploy.NewThere())
        {
            Serve(member);
        }

        // Those that sleep, or slept when it began, belong to the version before as well.
        if (!deploy.Plan.IsFollowing)
        {
            IEnumerable<Member> made = roster.Members.Where(m => m is { Origin: ReplicaOrigin.Made, Role: MemberRole.Serving });
            deploy.Old.AddRange(made.Except(deploy.New).Except(deploy.Old).ToList());
        }

        deploy.Old.ForEach(m => m.Role = MemberRole.Retired);
        roster.Target = roster.Target with
        {
            Generation = deploy.Generation,
            Image = deploy.Image,
            Configured = deploy.Plan.IsFollowing ? null : deploy.Configured,
        };
        roster.Unfinished = null;
        (deploy.Comparison ??= Comparison(deploy)).Switch(deploy.OldThere(), deploy.NewThere());
        deploy.Judged = new Judgement(JudgeVerdict.Undecided, deploy.Judged.Reason);
        publisher.CloseCanary();
    }

    // With its whole share at once: it takes the place of others, which have theirs no more.
    private static void Serve(Member member)
    {
        member.Role = MemberRole.Serving;
        member.Incarnation.RampFrom = null;
    }

    private void Retire(Deployment deploy, List<Member> members)
    {
        members.ForEach(m => m.Role = MemberRole.Retired);
        string why = $"{deploy.Image.Name} has taken its place";
        if (deploy.Plan.Keep > TimeSpan.Zero)
        {
            membership.Keep(members, why);
        }

        membership.Dismiss([.. members.Where(m => m is { IsKept: false, Leaving: false } && m.Incarnation.State != ReplicaState.Stopped)], why);
    }

    private void WakeOld(Deployment deploy)
    {
        foreach (Member member in deploy.OldThere().Where(m => m.Incarnation.State == ReplicaState.Kept).ToList())
        {
            membership.Wake(member, "the version before is wanted again");
        }
    }

    private void SwitchBack(Deployment deploy)
    {
        foreach (Member member in deploy.OldThere())
        {
            Serve(member);
        }

        foreach (Member member in deploy.NewThere())
        {
            member.Role = MemberRole.Standby;
        }

        roster.Target = deploy.Was;
        roster.Unfinished = deploy.Generation;
        publisher.CloseCanary();
    }

    private void ReadLines(Deployment deploy)
    {
        List<Member> canaries = [.. deploy.NewThere().Where(m => m.Role == MemberRole.Canary)];
        canaries.ForEach(m => m.Role = MemberRole.Standby);
        publisher.CloseCanary();
        canaries.ForEach(m => publisher.Relieve(m.Incarnation));
        Member? failed = deploy.NewThere().FirstOrDefault(m => m.Fault is not null) ?? deploy.NewThere().FirstOrDefault();
        if (failed is { LastLines: null, UnitId: { } unit })
        {
            tasks.ReadLines(deploy, unit);
        }
        else
        {
            deploy.LastLines = failed?.LastLines ?? [];
        }
    }

    // The lead goes first: another process that finds others without it knows that they are to be removed, too.
    private void RemoveNew(Deployment deploy)
    {
        List<Member> there = [.. deploy.NewThere().Where(m => !m.Leaving)];
        List<Member> lead = [.. there.Where(m => m == deploy.Lead)];
        membership.Dismiss(lead.Count > 0 ? lead : there, deploy.State.Why);
    }
}
