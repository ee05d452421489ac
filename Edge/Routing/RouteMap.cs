using System.Numerics;
using System.Runtime.CompilerServices;
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
        // Most clients write a host as the table has it; then nothing of it has to be rewritten.
        if (_hosts.Find(host) is not { } routes)
        {
            return FindRewritten(host, pathAndQuery, out length, out isAmbiguous);
        }

        if (routes.Only is { } only)
        {
            (length, isAmbiguous) = (0, false);
            return only;
        }

        RouteTarget? found = routes.Find(pathAndQuery, out length, out isAmbiguous);
        return found is null && !isAmbiguous ? FindLessExact(host, pathAndQuery, out length, out isAmbiguous) : found;
    }

    // Apart, because its buffer is cleared each time.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private RouteTarget? FindRewritten(ReadOnlySpan<byte> host, ReadOnlySpan<byte> pathAndQuery, out int length, out bool isAmbiguous)
    {
        Span<byte> buffer = stackalloc byte[RouteHost.BytesAtMost];
        ReadOnlySpan<byte> name = buffer[..RouteHost.Write(host, buffer)];
        (length, isAmbiguous) = (0, false);
        RouteTarget? found = _hosts.Find(name)?.Find(pathAndQuery, out length, out isAmbiguous);
        return found is null && !isAmbiguous ? FindLessExact(name, pathAndQuery, out length, out isAmbiguous) : found;
    }

    // By the wildcard that a host is below, then by the routes of every host.
    private RouteTarget? FindLessExact(ReadOnlySpan<byte> name, ReadOnlySpan<byte> pathAndQuery, out int length, out bool isAmbiguous)
    {
        (length, isAmbiguous) = (0, false);
        RouteTarget? found = null;
        if (!_wildcards.IsEmpty && name.IndexOf((byte)'.') is > 0 and var dot)
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

        // Of their paths.
        private readonly int[] _lengths;

        internal HostRoutes(IReadOnlyCollection<Route> routes)
        {
            if (routes.GroupBy(route => route.Path).FirstOrDefault(same => same.Count() > 1) is { } twice)
            {
                throw new ArgumentException($"Two routes are for {twice.First()}.", nameof(routes));
            }

            _targets = [.. routes.OrderByDescending(route => route.Path.Length).Select(route => new RouteTarget(route))];
            _lengths = [.. _targets.Select(target => target.Path.Length)];
            Only = _targets is [{ Path.IsEmpty: true } only] ? only : null;
        }

        /// <summary>The only route, where it is for every path.</summary>
        internal RouteTarget? Only { get; }

        internal RouteTarget? Find(ReadOnlySpan<byte> pathAndQuery, out int length, out bool isAmbiguous)
        {
            length = 0;
            isAmbiguous = false;
            if (Only is not null)
            {
                return Only;
            }

            ReadOnlySpan<byte> path = RoutePath.Of(pathAndQuery, out bool isPlain);
            if (!isPlain)
            {
                return FindByMeaning(path, out length, out isAmbiguous);
            }

            RouteTarget[] targets = _targets;
            int[] lengths = _lengths;
            for (int i = 0; i < lengths.Length && i < targets.Length; i++)
            {
                // What can be told without a look at the route comes first.
                int bytes = lengths[i];
                if ((path.Length == bytes || (path.Length > bytes && (bytes == 0 || path[bytes] == '/'))) && path.StartsWith(targets[i].Path))
                {
                    length = bytes;
                    return targets[i];
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
        // A power of two, of which at least half are null.
        private readonly Entry?[] _places;

        internal HostTable((string Host, HostRoutes Routes)[] hosts)
        {
            IsEmpty = hosts.Length == 0;
            _places = new Entry?[BitOperations.RoundUpToPowerOf2((uint)hosts.Length * 2 + 1)];
            foreach ((string host, HostRoutes routes) in hosts)
            {
                byte[] bytes = new byte[RouteHost.BytesAtMost];
                Array.Resize(ref bytes, RouteHost.Write(Encoding.ASCII.GetBytes(host), bytes));
                int place = PlaceOf(bytes);
                while (_places[place] is not null)
                {
                    place = (place + 1) & (_places.Length - 1);
                }

                _places[place] = new Entry(bytes, routes);
            }
        }

        internal bool IsEmpty { get; }

        internal HostRoutes? Find(ReadOnlySpan<byte> host)
        {
            Entry?[] places = _places;
            for (int place = PlaceOf(host); places[place] is { } entry; place = (place + 1) & (places.Length - 1))
            {
                if (host.SequenceEqual(entry.Host))
                {
                    return entry.Routes;
                }
            }

            return null;
        }

        // Who writes the hosts is trusted, so that a hash without a secret is enough: what clients send is only looked up.
        private int PlaceOf(ReadOnlySpan<byte> host)
        {
            const ulong Odd = 0x9E3779B97F4A7C15;
            ulong hash = (ulong)host.Length;
            if (host.Length >= sizeof(ulong))
            {
                // The last word is read whole, and overlaps the one before.
                for (int at = 0; at < host.Length - sizeof(ulong); at += sizeof(ulong))
                {
                    hash = (BitOperations.RotateLeft(hash, 23) ^ MemoryMarshal.Read<ulong>(host[at..])) * Odd;
                }

                hash = (BitOperations.RotateLeft(hash, 23) ^ MemoryMarshal.Read<ulong>(host[^sizeof(ulong)..])) * Odd;
            }
            else
            {
                foreach (byte one in host)
                {
                    hash = (BitOperations.RotateLeft(hash, 23) ^ one) * Odd;
                }
            }

            return (int)(hash >> 40) & (_places.Length - 1);
        }

        private sealed record Entry(byte[] Host, HostRoutes Routes);
    }
}
