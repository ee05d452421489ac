namespace Edge.Control;

/// <summary>What came of a reload that was not refused.</summary>
/// <param name="Changed">The keys that have another value than before.</param>
internal sealed record ReloadReport(IReadOnlyList<string> Changed);
