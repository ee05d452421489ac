using System.Net;
using System.Text.RegularExpressions;
using Edge.Routing;

namespace Edge.Tests.Routing;

/// <summary>
/// Says which service a request is for, as slowly and plainly as it can be said: with strings, every host and path written in one form first. Shares
/// nothing with <see cref="RouteMap"/> but the routes.
/// </summary>
internal static partial class RouteOracle
{
    internal const string Ambiguous = "ambiguous";
    internal const string Default = "default";

    /// <summary>
    /// The number of the service, <see cref="Default"/> where no route is for the request, or <see cref="Ambiguous"/> where it is to be refused.
    /// </summary>
    /// <param name="routes">All of them.</param>
    /// <param name="host">As the request names it, one character a byte, and sound; empty where it names none.</param>
    /// <param name="target">In origin form, or an asterisk.</param>
    internal static string Judge(IReadOnlyCollection<Route> routes, string host, string target)
    {
        string path = target.Split('?')[0];
        string name = NameOf(host);
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        string[] names = name.Length > 253 ? [""] : dot > 0 ? [name, "*" + name[dot..], ""] : [name, ""];
        foreach (string one in names)
        {
            Route[] some = [.. routes.Where(route => NameOf(route.Host) == one)];
            if (some.Length == 0)
            {
                continue;
            }

            if (some is [{ Path: "" }])
            {
                return some[0].Service.ToString();
            }

            string? meant = Meaning(path);
            if (meant is null)
            {
                return Ambiguous;
            }

            // Some leave out what follows a semicolon in a segment.
            string cut = Merged(string.Join('/', meant.Split('/').Select(segment => segment.Split(';')[0])));
            Route? found = Longest(some, meant);
            if (found != Longest(some, cut))
            {
                return Ambiguous;
            }

            if (found is not null)
            {
                return found.Service.ToString();
            }
        }

        return Default;
    }

    /// <summary>
    /// A host in the one form in which hosts are the same: without port and last dot, decoded, in lower case, an IPv6 address as the framework writes it.
    /// </summary>
    private static string NameOf(string host)
    {
        string name = Port().Replace(host, "");
        if (name.StartsWith('['))
        {
            return $"[{IPAddress.Parse(name[1..^1])}]";
        }

        name = Codes().Replace(name, code => ((char)Convert.ToByte(code.Groups[1].Value, 16)).ToString());
        return (name.EndsWith('.') ? name[..^1] : name).ToLowerInvariant();
    }

    /// <summary>
    /// Whether what is left of a target without the path of its route means what it meant there, and begins no host: that would be two slashes.
    /// </summary>
    /// <param name="target">In origin form, and not ambiguous.</param>
    /// <param name="prefix">The path of the route.</param>
    /// <param name="rest">What is left.</param>
    internal static bool IsRest(string target, string prefix, string rest)
    {
        string[] before = target.Split('?', 2), after = rest.Split('?', 2);
        return Meaning(before[0]) == prefix + Meaning(after[0]) && before.Skip(1).SequenceEqual(after.Skip(1))
            && !rest.StartsWith("//", StringComparison.Ordinal);
    }

    private static string? Meaning(string path)
    {
        // An encoded slash, or one that a backslash is, is a slash to some and not to others.
        if (Slashes().IsMatch(path))
        {
            return null;
        }

        string decoded = Codes().Replace(path, code => ((char)Convert.ToByte(code.Groups[1].Value, 16)).ToString());
        if (decoded.Contains('\0') || decoded.Split('/').Any(segment => segment.Split(';')[0] is "." or ".."))
        {
            return null;
        }

        // In Latin-1, one character a byte: of two bytes too many, the second says nothing that the first does not.
        return Overlong().IsMatch(decoded) ? null : Merged(decoded);
    }

    private static Route? Longest(Route[] routes, string path) => routes.OrderByDescending(route => route.Path.Length)
        .FirstOrDefault(route => route.Path.Length == 0 || path == route.Path || path.StartsWith(route.Path + "/", StringComparison.Ordinal));

    private static string Merged(string path) => Regex.Replace(path, "/+", "/");

    [GeneratedRegex(":[0-9]*$")]
    private static partial Regex Port();

    [GeneratedRegex("%([0-9A-Fa-f]{2})")]
    private static partial Regex Codes();

    [GeneratedRegex(@"\\|%2[fF]|%5[cC]")]
    private static partial Regex Slashes();

    [GeneratedRegex("[\u00c0\u00c1][\u0080-\u00bf]|\u00e0[\u0080-\u009f]|\u00f0[\u0080-\u008f]")]
    private static partial Regex Overlong();
}
