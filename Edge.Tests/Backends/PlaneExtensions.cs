using Edge.Proxy;
using Edge.Routing;

namespace Edge.Tests.Backends;

/// <summary>For tests in which there is one service.</summary>
internal static class PlaneExtensions
{
    /// <summary>Gives the default service another table.</summary>
    internal static void Publish(this DataPlane plane, ReplicaTable table) => plane.Publish(Service.Default, table);
}
