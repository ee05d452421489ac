using System.Formats.Asn1;
using System.Net;
using System.Text;

namespace Edge.Io;

/// <summary>What a certificate says of itself (RFC 5280 §4.1).</summary>
/// <param name="Names">Whom it stands for: DNS names in lower case, with wildcards as they are, and IP addresses as text.</param>
/// <param name="Issuer">Who vouches for it: the common name, or the organisation.</param>
/// <param name="From">From when it is good.</param>
/// <param name="Until">Until when.</param>
/// <param name="Serial">Its number, in hexadecimal digits.</param>
internal sealed record CertificateFacts(IReadOnlyList<string> Names, string Issuer, DateTimeOffset From, DateTimeOffset Until, string Serial)
{
    private const string AlternativeName = "2.5.29.17";
    private const string CommonName = "2.5.4.3";
    private const string Organisation = "2.5.4.10";

    private static readonly Asn1Tag s_version = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag s_extensions = new(TagClass.ContextSpecific, 3);
    private static readonly Asn1Tag s_dnsName = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag s_ipAddress = new(TagClass.ContextSpecific, 7);

    /// <summary>The kind of its key: rsa, ecdsa, ed25519, or other (RFC 8017 A.1, RFC 5480 §2.1.1, RFC 8410 §3).</summary>
    internal string Key { get; private init; } = "other";

    /// <param name="der">The certificate (ITU-T X.690).</param>
    /// <exception cref="AsnContentException">It is none.</exception>
    internal static CertificateFacts Read(byte[] der)
    {
        AsnReader body = new AsnReader(der, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        if (body.PeekTag().HasSameClassAndValue(s_version))
        {
            body.ReadEncodedValue();
        }

        string serial = Convert.ToHexStringLower(body.ReadIntegerBytes().Span);
        body.ReadEncodedValue(); // the signature's algorithm
        string issuer = NameOf(body.ReadSequence());
        AsnReader validity = body.ReadSequence();
        (DateTimeOffset from, DateTimeOffset until) = (ReadTime(validity), ReadTime(validity));
        string subject = NameOf(body.ReadSequence());
        string key = KeyOf(body.ReadSequence());
        List<string> names = [];
        while (body.HasData)
        {
            if (body.PeekTag().HasSameClassAndValue(s_extensions))
            {
                names = NamesIn(body.ReadSequence(s_extensions).ReadSequence());
            }
            else
            {
                body.ReadEncodedValue();
            }
        }

        // Clients look at the alternative names alone (RFC 9525 §6.3); a certificate without any is still to be found by something.
        return new(names.Count > 0 ? names : subject.Length > 0 ? [subject.ToLowerInvariant()] : [], issuer, from, until, serial) { Key = key };
    }

    private static string KeyOf(AsnReader key) => key.ReadSequence().ReadObjectIdentifier() switch
    {
        "1.2.840.113549.1.1.1" => "rsa",
        "1.2.840.10045.2.1" => "ecdsa",
        "1.3.101.112" => "ed25519",
        _ => "other",
    };

    private static DateTimeOffset ReadTime(AsnReader validity) =>
        validity.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? validity.ReadUtcTime() : validity.ReadGeneralizedTime();

    private static string NameOf(AsnReader name)
    {
        string common = "", organisation = "";
        while (name.HasData)
        {
            AsnReader set = name.ReadSetOf();
            while (set.HasData)
            {
                AsnReader attribute = set.ReadSequence();
                string kind = attribute.ReadObjectIdentifier();
                ReadOnlyMemory<byte> value = attribute.ReadEncodedValue();
                AsnDecoder.ReadEncodedValue(value.Span, AsnEncodingRules.DER, out int offset, out int length, out _);
                string text = Encoding.UTF8.GetString(value.Span.Slice(offset, length));
                (common, organisation) = (kind == CommonName ? text : common, kind == Organisation ? text : organisation);
            }
        }

        return common.Length > 0 ? common : organisation;
    }

    private static List<string> NamesIn(AsnReader extensions)
    {
        var names = new List<string>();
        while (extensions.HasData)
        {
            AsnReader extension = extensions.ReadSequence();
            if (extension.ReadObjectIdentifier() != AlternativeName)
            {
                continue;
            }

            if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean))
            {
                extension.ReadBoolean();
            }

            AsnReader alternatives = new AsnReader(extension.ReadOctetString(), AsnEncodingRules.DER).ReadSequence();
            while (alternatives.HasData)
            {
                Asn1Tag tag = alternatives.PeekTag();
                if (tag.HasSameClassAndValue(s_dnsName))
                {
                    names.Add(alternatives.ReadCharacterString(UniversalTagNumber.IA5String, s_dnsName).ToLowerInvariant());
                }
                else if (tag.HasSameClassAndValue(s_ipAddress))
                {
                    names.Add(new IPAddress(alternatives.ReadOctetString(s_ipAddress)).ToString());
                }
                else
                {
                    alternatives.ReadEncodedValue();
                }
            }
        }

        return names;
    }
}
