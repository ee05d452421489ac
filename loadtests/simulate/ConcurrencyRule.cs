using Edge.Fleet;
using Edge.Routing;

namespace Edge.Simulate;

/// <summary>
/// The rule of Knative's pod autoscaler, with its defaults: the average of what is in flight over 60 s, and over 6 s while that needs twice as many as there
/// are; looked at every 2 s; in a panic never fewer; else at most half as many fewer at a time, and without a delay.
/// </summary>
internal sealed class ConcurrencyRule : IScaleRule
{
    private const int Window = 60;
    private const int Burst = 6;
    private const int Tick = 2;

    private readonly Queue<double> _seconds = new();
    private int _panicUntil = -1;
    private int _panicNeeds;

    public string Name => "concurrency (Knative)";

    public (int Start, int End) Decide(in LoadFigures load, double inFlight, in FleetSize fleet, int now)
    {
        _seconds.Enqueue(inFlight);
        if (_seconds.Count > Window)
        {
            _seconds.Dequeue();
        }

        if (now % Tick != 0)
        {
            return (0, 0);
        }

        int ready = Math.Max(1, fleet.Ready);
        int calm = Needs(_seconds.Average()), burst = Needs(_seconds.TakeLast(Burst).Average());
        if (burst >= 2 * ready)
        {
            _panicUntil = now + Window;
        }

        _panicNeeds = now < _panicUntil ? Math.Max(_panicNeeds, Math.Max(calm, burst)) : 0;
        int wanted = Math.Clamp(Math.Max(calm, _panicNeeds), 1, ScaleRuns.Rules.Maximum);
        wanted = Math.Max(wanted, ready / 2);
        return (Math.Max(0, wanted - fleet.There), Math.Max(0, Math.Min(fleet.Ready - 1, fleet.There - wanted)));
    }

    private static int Needs(double inFlight) => (int)Math.Ceiling(inFlight / ScaleRuns.Rules.Target);
}
