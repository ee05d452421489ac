namespace Edge.Control;

/// <summary>The result of a reload that was not refused.</summary>
/// <param name="Changed">The keys that have a new value.</param>
internal sealed record ReloadReport(IReadOnlyList<string> Changed);
