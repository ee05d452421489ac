using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Edge.Config;

/// <summary>Whose requests a service takes, and how many of them.</summary>
internal sealed record AccessOptions
{
    private const int NameBytes = 64;
    private const string HashForm = "sha256";

    private IPNetwork[] _networks = [];
    private AccessUser[] _users = [];

    public string[] Allow
    {
        get;
        set => (field, _networks) = (value, [.. value.Select(text => OptionValues.Require(text, ParseNetwork(text)))]);
    } = [];

    /// <summary>Requests a second of one client's address; 0 for no limit.</summary>
    public int Rate { get; set; }

    /// <summary>Requests at once; 0 for as many as <see cref="Rate"/>.</summary>
    public int Burst { get; set; }

    public string[] Users
    {
        get;
        set => (field, _users) = (value, [.. value.Select(text => OptionValues.Require(text, ParseUser(text)))]);
    } = [];

    public string Realm { get; set; } = "edge";

    /// <summary>The parsed <see cref="Allow"/>.</summary>
    internal IReadOnlyList<IPNetwork> Networks() => _networks;

    /// <summary>The parsed <see cref="Users"/>.</summary>
    internal IReadOnlyList<AccessUser> KnownUsers() => _users;

    /// <summary>A network as 10.0.0.0/8 or fd00::/8, or one address.</summary>
    internal static IPNetwork? ParseNetwork(string text)
    {
        if (IPNetwork.TryParse(text, out IPNetwork network))
        {
            return network;
        }

        // IPAddress.TryParse takes "1" and "127.1", too, and addresses of IPv6 with a zone or a port.
        bool isPlain = text.AsSpan().Count('.') == 3 || (text.Contains(':', StringComparison.Ordinal) && text.AsSpan().IndexOfAny("[]%") < 0);
        return isPlain && IPAddress.TryParse(text, out IPAddress? address)
            ? new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128) : null;
    }

    /// <summary>name:sha256:salt:hash, the last two in hexadecimal digits, as <c>edge hash-password</c> prints it.</summary>
    internal static AccessUser? ParseUser(string text)
    {
        string[] parts = text.Split(':');
        return parts is [{ Length: > 0 }, HashForm, { Length: 2 * AccessUser.SaltBytes } salt, { Length: 2 * AccessUser.HashBytes } hash]
            && !parts[0].Any(char.IsControl) && Encoding.UTF8.GetByteCount(parts[0]) <= NameBytes
            && salt.All(char.IsAsciiHexDigit) && hash.All(char.IsAsciiHexDigit)
            ? new AccessUser(Encoding.UTF8.GetBytes(parts[0]), Convert.FromHexString(salt), Convert.FromHexString(hash)) : null;
    }

    /// <summary>The text that <see cref="ParseUser"/> reads.</summary>
    internal static string ShowUser(string name, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> hash) => string.Create(
        CultureInfo.InvariantCulture, $"{name}:{HashForm}:{Convert.ToHexStringLower(salt)}:{Convert.ToHexStringLower(hash)}");

    /// <summary>Whether a text may be the name of a realm: it stands in quotes (RFC 9110 §11.5).</summary>
    internal static bool IsRealm(string text) => text.Length is > 0 and <= NameBytes && text.All(c => c is >= ' ' and < '\x7f' and not '"' and not '\\');
}
