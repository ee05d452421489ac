using Edge.Config;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Fleet;

/// <summary>
/// Ejects replicas whose requests fail one after the other, before their health checks notice, or if the checks notice nothing. Lets them back on
/// trial. Belongs to the fleet manager's actor.
/// </summary>
internal sealed class Ejections(
    Roster roster,
    TablePublisher publisher,
    Membership membership,
    FleetTasks tasks,
    ServiceOptionsCell options,
    FleetCounters counters,
    TimeProvider time,
    Log log)
{
    private EjectionOptions Options => options.Current.Ejection;

    /// <summary>A loop reports that requests to a replica fail in a row.</summary>
    internal void OnEjectionDue(Replica replica)
    {
        Member? member = roster.Members.FirstOrDefault(m => m.Incarnation.Replica == replica);
        if (member is not { Incarnation: { State: ReplicaState.Healthy, Ejection: null } incarnation })
        {
            return;
        }

        // What a new version fails is the deploy's; it may be out as a whole.
        int ejected = roster.Members.Count(m => m is { Incarnation.Ejection: not null, Role: MemberRole.Serving });
        if (!member.IsOfNewVersion && !Options.MayEject(ejected, roster.ServingCount))
        {
            // A replica that may not be ejected gets little to do, so that the retry budget is enough for the requests that it fails.
            publisher.RampAnew(incarnation);
            counters.CountSpared();
            log.Warning(
                "ejection_spared",
                ("name", member.Name),
                ("ejected", ejected),
                ("replicas", roster.ServingCount),
                ("at_most_percent", Options.MaxPercent));
            return;
        }

        if (time.GetUtcNow() - member.LastEjection > Options.MaxTime)
        {
            member.Ejections = 0;
        }

        member.Ejections++;
        counters.CountEjection();
        TimeSpan period = Options.TimeOut(member.Ejections);
        member.LastEjection = time.GetUtcNow() + period;
        string failed = incarnation.OnTrial ? "a request on trial failed" : $"{Options.Failures} requests failed in a row";
        incarnation.Ejection = $"{failed}; it is tried again after {period.TotalSeconds:0.###} s";
        membership.Judge(member, "");
        tasks.PostLater(new FleetMessage.EjectionOver(member, incarnation), period);
    }

    /// <summary>The replica is back and may show on a few requests whether it is well: its first failure ejects it again.</summary>
    internal void OnEjectionOver(Member member, Incarnation incarnation)
    {
        if (!roster.Holds(member, incarnation) || incarnation.Ejection is null)
        {
            return;
        }

        incarnation.Ejection = null;
        incarnation.OnTrial = true;
        if (incarnation.Replica is { } replica)
        {
            replica.EjectAfter = 1;
        }

        membership.Judge(member, "it is on trial after its requests failed");
        tasks.PostLater(new FleetMessage.TrialOver(member, incarnation), Options.BaseTime);
    }

    internal void OnTrialOver(Member member, Incarnation incarnation)
    {
        if (roster.Holds(member, incarnation) && incarnation is { Ejection: null, Replica: { } replica })
        {
            incarnation.OnTrial = false;
            replica.EjectAfter = Options.Failures;
        }
    }
}
