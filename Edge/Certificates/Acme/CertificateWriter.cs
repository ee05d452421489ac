using System.Formats.Asn1;
using System.Net;
using System.Numerics;
using Edge.Io;

namespace Edge.Certificates;

/// <summary>
/// Writes certificates that this process signs itself, and requests for those of an authority (RFC 5280 §4.1, RFC 2986). Pure but for the signature.
/// </summary>
internal static class CertificateWriter
{
    private const string EcdsaWithSha256 = "1.2.840.10045.4.3.2";
    private const string CommonName = "2.5.4.3";
    private const string AlternativeName = "2.5.29.17";
    private const string ExtensionRequest = "1.2.840.113549.1.9.14";

    /// <summary>RFC 8737 §3.</summary>
    private const string AcmeIdentifier = "1.3.6.1.5.5.7.1.31";

    private const string OwnName = "Edge, self-signed";

    private static readonly Asn1Tag s_attributes = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag s_version = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag s_extensions = new(TagClass.ContextSpecific, 3, isConstructed: true);
    private static readonly Asn1Tag s_dnsName = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag s_address = new(TagClass.ContextSpecific, 7);

    /// <summary>Asks for a certificate of one name or address. The subject stays empty: clients look at the alternative names alone.</summary>
    internal static byte[] Request(string host, SigningKey key) => Signed(key, body =>
    {
        using (body.PushSequence())
        {
            body.WriteInteger(0);
            using (body.PushSequence())
            {
            }

            body.WriteEncodedValue(key.PublicKeyInfo);
            using (body.PushSetOf(s_attributes))
            using (body.PushSequence())
            {
                body.WriteObjectIdentifier(ExtensionRequest);
                using (body.PushSetOf())
                using (body.PushSequence())
                {
                    WriteNames(body, host);
                }
            }
        }
    });

    /// <summary>A certificate that stands in until there is one that clients believe.</summary>
    internal static byte[] SelfSigned(string host, SigningKey key, DateTimeOffset from, DateTimeOffset until) =>
        SelfSigned(host, key, from, until, proof: null);

    /// <summary>The certificate that proves to an authority who serves a name (RFC 8737 §3).</summary>
    /// <param name="host">The name.</param>
    /// <param name="key">Any.</param>
    /// <param name="proof">The digest of the key authorization.</param>
    /// <param name="now">It is good for a day around this time.</param>
    internal static byte[] Proof(string host, SigningKey key, byte[] proof, DateTimeOffset now) =>
        SelfSigned(host, key, now.AddHours(-12), now.AddHours(12), proof);

    private static byte[] SelfSigned(string host, SigningKey key, DateTimeOffset from, DateTimeOffset until, byte[]? proof) => Signed(key, body =>
    {
        using (body.PushSequence())
        {
            using (body.PushSequence(s_version))
            {
                body.WriteInteger(2);
            }

            // No other certificate has this key, so its digest is a number of its own: 16 bytes, positive, and never 0.
            body.WriteInteger(new BigInteger(Digest.Of(key.PublicKeyInfo).AsSpan(0, 16), isUnsigned: true) + BigInteger.One);
            WriteAlgorithm(body);
            WriteName(body);
            using (body.PushSequence())
            {
                WriteTime(body, from);
                WriteTime(body, until);
            }

            WriteName(body);
            body.WriteEncodedValue(key.PublicKeyInfo);
            using (body.PushSequence(s_extensions))
            using (body.PushSequence())
            {
                WriteNames(body, host);
                if (proof is not null)
                {
                    WriteProof(body, proof);
                }
            }
        }
    });

    // The body, the algorithm, the signature over the body.
    private static byte[] Signed(SigningKey key, Action<AsnWriter> writeBody)
    {
        var body = new AsnWriter(AsnEncodingRules.DER);
        writeBody(body);
        byte[] encoded = body.Encode();
        var whole = new AsnWriter(AsnEncodingRules.DER);
        using (whole.PushSequence())
        {
            whole.WriteEncodedValue(encoded);
            WriteAlgorithm(whole);
            whole.WriteBitString(key.Sign(encoded));
        }

        return whole.Encode();
    }

    private static void WriteAlgorithm(AsnWriter to)
    {
        using (to.PushSequence())
        {
            to.WriteObjectIdentifier(EcdsaWithSha256);
        }
    }

    private static void WriteName(AsnWriter to)
    {
        using (to.PushSequence())
        using (to.PushSetOf())
        using (to.PushSequence())
        {
            to.WriteObjectIdentifier(CommonName);
            to.WriteCharacterString(UniversalTagNumber.UTF8String, OwnName);
        }
    }

    // RFC 5280 §4.1.2.5: until 2049 in the short form.
    private static void WriteTime(AsnWriter to, DateTimeOffset time)
    {
        if (time.UtcDateTime.Year < 2050)
        {
            to.WriteUtcTime(time);
        }
        else
        {
            to.WriteGeneralizedTime(time, omitFractionalSeconds: true);
        }
    }

    private static void WriteNames(AsnWriter to, string host)
    {
        using (to.PushSequence())
        {
            to.WriteObjectIdentifier(AlternativeName);
            using (to.PushOctetString())
            using (to.PushSequence())
            {
                if (IPAddress.TryParse(host, out IPAddress? address))
                {
                    to.WriteOctetString(address.GetAddressBytes(), s_address);
                }
                else
                {
                    to.WriteCharacterString(UniversalTagNumber.IA5String, host, s_dnsName);
                }
            }
        }
    }

    private static void WriteProof(AsnWriter to, byte[] digest)
    {
        using (to.PushSequence())
        {
            to.WriteObjectIdentifier(AcmeIdentifier);
            to.WriteBoolean(true);
            using (to.PushOctetString())
            {
                to.WriteOctetString(digest);
            }
        }
    }
}
