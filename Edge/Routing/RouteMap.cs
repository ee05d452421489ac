using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Edge.Routing;

/// <summary>
/// Which service a request is for, by its host and path. The routes of the host itself come first, then those of <c>*.</c> and the names one level above
/// it, then those of every host; of the routes of one host the one with the longest path that the request's path is, or is below. Immutable.
/// </summary>
internal sealed class RouteMap
{
    /// <summary>No routes.</summary>
    internal static readonly RouteMap Empty = new([]);

    private readonly HostTable _hosts;

    // By what stands behind the "*".
    private readonly HostTable _wildcards;
    private readonly HostRoutes? _all;

    /// <exception cref="ArgumentException">Two routes have the same host and path.</exception>
    internal RouteMap(IReadOnlyCollection<Route> routes)
    {
        Routes = routes;
        ILookup<string, Route> byHost = routes.ToLookup(route => route.Host);
        _hosts = new HostTable([.. byHost.Where(host => host.Key.Length > 0 && host.Key[0] != '*').Select(host => (host.Key, new HostRoutes([.. host])))]);
        _wildcards = new HostTable([.. byHost.Where(host => host.Key.StartsWith('*')).Select(host => (host.Key[1..], new HostRoutes([.. host])))]);
        _all = byHost[""].Any() ? new HostRoutes([.. byHost[""]]) : null;
    }

    internal IReadOnlyCollection<Route> Routes { get; }

    /// <summary>Finds the route of a request; null where none is for it.</summary>
    /// <param name="host">As the request names it; empty where it names none.</param>
    /// <param name="pathAndQuery">The request's target in origin form.</param>
    /// <param name="length">How many bytes of the target are the path of the route.</param>
    /// <param name="isAmbiguous">
    /// Whether the path may mean two things where routes of this host have paths: the request is to be refused. See <see cref="RoutePath"/>.
    /// </param>
    internal RouteTarget? Find(ReadOnlySpan<byte> host, ReadOnlySpan<byte> pathAndQuery, out int length, out bool isAmbiguous)
    {
        Span<byte> buffer = stackalloc byte[RouteHost.BytesAtMost];
        ReadOnlySpan<byte> name = buffer[..RouteHost.Write(host, buffer)];
        isAmbiguous = false;
        length = 0;
        RouteTarget? found = _hosts.Find(name)?.Find(pathAndQuery, out length, out isAmbiguous);
        if (found is null && !isAmbiguous && !_wildcards.IsEmpty && name.IndexOf((byte)'.') is > 0 and var dot)
        {
            found = _wildcards.Find(name[dot..])?.Find(pathAndQuery, out length, out isAmbiguous);
        }

        return found is null && !isAmbiguous && _all is not null ? _all.Find(pathAndQuery, out length, out isAmbiguous) : found;
    }

    /// <summary>Whether a route names this host, or a wildcard that it is below; routes for every host do not count.</summary>
    /// <param name="host">As the request names it.</param>
    internal bool HasHost(ReadOnlySpan<byte> host)
    {
        Span<byte> buffer = stackalloc byte[RouteHost.BytesAtMost];
        ReadOnlySpan<byte> name = buffer[..RouteHost.Write(host, buffer)];
        return _hosts.Find(name) is not null || (name.IndexOf((byte)'.') is > 0 and var dot && _wildcards.Find(name[dot..]) is not null);
    }

    /// <summary>The routes of one host, those with the longest paths first.</summary>
    private sealed class HostRoutes
    {
        private readonly RouteTarget[] _targets;

        internal HostRoutes(IReadOnlyCollection<Route> routes)
        {
            if (routes.GroupBy(route => route.Path).FirstOrDefault(same => same.Count() > 1) is { } twice)
            {
                throw new ArgumentException($"Two routes are for {twice.First()}.", nameof(routes));
            }

            _targets = [.. routes.OrderByDescending(route => route.Path.Length).Select(route => new RouteTarget(route))];
        }

