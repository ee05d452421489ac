namespace Edge.Fleet;

/// <summary>Everything that can change the fleet, as it arrives at its one writer.</summary>
internal abstract record FleetMessage
{
    internal sealed record Add(AddOperation Operation) : FleetMessage;

    internal sealed record AddTimedOut(AddOperation Operation) : FleetMessage;

    internal sealed record Remove(RemoveOperation Operation) : FleetMessage;

    /// <summary>The driver has started a replica.</summary>
    internal sealed record Started(Member Member, Incarnation Incarnation, ObservedReplica Observed) : FleetMessage;

    /// <summary>The driver could not start a replica; nothing of it is left.</summary>
    internal sealed record StartFailed(Member Member, Incarnation Incarnation, DriverException Error) : FleetMessage;

    internal sealed record Checked(Member Member, Incarnation Incarnation, HealthVerdict Verdict, string Why) : FleetMessage;

    /// <summary>The data plane let go of a replica: its slot is free.</summary>
    internal sealed record Released(Member Member, Incarnation Incarnation) : FleetMessage;

    /// <summary>The driver has stopped a replica, or could not.</summary>
    internal sealed record Stopped(Member Member, Incarnation Incarnation, DriverException? Error) : FleetMessage;

    internal sealed record RespawnDue(Member Member, Incarnation Incarnation) : FleetMessage;

    internal sealed record StopAgain(Member Member, Incarnation Incarnation) : FleetMessage;

    internal sealed record DriverSaid(DriverEvent Event) : FleetMessage;

    /// <param name="Observed">What the driver listed.</param>
    /// <param name="Changes">How many changes the fleet had seen when the list was asked for.</param>
    internal sealed record Listed(IReadOnlyList<ObservedReplica> Observed, long Changes) : FleetMessage;

    /// <summary>Work outside the actor ended in a way that nobody foresaw.</summary>
    internal sealed record Crashed(Exception Error) : FleetMessage;
}
