using Edge.Routing;

namespace Edge.Fleet;

/// <summary>How a replica left.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Requests">What became of its requests in flight.</param>
/// <param name="End">How its program ended.</param>
internal sealed record DrainReceipt(string Name, DrainReport Requests, ReplicaEnd End);
