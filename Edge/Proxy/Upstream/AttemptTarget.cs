using Edge.Routing;

namespace Edge.Proxy;

/// <summary>Over what a request is sent next.</summary>
/// <param name="Replica">Who gets it.</param>
/// <param name="Pool">That lends streams to it.</param>
/// <param name="Upstream">The one for the request; null where none could be had.</param>
/// <param name="OutOfResources">None could be had because this host has no more descriptors, ports or memory.</param>
internal readonly record struct AttemptTarget(Replica Replica, UpstreamPool Pool, UpstreamStream? Upstream, bool OutOfResources);
