namespace Edge.Control;

/// <summary>What the program is, for edge_build_info.</summary>
/// <param name="Version">Of the program.</param>
/// <param name="Commit">Of its sources; "unknown" where it was built without them being known.</param>
internal sealed record Build(string Version, string Commit);
