using System.Net;
using System.Net.Sockets;
using Edge.Contract;

namespace Edge.Control;

/// <summary>
/// Tells requests of people and programs from requests that a web page makes in a browser. A browser runs on the machine of its user, and so on
/// loopback; fields that it adds say which page has asked (Fetch, §3.2; W3C Fetch Metadata).
/// </summary>
internal static class BrowserRules
{
    // The content types that a form, and so any page, can send without asking first (Fetch, §2.2.2).
    private static readonly string[] s_formTypes = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

    /// <summary>Whether a page of another origin asks for a change.</summary>
    internal static bool IsCrossOrigin(ControlRequest request)
    {
        if (request.Method is "GET" or "HEAD")
        {
            // The request changes nothing, and without CORS fields in the answer no other page can read it.
            return false;
        }

        string[] sites = [.. request.All("Sec-Fetch-Site")];
        string[] origins = [.. request.All("Origin")];
        if (sites.Any(site => site is not ("same-origin" or "none")) || origins.Any(origin => !IsOf(origin, request.Host)))
        {
            return true;
        }

        // Browsers from before 2020 leave Origin out of the requests of forms; but the name of a browser has begun like this since 1994.
        return sites.Length == 0 && origins.Length == 0
            && request.All("User-Agent").Any(agent => agent.StartsWith("Mozilla/", StringComparison.Ordinal))
            && request.All("Content-Type").Any(IsFormType);
    }

    /// <summary>
    /// Whether a host is safe from DNS rebinding: no owner of a name could point it to this machine after a browser has loaded a page from there.
    /// </summary>
    /// <param name="host">With or without a port; well-formed, or empty.</param>
    /// <param name="names">Further names that are allowed.</param>
    internal static bool IsLocalHost(string host, IReadOnlyList<string> names)
    {
        bool bracketed = host.StartsWith('[');
        int colon = host.IndexOf(':', bracketed ? host.IndexOf(']', StringComparison.Ordinal) : 0);
        string name = colon < 0 ? host : host[..colon];
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || IsAddress(name, bracketed)
            || names.Contains(name, StringComparer.OrdinalIgnoreCase);
    }

    private static bool IsAddress(string name, bool bracketed) =>
        IPAddress.TryParse(name, out IPAddress? address)
        && (bracketed ? address.AddressFamily == AddressFamily.InterNetworkV6 : address.ToString() == name);

    // scheme://host[:port]; a page without an origin sends "null".
    private static bool IsOf(string origin, string host)
    {
        int scheme = origin.IndexOf("://", StringComparison.Ordinal);
        return scheme > 0 && host.Length > 0 && origin.AsSpan(scheme + 3).Equals(host, StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsFormType(string type)
    {
        string essence = type.Split(';')[0].Trim();
        return s_formTypes.Contains(essence, StringComparer.OrdinalIgnoreCase);
    }
}
