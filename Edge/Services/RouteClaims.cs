using Edge.Config;
using Edge.Fleet;

namespace Edge.Services;

/// <summary>
/// Decides who gets which routes of those that labels ask for. Options come first: a host that one of them names, or that is below a wildcard of one, is for no
/// label. Then who has a host keeps it; then the older replica has it. A host has one owner, and those of its group beside it on other paths. An owner of
/// which nothing is left keeps its hosts for a while, but not against a replica that came after it had gone. No clock, no engine. Not from two threads at once.
/// </summary>
internal sealed class RouteClaims
{
    private static readonly TimeSpan s_kept = TimeSpan.FromMilliseconds(Limits.LabelledServiceMilliseconds);

    private Dictionary<string, HeldRoutes> _held = new(StringComparer.Ordinal);
    private int _places;

    /// <summary>Those that have routes, by the names of their services.</summary>
    internal IReadOnlyDictionary<string, HeldRoutes> Held => _held;

    /// <summary>Who asked for what he did not get, and why.</summary>
    internal IReadOnlyList<IgnoredReplica> Refused { get; private set; } = [];

    /// <summary>When another look changes something by the time alone; null if it does not.</summary>
    internal DateTimeOffset? LookAgain => _held.Values.Min(held => held.GoneSince + s_kept);

    /// <summary>Decides anew.</summary>
    /// <param name="claims">All that there are.</param>
    /// <param name="options">Those of the process: what they name is for no label.</param>
    /// <param name="now">The time of the day.</param>
    internal void Decide(IReadOnlyList<RouteClaim> claims, EdgeOptions options, DateTimeOffset now)
    {
        var refused = new List<IgnoredReplica>();
        HashSet<string> taken = [options.Fleet.Name, .. options.Services.Select(service => service.Name), .. options.Services.Select(s => s.Fleet.Name)];
        refused.AddRange(claims.Where(claim => claim.Mistake is not null).Select(claim => new IgnoredReplica(claim.Name, claim.Mistake!)));
        RouteClaim[] good = [.. claims.Where(claim => claim.Mistake is null && !taken.Contains(claim.Service))];
        Dictionary<string, RouteClaim[]> live = good.GroupBy(claim => claim.Service, StringComparer.Ordinal)
            .ToDictionary(same => same.Key, same => same.ToArray());
        Dictionary<string, HeldRoutes> gone = StillHeld(live, good, taken, now);

        // Who has a host already, and first those that want nothing else of it than before; then the older ones.
        var wishes = live.Values.Select(claims => (Wish: Spokesman(claims), Oldest: claims.Min(claim => claim.Made)))
            .Concat(gone.Values.Select(held => (Wish: held.Claim with { Hosts = [.. held.Hosts], OtherNames = [] }, Oldest: held.Claim.Made)))
            .SelectMany(service => service.Wish.Hosts.Concat(service.Wish.OtherNames).Distinct().Select(host => (service.Wish, Host: host, service.Oldest)))
            .OrderBy(wish => Standing(wish.Wish, wish.Host)).ThenBy(wish => wish.Oldest).ThenBy(wish => wish.Wish.Service, StringComparer.Ordinal);
        var given = new List<(RouteClaim Claim, string Host)>();
        int room = Limits.Services - options.Services.Count;
        foreach ((RouteClaim wish, string host, _) in wishes)
        {
            bool isIn = given.Exists(one => one.Claim.Service == wish.Service);
            string? why = OptionsHave(host, options) ?? OthersHave(wish, host, given)
                ?? (isIn || given.DistinctBy(one => one.Claim.Service).Count() < room ? null : $"there are {Limits.Services} services already");
            if (why is null)
            {
                given.Add((wish, host));
            }
            else
            {
                refused.Add(new IgnoredReplica(wish.Name, $"the service {wish.Service} does not get {host}: {why}"));
            }
        }

        var held = new Dictionary<string, HeldRoutes>(StringComparer.Ordinal);
        foreach (IGrouping<string, (RouteClaim Claim, string Host)> service in given.GroupBy(one => one.Claim.Service, StringComparer.Ordinal))
        {
            // What is wanted in another way than before is had from now on.
            var places = service.ToDictionary(one => one.Host, one => Standing(one.Claim, one.Host) is (0, var place) ? place : _places++);
            held.Add(service.Key, gone.TryGetValue(service.Key, out HeldRoutes? left) ? left with { Places = places } : new(service.First().Claim, places));
        }

        (_held, Refused) = (held, refused);
    }

