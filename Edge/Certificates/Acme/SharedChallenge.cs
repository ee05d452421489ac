using System.Buffers.Text;
using System.Text.Json.Serialization;
using Edge.Config;

namespace Edge.Certificates;

/// <summary>What an authority is about to ask for, as all processes with the same folder get to know it.</summary>
/// <param name="Type">http-01 or tls-alpn-01.</param>
/// <param name="Host">The name that is to be proved.</param>
/// <param name="Token">The authority's.</param>
/// <param name="Answer">The key authorization (RFC 8555 §8.1).</param>
/// <param name="Until">When nobody asks for it any more.</param>
internal sealed record SharedChallenge(string? Type, string? Host, string? Token, string? Answer, DateTimeOffset Until)
{
    internal const string Http = "http-01";
    internal const string TlsAlpn = "tls-alpn-01";

    // A file that says to be good for longer is none of this program's, or of a clock that is wrong.
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(1);

    [JsonIgnore]
    internal ChallengeKind Kind => Type == Http ? ChallengeKind.Http : ChallengeKind.TlsAlpn;

    /// <summary>Whether a token is what RFC 8555 §8.3 has it be: characters of base64url.</summary>
    internal static bool IsToken(string? token) => token is { Length: > 0 and <= 256 } && token.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>Whether it can be shown: it is in order, and in time.</summary>
    internal bool IsGood(DateTimeOffset now) =>
        Type is Http or TlsAlpn && Host is not null && AcmeOptions.IsHost(Host) && Until > now && Until <= now + s_longest
        && IsToken(Token) && Answer?.Split('.') is [{ } first, { Length: <= 64 } print] && first == Token && Base64Url.IsValid(print);
}