        internal RouteTarget? Find(ReadOnlySpan<byte> pathAndQuery, out int length, out bool isAmbiguous)
        {
            length = 0;
            isAmbiguous = false;
            if (_targets is [{ Path.IsEmpty: true } only])
            {
                return only;
            }

            ReadOnlySpan<byte> path = RoutePath.Of(pathAndQuery);
            if (!RoutePath.IsPlain(path))
            {
                return FindByMeaning(path, out length, out isAmbiguous);
            }

            foreach (RouteTarget target in _targets)
            {
                int bytes = target.Path.Length;
                if (path.StartsWith(target.Path) && (bytes == 0 || path.Length == bytes || path[bytes] == '/'))
                {
                    length = bytes;
                    return target;
                }
            }

            return null;
        }

        private RouteTarget? FindByMeaning(ReadOnlySpan<byte> path, out int length, out bool isAmbiguous)
        {
            length = 0;
            isAmbiguous = RoutePath.IsAmbiguous(path);
            if (isAmbiguous)
            {
                return null;
            }

            RouteTarget? found = FindRead(path, cutsParameters: false, out length);
            isAmbiguous = found != FindRead(path, cutsParameters: true, out _);

            // What is left for a service that gets the rest alone begins with one slash: two would begin a host (RFC 3986 §4.2).
            while (length > 0 && length + 1 < path.Length && path[length] == '/' && path[length + 1] == '/')
            {
                length++;
            }

            return isAmbiguous ? null : found;
        }

        private RouteTarget? FindRead(ReadOnlySpan<byte> path, bool cutsParameters, out int length)
        {
            foreach (RouteTarget target in _targets)
            {
                if (RoutePath.IsBelow(path, target.Path, cutsParameters, out length))
                {
                    return target;
                }
            }

            length = 0;
            return null;
        }
    }

    /// <summary>Hosts by their bytes: open addressing, at most half full.</summary>
    private sealed class HostTable
    {
        private readonly (byte[] Host, HostRoutes Routes)[] _places;
        private readonly bool[] _isTaken;

        internal HostTable((string Host, HostRoutes Routes)[] hosts)
        {
            IsEmpty = hosts.Length == 0;
            _places = new (byte[], HostRoutes)[BitOperations.RoundUpToPowerOf2((uint)hosts.Length * 2 + 1)];
            _isTaken = new bool[_places.Length];
            foreach ((string host, HostRoutes routes) in hosts)
            {
                byte[] bytes = new byte[RouteHost.BytesAtMost];
                Array.Resize(ref bytes, RouteHost.Write(Encoding.ASCII.GetBytes(host), bytes));
                int place = PlaceOf(bytes);
                while (_isTaken[place])
                {
                    place = (place + 1) & (_places.Length - 1);
                }

                (_places[place], _isTaken[place]) = ((bytes, routes), true);
            }
        }

        internal bool IsEmpty { get; }

        internal HostRoutes? Find(ReadOnlySpan<byte> host)
        {
            if (IsEmpty)
            {
                return null;
            }

            for (int place = PlaceOf(host); _isTaken[place]; place = (place + 1) & (_places.Length - 1))
            {
                if (host.SequenceEqual(_places[place].Host))
                {
                    return _places[place].Routes;
                }
            }

            return null;
        }

        // Who writes the hosts is trusted, so that a hash without a secret is enough: what clients send is only looked up.
        private int PlaceOf(ReadOnlySpan<byte> host)
        {
            const ulong Odd = 0x9E3779B97F4A7C15;
            ulong hash = (ulong)host.Length;
            while (host.Length >= sizeof(ulong))
            {
                hash = (BitOperations.RotateLeft(hash, 23) ^ MemoryMarshal.Read<ulong>(host)) * Odd;
                host = host[sizeof(ulong)..];
            }

            foreach (byte one in host)
            {
                hash = (BitOperations.RotateLeft(hash, 23) ^ one) * Odd;
            }

            return (int)(hash >> 40) & (_places.Length - 1);
        }
    }
}