    // The newest one, as its maker wants the service to be now. What the balancer has made again is new, and says what was wanted before.
    private static RouteClaim Spokesman(RouteClaim[] claims) =>
        claims.OrderBy(claim => !claim.IsMade).ThenBy(claim => claim.Made).ThenBy(claim => claim.UnitId, StringComparer.Ordinal).Last();

    // Those of which nothing is left, and that keep what they have.
    private Dictionary<string, HeldRoutes> StillHeld(
        Dictionary<string, RouteClaim[]> live, RouteClaim[] claims, HashSet<string> taken, DateTimeOffset now)
    {
        var still = new Dictionary<string, HeldRoutes>(StringComparer.Ordinal);
        foreach ((string service, HeldRoutes held) in _held.Where(one => !live.ContainsKey(one.Key) && !taken.Contains(one.Key)))
        {
            HeldRoutes left = held.GoneSince is not null ? held
                : held with { GoneSince = now, Others = claims.Select(claim => claim.UnitId).ToHashSet(StringComparer.Ordinal) };
            bool isFollowed = claims.Any(claim => !left.Others.Contains(claim.UnitId)
                && claim.Hosts.Concat(claim.OtherNames).Any(host => left.Hosts.Any(own => Takes(host, own) && !MayShare(claim, host, left.Claim, own))));
            if (now - left.GoneSince < s_kept && !isFollowed)
            {
                still.Add(service, left);
            }
        }

        return still;
    }

    private (int, int) Standing(RouteClaim wish, string host) =>
        !_held.TryGetValue(wish.Service, out HeldRoutes? held) || !held.Places.TryGetValue(host, out int place) ? (2, 0)
        : wish.Group == held.Claim.Group && wish.Paths.SequenceEqual(held.Claim.Paths) ? (0, place)
        : (1, place);

    private static string? OptionsHave(string host, EdgeOptions options) =>
        options.Services.FirstOrDefault(service => service.Routes().Concat(service.Redirected()).Any(route => Takes(host, route.Host))) is { } owner
            ? $"the options have it for the service {owner.Name}" : null;

    private static string? OthersHave(RouteClaim wish, string host, List<(RouteClaim Claim, string Host)> given)
    {
        (RouteClaim? owner, string of) = given.FirstOrDefault(one => Takes(host, one.Host) && !MayShare(wish, host, one.Claim, one.Host)
            && one.Claim.Service != wish.Service);
        return owner is null ? null : $"the service {owner.Service} has {of}{(owner.Group.Length > 0 ? $", of the Compose project {owner.Group}" : "")}";
    }

    // Whether requests for the one would be taken from who has the other.
    private static bool Takes(string host, string other) =>
        host == other || (other.StartsWith("*.", StringComparison.Ordinal) && host.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot
            && host.AsSpan(dot).SequenceEqual(other.AsSpan(1)));

    // In one group, whoever has another path, or a host of a wildcard.
    private static bool MayShare(RouteClaim one, string host, RouteClaim other, string otherHost) =>
        one.Group == other.Group && (host != otherHost || !PathsOf(one).Intersect(PathsOf(other)).Any());

    private static IReadOnlyList<string> PathsOf(RouteClaim claim) => claim.Paths.Count == 0 ? [""] : claim.Paths;
}
