using Edge.Fleet;
using Edge.Routing;

namespace Edge.Simulate;

/// <summary>The balancer's own decider, with its defaults.</summary>
internal sealed class EdgeRule : IScaleRule
{
    private readonly Autoscaler _scaler = new();

    public string Name => "Edge";

    public (int Start, int End) Decide(in LoadFigures load, double inFlight, in FleetSize fleet, int now)
    {
        ScaleDecision decision = _scaler.Decide(load, fleet, TimeSpan.FromSeconds(now), ScaleRuns.Rules);
        return (decision.Start, decision.End);
    }
}
