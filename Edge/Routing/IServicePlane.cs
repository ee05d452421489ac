namespace Edge.Routing;

/// <summary>What the registry of services may ask of the loops. All members may be called from any thread.</summary>
internal interface IServicePlane
{
    /// <summary>What the fleet of one service needs.</summary>
    IDataPlane For(Service service);

    /// <summary>Whether the requests of a service go to its replicas.</summary>
    ServiceMode ModeOf(Service service);

    /// <summary>Has other services, routes or options of services hold.</summary>
    /// <param name="change">Makes the new table of the present one.</param>
    void Change(Func<RoutingTable, RoutingTable> change);
}
