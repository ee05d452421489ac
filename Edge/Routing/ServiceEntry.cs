using Edge.Config;

namespace Edge.Routing;

/// <summary>One service in a <see cref="RoutingTable"/>. Immutable.</summary>
/// <param name="Service">Which.</param>
/// <param name="Table">Its replicas in rotation.</param>
/// <param name="Options">Those that hold for its requests.</param>
/// <param name="Mode">Whether its requests go to its replicas.</param>
internal sealed record ServiceEntry(Service Service, ReplicaTable Table, ServiceOptions Options, ServiceMode Mode = ServiceMode.Open);
