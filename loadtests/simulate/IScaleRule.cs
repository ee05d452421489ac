using Edge.Fleet;
using Edge.Routing;

namespace Edge.Simulate;

/// <summary>A rule that says once a second how many replicas to start and to end.</summary>
internal interface IScaleRule
{
    string Name { get; }

    /// <summary>Decides.</summary>
    /// <param name="load">What is counted by now; the waiting ones among what is in flight, too, for a rule that looks at that alone.</param>
    /// <param name="inFlight">Requests that are not answered yet, wherever they are.</param>
    /// <param name="fleet">The replicas now.</param>
    /// <param name="now">Seconds.</param>
    (int Start, int End) Decide(in LoadFigures load, double inFlight, in FleetSize fleet, int now);
}
