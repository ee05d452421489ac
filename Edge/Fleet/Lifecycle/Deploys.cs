using System.Diagnostics;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>
/// Carries deploys out: asks <see cref="Rollout"/> for the next step after each message, and takes it. Belongs to the fleet manager's actor.
/// </summary>
internal sealed class Deploys(
    Roster roster,
    DeployActions actions,
    DeployTasks tasks,
    FollowedReplicas following,
    ServiceOptionsCell options,
    TimeProvider time,
    Log log)
{
    private Deployment? _last;
    private bool _isHeld;

    /// <summary>The present deploy, or the receipt of the last one; null if there was none.</summary>
    internal DeployStatus? Status => _last?.Status();

    /// <summary>Whether a deploy is under way: nothing else may change the size of the fleet.</summary>
    private bool IsUnderWay => _last is { IsOver: false };

    /// <summary>Why replicas cannot be added or removed now; null if they can.</summary>
    internal CallRefusal? Refusal => IsUnderWay
        ? new CallRefusal(
            CallRefusalKind.Conflict,
            $"a deploy of {_last!.Image.Name} is under way ({Rollout.Word(_last.State)}): wait for its end, or abort it")
        : null;

    /// <summary>A call asks for a deploy.</summary>
    /// <param name="operation">The call.</param>
    /// <param name="refusal">Why the fleet cannot be changed now; null if it can.</param>
    internal void Begin(DeployOperation operation, CallRefusal? refusal)
    {
        refusal ??= Refusal ?? RefusalOfOthers();
        if (refusal is not null)
        {
            operation.Settle(new DeployAnswer(Status, refusal));
            return;
        }

        DeployPlan plan = DeployPlan.Of(operation.Image, options.Current);
        plan = plan with
        {
            CanaryPercent = operation.CanaryPercent ?? plan.CanaryPercent,
            IsJudged = operation.IsJudged,
            IsForced = operation.IsForced,
            Pulls = operation.Pulls,
        };
        int there = roster.Members.Count(m => m is { Role: MemberRole.Serving, Leaving: false } && m.Incarnation.State != ReplicaState.Stopped);
        var state = new DeployState(DeployPhase.Pulling, time.GetUtcNow(), "the image is looked for");
        int size = there > 0 ? there : Math.Max(1, roster.Target.Size);
        Deployment deploy = Begin(new Deployment(plan, roster.Target, size, state, roster) { Operation = operation, Previous = _last });
        Note(deploy);
        tasks.FindImage(deploy);
        operation.Begin(new DeployAnswer(deploy.Status(), null));
    }

    /// <summary>A person has the deploy pause, go on, or go back.</summary>
    internal void On(DeployCall call)
    {
        if (_last is not { } deploy)
        {
            call.Complete(new DeployAnswer(null, new CallRefusal(CallRefusalKind.Conflict, "there is no deploy")));
            return;
        }

        RolloutStep? step = Rollout.On(call.Command, deploy.State, deploy.Facts(), time.GetUtcNow(), out string refusal);
        if (step is { } taken)
        {
            Take(deploy, taken);
            Look();
        }

        call.Complete(new DeployAnswer(deploy.Status(), step is null ? new CallRefusal(CallRefusalKind.Conflict, refusal) : null));
    }

    /// <summary>Something may have changed: takes all steps that are due. After each message.</summary>
    internal void Look()
    {
        if (_isHeld)
        {
            return;
        }

        Follow();
        if (_last is not { } deploy || deploy is { IsOver: true, State.KeptSince: null })
        {
            return;
        }

        DateTimeOffset now = time.GetUtcNow();
        Judge(deploy, now);
        while (Rollout.Next(deploy.Plan, deploy.State, deploy.Facts(), now) is { } step)
        {
            Take(deploy, step);
        }

        DeployFacts facts = deploy.Facts();
        if (Rollout.LookAgain(deploy.Plan, deploy.State, facts, now) is { } pause && !(deploy.LookPlanned > now && deploy.LookPlanned <= now + pause))
        {
            deploy.LookPlanned = now + pause;
            tasks.LookLater(pause);
        }
    }

    /// <summary>The planned look is due.</summary>
    internal void OnDue() => _last?.LookPlanned = null;

    /// <summary>Has deploys take no step while another process may be about to take over: that one goes on with them.</summary>
    internal void Hold(FleetMessage.DeploysHeld held)
    {
        _isHeld = held.AreHeld;
        held.Done.SetResult();
    }

    internal static void OnImage(Deployment deploy, ReplicaImage? image, string configured, string? failure)
    {
        deploy.ImageFailure = failure;
        deploy.IsImageKnown = image is not null;
        deploy.Image = image ?? deploy.Image;
        deploy.Configured = configured;
    }

    internal static void OnSmoke(Deployment deploy, string? failure) => (deploy.SmokePassed, deploy.SmokeFailure) = (failure is null, failure);

    internal static void OnLines(Deployment deploy, IReadOnlyList<string> lines) => deploy.LastLines = lines;

    /// <summary>The name of a new member was taken, and it is begun again under another one.</summary>
    internal void Replace(Member old, Member other) => _last?.Replace(old, other);

    /// <summary>
    /// Goes on with the deploy of an earlier process, from what its replicas say: before they are adopted. Afterwards, <see cref="Reassign"/> gives the
    /// members their roles.
    /// </summary>
    internal void Recover(DeployRemains remains)
    {
        DeployPlan plan = DeployPlan.Of(remains.Image.Name, options.Current);
        DateTimeOffset now = time.GetUtcNow();
        DeployState state = remains.Kind switch
        {
            DeployRemainsKind.Undecided => new(DeployPhase.Canary, now, "the balancer has come back, and a person has to say how it goes on")
            {
                IsPaused = true,
            },
            DeployRemainsKind.Passed => new(DeployPhase.Filling, now, "the balancer has come back, and the other new replicas are started"),
            DeployRemainsKind.Aborted => new(DeployPhase.Reverting, now, "the balancer has come back while the new version was taken back"),
            DeployRemainsKind.Promoted => new(DeployPhase.Done, now, "the balancer has come back, and the new version serves")
            {
                IsSwitched = true,
                KeptSince = now,
            },
            _ => throw new UnreachableException(),
        };
        FleetTarget was = roster.Target with { Generation = remains.Replaces, Image = remains.OldImage, Configured = remains.OldConfigured };
        Deployment deploy = Begin(new Deployment(plan, was, remains.Size, state, roster)
        {
            Image = remains.Image,
            IsImageKnown = true,
            Generation = remains.Generation,
            Configured = remains.Configured,
        });
        roster.Target = state.IsSwitched
            ? roster.Target with { Generation = remains.Generation, Image = remains.Image, Configured = remains.Configured }
            : was;
        roster.Unfinished = state.IsSwitched ? null : remains.Generation;
        Note(deploy);
    }

    /// <summary>All members are known: those of the deploy that goes on get their roles.</summary>
    internal void Reassign()
    {
        if (_last is not { New.Count: 0, Generation: > 0 } deploy)
        {
            return;
        }

        foreach (Member member in roster.Members.Where(m => m.Origin == ReplicaOrigin.Made).OrderByDescending(m => m.Mark?.IsLead == true))
        {
            bool isNew = member.Generation == deploy.Generation && (member.Mark is not null || deploy.State.IsSwitched);
            if (!isNew && !DeployRemains.IsOlder(member.Generation, deploy.Generation))
            {
                // It was added after the deploy, of yet another image.
                continue;
            }

            (isNew ? deploy.New : deploy.Old).Add(member);
            member.Role = deploy.State.IsSwitched ? isNew ? MemberRole.Serving : MemberRole.Retired : isNew ? MemberRole.Standby : MemberRole.Serving;
        }

        if (deploy.State.Phase == DeployPhase.Canary)
        {
            actions.OpenCanary(deploy);
        }
    }

    /// <summary>Answers a call that came too late.</summary>
    internal void Refuse(FleetMessage message)
    {
        var answer = new DeployAnswer(Status, PendingCalls.ShuttingDown);
        (message as FleetMessage.DeployBegun)?.Operation.Settle(answer);
        (message as FleetMessage.DeployAsked)?.Call.Complete(answer);
        (message as FleetMessage.DeploysHeld)?.Done.SetResult();
    }

    /// <summary>The balancer ends: the deploy stays as it is, and the next process goes on with it.</summary>
    internal void RefuseAll() => _last?.Operation?.Settle(new DeployAnswer(Status, PendingCalls.ShuttingDown));

    // Where somebody else's replicas are of a new version, and all are well, those that were made like them are made anew.
    private void Follow()
    {
        if (IsUnderWay || following.Image() is not { } image)
        {
            return;
        }

        DateTimeOffset now = time.GetUtcNow();
        DeployPlan plan = DeployPlan.Following(image.Name, options.Current);
        var state = new DeployState(DeployPhase.Pulling, now, $"those that it is made like are of {image.Name} now");
        List<Member> outdated = following.Outdated(image);
        Deployment deploy = Begin(new Deployment(plan, roster.Target, outdated.Count, state, roster) { Image = image, IsImageKnown = true });
        deploy.Old.AddRange(outdated);
        Note(deploy);
    }

    private Deployment Begin(Deployment deploy)
    {
        _last = deploy;
        roster.Unfinished = null;
        return deploy;
    }

    // Replicas that somebody else starts follow that person's own deploys.
    private CallRefusal? RefusalOfOthers()
    {
        string[] others = [.. roster.Members.Where(m => m.Origin != ReplicaOrigin.Made).Select(m => m.Name)];
        if (others.Length > 0)
        {
            return new CallRefusal(
                CallRefusalKind.Conflict,
                $"{string.Join(", ", others.Order(StringComparer.Ordinal))} {(others.Length == 1 ? "was" : "were")} not started by the balancer: "
                + "have whatever started them start the new version (docker compose up -d); its replicas join by themselves");
        }

        Member? busy = roster.Members.FirstOrDefault(m => m.Adding is not null || (m.Leaving && m.Removing is not null));
        return busy is null ? null : new CallRefusal(CallRefusalKind.Conflict, $"'{busy.Name}' is being added or removed");
    }

    private static void Judge(Deployment deploy, DateTimeOffset now)
    {
        if (deploy is not { Comparison: { } comparison, Plan.IsJudged: true })
        {
            return;
        }

        deploy.Judged = deploy.State.Phase switch
        {
            DeployPhase.Canary => comparison.OfCanary(now),

            // The receipt keeps what the canary came to, unless there is something worse.
            DeployPhase.Switched => comparison.SinceSwitch(deploy.NewThere()) is { Verdict: JudgeVerdict.Revert } bad ? bad : deploy.Judged,
            _ => deploy.Judged,
        };
    }

    private void Take(Deployment deploy, RolloutStep step)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (deploy.Move(step.State, now))
        {
            Note(deploy);
        }

        actions.Take(deploy, step.Action);

        // Whoever called learns it after the step, and not before it.
        if (deploy.Operation is { } operation && (deploy.IsOver || deploy.State.IsPaused || deploy.State.Phase == DeployPhase.Retiring))
        {
            operation.Settle(new DeployAnswer(deploy.Status(), null));
        }
    }

    private void Note(Deployment deploy)
    {
        ReadOnlySpan<(string, object?)> fields =
        [
            ("image", deploy.Image.Name),
            ("phase", Rollout.Word(deploy.State)),
            ("why", deploy.State.Why),
        ];
        if (deploy.State.IsPaused || deploy.State.Phase is DeployPhase.Reverting or DeployPhase.Reverted)
        {
            log.Warning("deploy", fields);
        }
        else
        {
            log.Info("deploy", fields);
        }
    }
}
