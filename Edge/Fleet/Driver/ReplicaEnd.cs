namespace Edge.Fleet;

/// <summary>How a replica ended that was stopped.</summary>
/// <param name="ExitCode">Of its program; null where that is not known.</param>
/// <param name="OutOfMemory">Whether it was killed for the memory that it used.</param>
internal readonly record struct ReplicaEnd(int? ExitCode, bool OutOfMemory);
