using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Edge.Io;

namespace Edge.Certificates;

/// <summary>Messages to an authority, signed with the account's key (JWS with ES256: RFC 7515, RFC 7518 §3.4, RFC 8555 §6.2).</summary>
internal static class Jws
{
    /// <param name="key">The account's.</param>
    /// <param name="account">The account's address; null while it has none, and then the public key itself is in the message.</param>
    /// <param name="nonce">The authority's, good for one message.</param>
    /// <param name="url">Where the message goes.</param>
    /// <param name="payload">JSON; empty to read something (POST-as-GET).</param>
    internal static byte[] Sign(SigningKey key, Uri? account, string nonce, Uri url, ReadOnlySpan<byte> payload)
    {
        var header = new AcmeObjects.Protected("ES256", account is null ? PublicKey(key) : null, account?.OriginalString, nonce, url.OriginalString);
        string first = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(header, AcmeJson.Default.Protected));
        string second = Base64Url.EncodeToString(payload);
        string signature = Base64Url.EncodeToString(key.SignFixed(Encoding.ASCII.GetBytes($"{first}.{second}")));
        return JsonSerializer.SerializeToUtf8Bytes(new(first, second, signature), AcmeJson.Default.SignedMessage);
    }

    /// <summary>The fingerprint of the account's key (RFC 7638).</summary>
    internal static string Thumbprint(SigningKey key)
    {
        AcmeObjects.Jwk jwk = PublicKey(key);
        string text = $$"""{"crv":"{{jwk.Crv}}","kty":"{{jwk.Kty}}","x":"{{jwk.X}}","y":"{{jwk.Y}}"}""";
        return Base64Url.EncodeToString(Digest.Of(Encoding.ASCII.GetBytes(text)));
    }

    /// <summary>What proves that the account asked (RFC 8555 §8.1).</summary>
    internal static string KeyAuthorization(SigningKey key, string token) => $"{token}.{Thumbprint(key)}";

    private static AcmeObjects.Jwk PublicKey(SigningKey key) => new("P-256", "EC", Base64Url.EncodeToString(key.X), Base64Url.EncodeToString(key.Y));
}
