namespace Edge.Control;

/// <summary>The result of a call that pauses, stops or resumes a service.</summary>
/// <param name="Service">Its name; "default" for the default one.</param>
/// <param name="State">From now on: open, paused or stopped.</param>
/// <param name="Was">The same before the call.</param>
internal sealed record ServiceModeReport(string Service, string State, string Was);
