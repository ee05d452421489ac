using Edge.Fleet;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Control;

/// <summary>The fleet of one service, for its metrics.</summary>
/// <param name="Labels">That tell its series from others'.</param>
/// <param name="Fleet">As it is now.</param>
/// <param name="Counters">Its counts since the start.</param>
/// <param name="Mode">What becomes of new requests for the service.</param>
internal sealed record FleetFigures(Label[] Labels, FleetSnapshot Fleet, FleetCounters Counters, ServiceMode Mode);
