using Edge.Routing;
using Edge.Tests.Fuzz;
using Edge.Tests.Routing;

namespace Edge.Tests.Probes;

/// <summary>Which service may answer a request to a balancer with the routes of <see cref="RouteServices"/>, by <see cref="RouteOracle"/>.</summary>
internal static class RouteVerdict
{
    internal const string Refused = "refused";

    /// <summary>The name of the service whose replica may answer, or <see cref="Refused"/>: nobody's may, also of the one that takes no requests.</summary>
    /// <param name="request">As a plain reader takes it.</param>
    internal static string Of(PlainMessage request) => RoutedTo(request) is var service && service == RouteServices.Protected ? Refused : service;

    /// <summary>The name of the service that a request is for, or <see cref="Refused"/>.</summary>
    /// <param name="request">As a plain reader takes it.</param>
    internal static string RoutedTo(PlainMessage request)
    {
        if (!request.HasHead || request.Method == "CONNECT" || !TryRead(request, out string host, out string target))
        {
            return Refused;
        }

        string number = RouteOracle.Judge(RouteServices.Routes, host, target);
        return number == RouteOracle.Default ? RouteServices.Default
            : number == RouteOracle.Ambiguous ? Refused : RouteServices.All[int.Parse(number) - 1].Name;
    }

    // RFC 9112 §3.2: the host of the target counts, else that of the field.
    private static bool TryRead(PlainMessage request, out string host, out string target)
    {
        (host, target) = (request.All("Host").FirstOrDefault() ?? "", request.Target);
        bool hasHost = request.All("Host").Length == 1;
        if ((hasHost && !IsHost(host)) || (!hasHost && request.Minor == 1) || request.All("Host").Length > 1)
        {
            return false;
        }

        if (target.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            string rest = target["http://".Length..];
            int end = rest.IndexOfAny(['/', '?']);
            (host, target) = end < 0 ? (rest, "") : (rest[..end], rest[end..]);
            return IsHost(host);
        }

        return target.StartsWith('/') || (target == "*" && request.Method == "OPTIONS");
    }

    /// <summary>Whether a host has the form of RFC 3986 §3.2, without user information.</summary>
    private static bool IsHost(string text)
    {
        string host = System.Text.RegularExpressions.Regex.Replace(text, ":[0-9]*$", "");
        return host.StartsWith('[')
            ? System.Text.RegularExpressions.Regex.IsMatch(host, @"^\[[0-9a-fA-F:.]+\]$") && System.Net.IPAddress.TryParse(host[1..^1], out _)
            : System.Text.RegularExpressions.Regex.IsMatch(host, @"^([A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$");
    }
}
