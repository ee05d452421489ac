using Edge.Config;

namespace Edge.Fleet;

/// <summary>Between which bounds the size of a fleet follows the load.</summary>
internal static class ScaleBounds
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
}
