namespace Edge.Control;

/// <summary>What was of one replica, in equal steps.</summary>
/// <param name="Name">The replica's.</param>
/// <param name="Series">Times until the head of its response.</param>
internal sealed record ReplicaHistoryReport(string Name, SeriesReport Series);
