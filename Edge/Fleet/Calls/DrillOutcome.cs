using Edge.Routing;

namespace Edge.Fleet;

/// <summary>The result of a drill.</summary>
/// <param name="Noticed">From the fault until the replica was out of rotation; null if it never was.</param>
/// <param name="Healed">From the fault until a replica with that name was in rotation again; null if the drill stopped waiting for that.</param>
/// <param name="Clients">What clients saw in between.</param>
internal sealed record DrillOutcome(TimeSpan? Noticed, TimeSpan? Healed, ClientView Clients);
