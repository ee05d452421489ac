namespace Edge.Telemetry;

/// <summary>A label's name and value.</summary>
internal readonly record struct Label(string Name, string Value);
