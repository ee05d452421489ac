namespace Edge.Fleet;

/// <summary>What it takes until checks come to something.</summary>
/// <param name="Rise">Checks to pass in a row for an unhealthy replica.</param>
/// <param name="Fall">Checks to fail in a row for a healthy one.</param>
/// <param name="Start">How long it may take until the first one passes.</param>
/// <param name="Patience">How long an unhealthy one may fail every check.</param>
internal readonly record struct HealthLimits(int Rise, int Fall, TimeSpan Start, TimeSpan Patience);
