using Edge.Routing;

namespace Edge.Proxy;

/// <summary>The replica and the connection for the next attempt.</summary>
/// <param name="Replica">The replica.</param>
/// <param name="Pool">That lends streams to it.</param>
/// <param name="Upstream">The connection for the request; null if there was none.</param>
/// <param name="OutOfResources">There was none because this host has no more descriptors, ports or memory.</param>
internal readonly record struct AttemptTarget(Replica Replica, UpstreamPool Pool, UpstreamStream? Upstream, bool OutOfResources);
