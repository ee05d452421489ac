namespace Edge.Fleet;

/// <summary>How a stopped replica ended.</summary>
/// <param name="ExitCode">Of its program; null if it is not known.</param>
/// <param name="OutOfMemory">Whether it was killed because of the memory that it used.</param>
internal readonly record struct ReplicaEnd(int? ExitCode, bool OutOfMemory);
