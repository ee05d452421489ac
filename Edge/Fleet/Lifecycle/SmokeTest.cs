namespace Edge.Fleet;

/// <summary>Asks a replica once for a path. Returns null if it gave a good answer, else why it did not.</summary>
internal delegate Task<string?> SmokeTest(ObservedReplica replica, string path, CancellationToken cancellation);
