namespace Edge.Fleet;

/// <summary>How many checks, or how much time, lead to a verdict.</summary>
/// <param name="Rise">Checks in a row that an unhealthy replica has to pass.</param>
/// <param name="Fall">Checks in a row that a healthy replica has to fail.</param>
/// <param name="Start">How long the first passed check may take to come.</param>
/// <param name="Patience">How long an unhealthy replica may fail every check.</param>
internal readonly record struct HealthLimits(int Rise, int Fall, TimeSpan Start, TimeSpan Patience);
