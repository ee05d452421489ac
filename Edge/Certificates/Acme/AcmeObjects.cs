using System.Text.Json.Serialization;

namespace Edge.Certificates;

/// <summary>What client and authority say to each other (RFC 8555 §7, RFC 9773, RFC 7515), as JSON. What an authority leaves out is null.</summary>
internal static class AcmeObjects
{
    /// <summary>Where everything else is (RFC 8555 §7.1.1); the address for renewals is of RFC 9773 §3.</summary>
    internal sealed record Directory(Uri? NewNonce, Uri? NewAccount, Uri? NewOrder, Uri? RenewalInfo, Meta? Meta);

    internal sealed record Meta(Uri? TermsOfService, bool? ExternalAccountRequired, Dictionary<string, string>? Profiles);

    internal sealed record AccountRequest(bool TermsOfServiceAgreed, string[] Contact);

    internal sealed record ContactChange(string[] Contact);

    internal sealed record Account(string? Status, string[]? Contact);

    /// <summary>A name: its kind is dns or ip (RFC 8738).</summary>
    internal sealed record Identifier(string Type, string Value);

    internal sealed record OrderRequest(Identifier[] Identifiers, string? Profile, string? Replaces);

    internal sealed record Order(string? Status, Uri[]? Authorizations, Uri? Finalize, Uri? Certificate, Problem? Error);

    internal sealed record Authorization(string? Status, Identifier? Identifier, Challenge[]? Challenges);

    internal sealed record Challenge(string? Type, Uri? Url, string? Status, string? Token, Problem? Error);

    /// <summary>What is wrong (RFC 9457, RFC 8555 §6.7).</summary>
    internal sealed record Problem(string? Type, string? Detail, Problem[]? Subproblems);

    internal sealed record FinalizeRequest(string Csr);

    internal sealed record RenewalInfo(Window? SuggestedWindow, [property: JsonPropertyName("explanationURL")] string? Explanation);

    internal sealed record Window(DateTimeOffset Start, DateTimeOffset End);

    /// <summary>A public key (RFC 7517). In this order it is the text of its thumbprint (RFC 7638 §3.2).</summary>
    internal sealed record Jwk(string Crv, string Kty, string X, string Y);

    /// <summary>What is signed beside the payload: the key itself, or the account that has it.</summary>
    internal sealed record Protected(string Alg, Jwk? Jwk, string? Kid, string Nonce, string Url);

    internal sealed record SignedMessage([property: JsonPropertyName("protected")] string Header, string Payload, string Signature);
}
