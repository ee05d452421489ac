using System.Text;

namespace Edge.Routing;

/// <summary>Where a request goes: one <see cref="Route"/> in the form that the loops read. Immutable.</summary>
internal sealed class RouteTarget
{
    private readonly byte[] _path;

    internal RouteTarget(Route route)
    {
        Service = route.Service;
        Strips = route.Strips;
        Canonical = route.Canonical;
        _path = Encoding.ASCII.GetBytes(route.Path);
    }

    /// <summary>The number of the service.</summary>
    internal int Service { get; }

    /// <summary>Whether the service gets the request without the path of the route.</summary>
    internal bool Strips { get; }

    /// <summary>The host to which clients are sent instead; null for none.</summary>
    internal string? Canonical { get; }

    /// <summary>The path of the route; empty for all paths.</summary>
    internal ReadOnlySpan<byte> Path => _path;
}
