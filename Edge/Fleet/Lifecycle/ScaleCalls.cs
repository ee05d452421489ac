using Edge.Config;

namespace Edge.Fleet;

/// <summary>Decides whether a call that is about the size of the fleet may begin. The first reason against one counts.</summary>
internal static class ScaleCalls
{
    /// <summary>Null if the bounds may hold.</summary>
    internal static CallRefusal? Check(int minimum, int maximum, FleetOptions fleet, IReplicaDriver driver) =>
        OfDriver(driver)
        ?? (maximum > fleet.Maximum
            ? new CallRefusal(CallRefusalKind.Invalid, $"maximum is {maximum}, and the fleet may have at most {fleet.Maximum} replicas (Edge:Fleet:Maximum)")
            : maximum > 0 && minimum > maximum
                ? new CallRefusal(CallRefusalKind.Invalid, $"minimum is {minimum}, which is more than the maximum of {maximum}")
                : null);

    /// <summary>Null if the fleet may sleep, or wake.</summary>
    internal static CallRefusal? Check(SleepOperation operation, ScaleRules? rules, DriverSync sync, IReplicaDriver driver)
    {
        if (OfDriver(driver) is { } refusal)
        {
            return refusal;
        }

        if (rules is null)
        {
            return new CallRefusal(
                CallRefusalKind.Conflict,
                "the size of the fleet does not follow the load, so that nothing would wake it: Edge:Scale:Maximum, or a call of scale, has it do that");
        }

        if (!operation.Wakes && rules.Minimum > 0)
        {
            return new CallRefusal(
                CallRefusalKind.Conflict,
                $"the fleet has at least {rules.Minimum} replicas: a minimum of 0 (Edge:Scale:Minimum, or a call of scale) lets it sleep");
        }

        return sync.Blindness is { } blindness
            ? new CallRefusal(CallRefusalKind.Unavailable, $"the driver ({driver.Name}) cannot do anything now: {blindness}")
            : sync.IsKnown ? null : new CallRefusal(CallRefusalKind.Unavailable, $"the driver ({driver.Name}) has not said yet which replicas run");
    }

    private static CallRefusal? OfDriver(IReplicaDriver driver) => driver.Capabilities.StartsReplicas ? null : new CallRefusal(
        CallRefusalKind.Conflict,
        $"the fleet is {driver.Name}: its replicas come from the options (Edge:Fleet:Addresses), and their number cannot follow the load");
}
