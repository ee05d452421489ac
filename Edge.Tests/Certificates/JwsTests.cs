using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Edge.Certificates;
using Edge.Io;

namespace Edge.Tests.Certificates;

public sealed class JwsTests
{
    private static readonly Uri s_url = new("https://authority.example/acme/new?x=%20y");

    [Theory]
    [InlineData(true, "")]
    [InlineData(false, "{\"a\":1}")]
    public void A_message_verifies_and_says_where_it_goes_and_who_sends_it(bool hasAccount, string payload)
    {
        using var key = SigningKey.Generate();
        Uri? account = hasAccount ? new("https://authority.example/account/7") : null;
        JsonNode message = JsonNode.Parse(Jws.Sign(key, account, "nonce-1", s_url, Encoding.UTF8.GetBytes(payload)))!;
        (string first, string second) = ((string)message["protected"]!, (string)message["payload"]!);
        JsonNode header = JsonNode.Parse(Base64Url.DecodeFromChars(first))!;
        Assert.Equal(("ES256", "nonce-1", s_url.OriginalString), ((string)header["alg"]!, (string)header["nonce"]!, (string)header["url"]!));
        Assert.Equal(account?.OriginalString, (string?)header["kid"]);
        Assert.Equal(hasAccount, header["jwk"] is null);
        Assert.Equal(payload, Encoding.UTF8.GetString(Base64Url.DecodeFromChars(second)));
        using var verifier = ECDsa.Create();
        verifier.ImportSubjectPublicKeyInfo(key.PublicKeyInfo, out _);
        Assert.True(verifier.VerifyData(
            Encoding.ASCII.GetBytes($"{first}.{second}"), Base64Url.DecodeFromChars((string)message["signature"]!), HashAlgorithmName.SHA256));
    }

    [Fact]
    public void The_thumbprint_is_the_digest_of_the_key_in_its_one_form()
    {
        using var key = SigningKey.Generate();
        using var other = ECDsa.Create();
        other.ImportSubjectPublicKeyInfo(key.PublicKeyInfo, out _);
        ECPoint point = other.ExportParameters(false).Q;
        string text = $$"""{"crv":"P-256","kty":"EC","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""";
        string expected = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(text)));
        Assert.Equal(expected, Jws.Thumbprint(key));
        Assert.Equal($"token.{expected}", Jws.KeyAuthorization(key, "token"));
    }

    // DER leaves zeros out in front of small numbers, and puts one in front of numbers whose first bit is set.
    [Theory]
    [InlineData("3006020101020102", "01", "02")]
    [InlineData("3008020200FF02020080", "FF", "80")]
    [InlineData("30080202012302020456", "0123", "0456")]
    public void The_two_numbers_of_a_signature_have_32_bytes_each(string der, string first, string second) =>
        Assert.Equal(first.PadLeft(64, '0') + second.PadLeft(64, '0'), Convert.ToHexString(SigningKey.Join(Convert.FromHexString(der))));

    [Fact]
    public void A_key_is_the_same_after_it_was_written_and_read()
    {
        using var key = SigningKey.Generate();
        using var read = SigningKey.Read(key.ToPem());
        Assert.Equal(key.PublicKeyInfo, read.PublicKeyInfo);
        using var other = ECDsa.Create();
        other.ImportFromPem(Encoding.ASCII.GetString(key.ToPem()));
        Assert.Equal(other.ExportSubjectPublicKeyInfo(), key.PublicKeyInfo);
    }

    [Fact]
    public void A_key_of_another_kind_and_a_text_without_a_key_are_refused()
    {
        using var rsa = RSA.Create(2048);
        Assert.Throws<FormatException>(() => SigningKey.Read(Encoding.ASCII.GetBytes(rsa.ExportPkcs8PrivateKeyPem())));
        Assert.Throws<TlsException>(() => SigningKey.Read("nothing\n"u8.ToArray()));
    }
}
