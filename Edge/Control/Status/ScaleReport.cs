using System.Text.Json.Serialization;
using Edge.Fleet;

namespace Edge.Control;

/// <summary>How the size of a fleet follows the load.</summary>
/// <param name="State">fixed if it does not; else awake, scaling, asleep, waking or broken.</param>
/// <param name="Minimum">So many replicas there are in any case while it is awake; 0 lets it sleep.</param>
/// <param name="Maximum">So many there are at most; 0 if the size is fixed.</param>
/// <param name="Target">How many are needed now; as many as there are if the size is fixed.</param>
/// <param name="InRotation">How many take requests.</param>
/// <param name="Why">The reason of the target and of the state.</param>
/// <param name="Next">What happens next; empty if nothing does.</param>
/// <param name="Since">When the state began; null if the size is fixed.</param>
internal sealed record ScaleReport(
    string State,
    int Minimum,
    int Maximum,
    int Target,
    int InRotation,
    string Why,
    string Next,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? Since)
{
    internal static ScaleReport Of(FleetSnapshot fleet)
    {
        ScaleSnapshot scale = fleet.Scale;
        return new ScaleReport(
            scale.State.ToString().ToLowerInvariant(),
            scale.Minimum,
            scale.Maximum,
            scale.IsOn ? scale.Target : fleet.Replicas.Count,
            fleet.Replicas.Count(replica => replica.EffectiveWeight > 0),
            scale.Why,
            scale.Next,
            scale.IsOn ? scale.Since : null);
    }
}
