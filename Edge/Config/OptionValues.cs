using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Edge.Config;

/// <summary>Reads the texts of options. Each method returns null, or false, for a text that is not allowed.</summary>
internal static class OptionValues
{
    private const int HostNameChars = 253;
    /// <summary>The letters of a service's name.</summary>
    internal const int ServiceNameChars = 40;
    private const int PathChars = 255;
    private const int GroupsAtMost = 32;

    private static readonly SearchValues<char> HostChars =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");

    private static readonly SearchValues<char> AddressChars = SearchValues.Create("0123456789abcdefABCDEF:.");

    // RFC 9110 §5.6.2: the characters of a token; a pseudonym in Via is one.
    private static readonly SearchValues<char> TokenChars =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~");

    /// <summary>The parsed value of a text that was checked before it was bound.</summary>
    /// <exception cref="FormatException">The text was not checked, and is not allowed.</exception>
    internal static T Require<T>(string text, T? parsed) where T : struct => parsed ?? throw NotAllowed(text);

    /// <inheritdoc cref="Require{T}(string, T?)"/>
    internal static T Require<T>(string text, T? parsed) where T : class => parsed ?? throw NotAllowed(text);

    /// <summary>
    /// IPv4:port, [IPv6]:port, localhost:port, or *:port for every address, of IPv6 and of IPv4 if the machine has both; :port is short for *:port.
    /// With port 0 the kernel chooses.
    /// </summary>
    internal static IPEndPoint? ParseEndpoint(string text)
    {
        if (!TrySplitPort(text.StartsWith(':') ? "*" + text : text, out string host, out int port))
        {
            return null;
        }

        return host switch
        {
            "*" => new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, port),
            _ when host.Equals("localhost", StringComparison.OrdinalIgnoreCase) => new IPEndPoint(IPAddress.Loopback, port),
            _ when IsBracketed(host) => IPAddress.TryParse(host.AsSpan(1, host.Length - 2), out IPAddress? v6)
                && v6.AddressFamily == AddressFamily.InterNetworkV6 ? new IPEndPoint(v6, port) : null,
            _ => IsDottedQuad(host, out IPAddress? v4) ? new IPEndPoint(v4!, port) : null,
        };
    }

    /// <summary>
    /// Addresses with or without a scheme, http:// or https://, separated by commas; without one it is http.
    /// </summary>
    internal static IReadOnlyList<ListenAddress>? ParseListen(string text)
    {
        var all = new List<ListenAddress>();
        foreach (string part in text.Split(','))
        {
            if (ParseListenAddress(part) is not { } address)
            {
                return null;
            }

            all.Add(address);
        }

        return all;
    }

    /// <summary>One address with or without a scheme, http:// or https://.</summary>
    internal static ListenAddress? ParseListenAddress(string text)
    {
        const string Plain = "http://", Secure = "https://";
        bool isPlain = text.StartsWith(Plain, StringComparison.OrdinalIgnoreCase), isTls = text.StartsWith(Secure, StringComparison.OrdinalIgnoreCase);
        string address = text[(isPlain ? Plain.Length : isTls ? Secure.Length : 0)..];
        return ParseEndpoint(address) is { } endpoint ? new ListenAddress(isTls ? Scheme.Https : Scheme.Http, endpoint) : null;
    }

    /// <summary>host:port, also behind http:// or https://, also with ;weight=3 behind it.</summary>
    internal static StaticAddress? ParseAddress(string text)
    {
        int weight = 1;
        int semicolon = text.IndexOf(';', StringComparison.Ordinal);
        string address = semicolon < 0 ? text : text[..semicolon];
        if (semicolon >= 0)
        {
            const string Prefix = "weight=";
            string rest = text[(semicolon + 1)..];
            if (!rest.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
                || !TryParseInteger(rest[Prefix.Length..], 1, Limits.WeightAtMost, out weight))
            {
                return null;
            }
        }

        const string Secure = "https://", Plain = "http://";
        Scheme scheme = address.StartsWith(Secure, StringComparison.OrdinalIgnoreCase) ? Scheme.Https : Scheme.Http;
        address = scheme == Scheme.Https ? address[Secure.Length..]
            : address.StartsWith(Plain, StringComparison.OrdinalIgnoreCase) ? address[Plain.Length..]
            : address;
        if (!TrySplitPort(address, out string host, out int port) || port == 0)
        {
            return null;
        }

        if (IsBracketed(host))
        {
            host = host[1..^1];
            return IPAddress.TryParse(host, out IPAddress? v6) && v6.AddressFamily == AddressFamily.InterNetworkV6
                ? new StaticAddress(host, port, weight, scheme)
                : null;
        }

        return IsHostName(host) ? new StaticAddress(host, port, weight, scheme) : null;
    }

    /// <summary>
    /// A user, its group and further groups: uid, or uid:gid, or uid:gid,gid,… as numbers. Without a group, the group has the user's number. The user
    /// is never 0.
    /// </summary>
    internal static (uint User, uint[] Groups)? ParseUser(string text)
    {
        string[] parts = text.Split(':');
        if (parts.Length > 2 || !TryParseId(parts[0], out uint user) || user == 0)
        {
            return null;
        }

        uint[] groups = [user];
        if (parts.Length == 2)
        {
            string[] ids = parts[1].Split(',');
            groups = new uint[ids.Length];
            for (int i = 0; i < ids.Length; i++)
            {
                if (ids.Length > GroupsAtMost || !TryParseId(ids[i], out groups[i]))
                {
                    return null;
                }
            }
        }

        return (user, groups);
    }

    /// <summary>off is -1, on is 0, and a port is that; null for anything else.</summary>
    internal static int? ParseRedirect(string text) =>
        text.Equals("off", StringComparison.OrdinalIgnoreCase) ? -1
        : text.Equals("on", StringComparison.OrdinalIgnoreCase) ? 0
        : TryParseInteger(text, 1, IPEndPoint.MaxPort, out int port) ? port : null;

    /// <summary>0, or a second up to ten years, in any form of <see cref="Durations"/>.</summary>
    internal static bool IsHsts(string text) =>
        Durations.Parse(text) is { } value && (value == TimeSpan.Zero || (value >= TimeSpan.FromSeconds(1) && value <= TimeSpan.FromDays(3650)));

    internal static bool TryParseInteger(string text, int least, int most, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most;

    /// <summary>Longer than 0 and up to a day, in any form of <see cref="Durations"/>.</summary>
    internal static bool IsDuration(string text) => Durations.Parse(text) is { } value && value > TimeSpan.Zero && value <= TimeSpan.FromDays(1);

    internal static bool IsSecret(string text) =>
        !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) && Encoding.UTF8.GetByteCount(text) <= Limits.TokenBytes;

    internal static bool IsHostName(string text) => text.Length is > 0 and <= HostNameChars && !text.AsSpan().ContainsAnyExcept(HostChars);

    /// <summary>The path of a file or folder; never the content of one.</summary>
    internal static bool IsFile(string text) => text.Length > 0 && !text.Any(char.IsControl);

    internal static bool IsPath(string text) =>
        text.StartsWith('/') && text.All(c => c is > ' ' and < '\x7f' and not '#');

    /// <summary>
    /// A host with or without a port, as in the Host field of a request (RFC 9110 §7.2): a name, an IPv4 address, or an IPv6 address in brackets.
    /// </summary>
    internal static bool IsHostField(string text)
    {
        string host = TrySplitPort(text, out string before, out _) ? before : text;
        return IsBracketed(host) ? ParseBracketed(host) is not null : IsHostName(host);
    }

    /// <summary>Statuses and ranges of them, separated by commas: 200-299,401. Each range has a first and a last status.</summary>
    internal static IReadOnlyList<StatusRange>? ParseStatuses(string text)
    {
        var ranges = new List<StatusRange>();
        foreach (string part in text.Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2
                || !TryParseInteger(ends[0], StatusRange.Least, StatusRange.Most, out int first)
                || !TryParseInteger(ends[^1], first, StatusRange.Most, out int last))
            {
                return null;
            }

            ranges.Add(new StatusRange(first, last));
        }

        return ranges;
    }

    /// <summary>A service's name: a letter, then letters, digits and dashes. In lower case.</summary>
    internal static bool IsServiceName(string text) =>
        text.Length is > 0 and <= ServiceNameChars && text != "default" && char.IsAsciiLetterLower(text[0])
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    /// <summary>
    /// The host of a route in lower case, without a dot at its end: a name, <c>*.</c> and a name, an IPv4 address, or an IPv6 address in brackets, in its
    /// shortest form (RFC 5952). Null for anything else.
    /// </summary>
    internal static string? ParseHost(string text)
    {
        if (IsBracketed(text))
        {
            return ParseBracketed(text) is { } address ? $"[{address}]" : null;
        }

        string host = text.ToLowerInvariant();
        host = host.EndsWith('.') ? host[..^1] : host;
        string name = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
        bool isName = name.Length > 0 && host.Length <= HostNameChars
            && Array.TrueForAll(name.Split('.'), label => label.Length is > 0 and <= 63 && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
        return isName ? host : null;
    }

    /// <summary>The path of a route without a slash at its end; empty for all paths. Null for anything that a request's path could say in two ways.</summary>
    internal static string? ParsePath(string text)
    {
        string path = text.TrimEnd('/');
        return IsPath(text) && path.Length <= PathChars && path.AsSpan().IndexOfAny("%;?\\") < 0 && !path.Contains("//", StringComparison.Ordinal)
            && Array.TrueForAll(path.Split('/'), segment => segment is not ("." or ".."))
            ? path : null;
    }

    internal static bool IsToken(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(TokenChars);

    internal static bool IsName(string text) =>
        text.Length is > 0 and <= 63 && char.IsAsciiLetterOrDigit(text[0]) && !text.AsSpan().ContainsAnyExcept(HostChars);

    private static FormatException NotAllowed(string text) => new($"\"{text}\" is not allowed here.");

    // For the kernel, the highest number means "unchanged".
    private static bool TryParseId(string text, out uint id) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id < uint.MaxValue;

    private static bool TrySplitPort(string text, out string host, out int port)
    {
        int colon = text.LastIndexOf(':');
        host = colon < 0 ? "" : text[..colon];
        port = 0;
        return colon > 0 && TryParseInteger(text[(colon + 1)..], 0, IPEndPoint.MaxPort, out port);
    }

    // A zone (RFC 4007 §11) means something on one machine alone, and no request may have one.
    private static IPAddress? ParseBracketed(string host) =>
        !host.AsSpan(1, host.Length - 2).ContainsAnyExcept(AddressChars) && IPAddress.TryParse(host.AsSpan(1, host.Length - 2), out IPAddress? address)
            && address.AddressFamily == AddressFamily.InterNetworkV6 ? address : null;

    private static bool IsBracketed(string host) => host.Length > 2 && host[0] == '[' && host[^1] == ']';

    // IPAddress.TryParse also accepts "1" and "127.1", which are probably typing mistakes.
    private static bool IsDottedQuad(string host, out IPAddress? address)
    {
        address = null;
        return host.AsSpan().Count('.') == 3 && IPAddress.TryParse(host, out address)
            && address.AddressFamily == AddressFamily.InterNetwork;
    }
}
