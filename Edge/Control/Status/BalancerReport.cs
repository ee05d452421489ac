namespace Edge.Control;

/// <summary>The balancer itself.</summary>
/// <param name="Version">Of the program.</param>
/// <param name="Started">When it began to serve.</param>
/// <param name="Fleet">The name of its fleet.</param>
/// <param name="Driver">The driver that runs the replicas.</param>
/// <param name="Why">Why this driver was chosen.</param>
/// <param name="Minimum">How many replicas a removal must leave.</param>
/// <param name="Maximum">How many replicas there may be.</param>
internal sealed record BalancerReport(string Version, DateTimeOffset Started, string Fleet, string Driver, string Why, int Minimum, int Maximum);
