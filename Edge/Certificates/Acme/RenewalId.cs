using System.Buffers.Text;
using System.Formats.Asn1;

namespace Edge.Certificates;

/// <summary>How an authority calls a certificate that it has given out, where it says when to renew it (RFC 9773 §4.1).</summary>
internal static class RenewalId
{
    private const string AuthorityKeyIdentifier = "2.5.29.35";

    private static readonly Asn1Tag s_version = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag s_extensions = new(TagClass.ContextSpecific, 3, isConstructed: true);
    private static readonly Asn1Tag s_keyIdentifier = new(TagClass.ContextSpecific, 0);

    /// <param name="der">The certificate.</param>
    /// <returns>Null if the certificate does not say which key has signed it.</returns>
    internal static string? Of(byte[] der)
    {
        AsnReader body = new AsnReader(der, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        if (body.PeekTag().HasSameClassAndValue(s_version))
        {
            body.ReadEncodedValue();
        }

        ReadOnlyMemory<byte> serial = body.ReadIntegerBytes();
        while (body.HasData)
        {
            if (!body.PeekTag().HasSameClassAndValue(s_extensions))
            {
                body.ReadEncodedValue();
                continue;
            }

            AsnReader extensions = body.ReadSequence(s_extensions).ReadSequence();
            while (extensions.HasData)
            {
                if (KeyIdentifier(extensions.ReadSequence()) is { } key)
                {
                    return $"{Base64Url.EncodeToString(key.Span)}.{Base64Url.EncodeToString(serial.Span)}";
                }
            }
        }

        return null;
    }

    private static ReadOnlyMemory<byte>? KeyIdentifier(AsnReader extension)
    {
        if (extension.ReadObjectIdentifier() != AuthorityKeyIdentifier)
        {
            return null;
        }

        if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean))
        {
            extension.ReadBoolean();
        }

        AsnReader content = new AsnReader(extension.ReadOctetString(), AsnEncodingRules.DER).ReadSequence();
        return content.HasData && content.PeekTag().HasSameClassAndValue(s_keyIdentifier) ? content.ReadOctetString(s_keyIdentifier) : null;
    }
}
