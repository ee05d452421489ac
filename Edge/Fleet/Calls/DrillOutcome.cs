using Edge.Routing;

namespace Edge.Fleet;

/// <summary>What a drill came to.</summary>
/// <param name="Noticed">From the fault until the replica was out of rotation; null where it never was.</param>
/// <param name="Healed">From the fault until a replica of that name was in rotation again; null where that was not awaited any longer.</param>
/// <param name="Clients">What clients saw in the meantime.</param>
internal sealed record DrillOutcome(TimeSpan? Noticed, TimeSpan? Healed, ClientView Clients);
