using Edge.Config;

namespace Edge.Fleet;

/// <summary>Which bounds a fleet's size has, and whether calls that are about it may begin. The first reason against one counts.</summary>
internal static class ScaleCalls
{
    /// <summary>Null if the size does not follow the load.</summary>
    /// <param name="options">Of the service.</param>
    /// <param name="called">The bounds that a call gave; null for those of the options.</param>
    /// <param name="driver">Of the fleet.</param>
    internal static ScaleRules? RulesOf(ServiceOptions options, (int Minimum, int Maximum)? called, DriverCapabilities driver)
    {
        ScaleOptions scale = options.Scale;
        (int minimum, int maximum) = called ?? (scale.LeastOf(options.Fleet.Replicas), scale.Maximum);
        return maximum == 0 || !driver.StartsReplicas ? null : new ScaleRules(minimum, maximum)
        {
            InFlight = scale.InFlight,
            Percent = scale.Percent,
            Window = scale.Window,
            Burst = scale.Burst,
            Starting = scale.Starting,
            Down = scale.Down,
        };
    }

    /// <summary>What the fleet is filled up to when the driver has listed its replicas.</summary>
    internal static FleetTarget TargetOf(ServiceOptions options, DriverCapabilities driver, FleetTarget before) =>
        RulesOf(options, called: null, driver) is { } rules
            ? before with { Size = Math.Clamp(options.Fleet.Replicas, rules.Minimum, rules.Maximum), KeepsEnded = rules.Minimum == 0 }
            : before with { Size = options.Fleet.Replicas, KeepsEnded = false };

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
