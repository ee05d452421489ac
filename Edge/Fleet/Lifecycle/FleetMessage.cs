using Edge.Config;

namespace Edge.Fleet;

/// <summary>A message to the single writer of the fleet; only messages change the fleet.</summary>
internal abstract record FleetMessage
{
    internal sealed record Add(AddOperation Operation) : FleetMessage;

    internal sealed record AddTimedOut(AddOperation Operation) : FleetMessage;

    internal sealed record Remove(RemoveOperation Operation) : FleetMessage;

    internal sealed record Weigh(WeighOperation Operation) : FleetMessage;

    /// <summary>The driver has said the image of a new member.</summary>
    internal sealed record ImageKnown(Member Member, Incarnation Incarnation, ReplicaImage Image) : FleetMessage;

    /// <summary>The driver has started a replica.</summary>
    internal sealed record Started(Member Member, Incarnation Incarnation, ObservedReplica Observed) : FleetMessage;

    /// <summary>The driver could not start a replica; nothing of it is left.</summary>
    internal sealed record StartFailed(Member Member, Incarnation Incarnation, DriverException Error) : FleetMessage;

    internal sealed record Checked(Member Member, Incarnation Incarnation, HealthVerdict Verdict, string Why) : FleetMessage;

    /// <summary>The data plane has let go of a replica: its slot is free.</summary>
    internal sealed record Released(Member Member, Incarnation Incarnation) : FleetMessage;

    /// <summary>The driver has stopped a replica, or could not.</summary>
    internal sealed record Stopped(Member Member, Incarnation Incarnation, DriverException? Error, DrainReceipt Receipt) : FleetMessage;

    /// <summary>The driver has removed the rest of a member that leaves, or could not.</summary>
    internal sealed record Forgotten(Member Member, DriverException? Error) : FleetMessage;

    /// <param name="Member">The member whose replica is gone.</param>
    /// <param name="Incarnation">The life that is over.</param>
    /// <param name="Plan">The number of the plan; only the last plan counts.</param>
    internal sealed record RespawnDue(Member Member, Incarnation Incarnation, int Plan) : FleetMessage;

    /// <summary>The time is over in which another replica could come from outside.</summary>
    internal sealed record SuccessionOver : FleetMessage;

    internal sealed record StopAgain(Member Member, Incarnation Incarnation) : FleetMessage;

    internal sealed record DriverSaid(DriverEvent Event) : FleetMessage;

    /// <summary>The driver is out of sync, until it says that it watches again.</summary>
    internal sealed record DriverLost(string Why) : FleetMessage;

    /// <summary>Some time has passed since the driver objected to a replica.</summary>
    internal sealed record ObjectionOld(Member Member, Incarnation Incarnation, string Objection) : FleetMessage;

    /// <param name="Listing">The driver's list.</param>
    /// <param name="Changes">How many changes the fleet had when the list was asked for.</param>
    internal sealed record Listed(ReplicaListing Listing, long Changes) : FleetMessage;

    /// <summary>So many requests to a replica failed in a row that an ejection is due.</summary>
    internal sealed record EjectionDue(Routing.Replica Replica) : FleetMessage;

    internal sealed record EjectionOver(Member Member, Incarnation Incarnation) : FleetMessage;

    internal sealed record TrialOver(Member Member, Incarnation Incarnation) : FleetMessage;

    /// <summary>What is asked of the service is known; null if the loops have ended.</summary>
    /// <param name="Load">By what the loops have counted.</param>
    /// <param name="AvailableMiB">The memory of the machine that is free; null if nobody knows.</param>
    internal sealed record LoadKnown(Routing.LoadFigures? Load, long? AvailableMiB) : FleetMessage;

    /// <summary>A request has come for the service while it was asleep.</summary>
    internal sealed record WakeWanted : FleetMessage;

    internal sealed record Scale(ScaleOperation Operation) : FleetMessage;

    internal sealed record Sleep(SleepOperation Operation) : FleetMessage;

    internal sealed record SleepTimedOut(SleepOperation Operation) : FleetMessage;

    /// <summary>A call asks for a deploy.</summary>
    internal sealed record DeployBegun(DeployOperation Operation) : FleetMessage;

    /// <summary>A call has the deploy pause, go on, or go back.</summary>
    internal sealed record DeployAsked(DeployCall Call) : FleetMessage;

    /// <summary>The image of a deploy was found, or it was not.</summary>
    internal sealed record DeployImage(Deployment Deploy, ReplicaImage? Image, string Configured, string? Failure) : FleetMessage;

    /// <summary>The first new replica was asked for the paths of the plan.</summary>
    internal sealed record SmokeOver(Deployment Deploy, string? Failure) : FleetMessage;

    /// <summary>The last lines of the replica that failed were read.</summary>
    internal sealed record LinesRead(Deployment Deploy, IReadOnlyList<string> Lines) : FleetMessage;

    /// <summary>No deploy takes a step, or they may again.</summary>
    internal sealed record DeploysHeld(bool AreHeld, TaskCompletionSource Done) : FleetMessage;

    /// <summary>It is time to look at the deploy.</summary>
    internal sealed record DeployDue : FleetMessage;

    /// <summary>Other options take effect.</summary>
    internal sealed record Reconfigured(ServiceOptions Options) : FleetMessage;

    /// <summary>The share of a replica may have grown.</summary>
    internal sealed record RampDue : FleetMessage;

    /// <summary>Work outside the actor ended with an unexpected exception.</summary>
    internal sealed record Crashed(Exception Error) : FleetMessage;
}
