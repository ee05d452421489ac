using System.Security.Cryptography;
using System.Text;

namespace Edge.Certificates;

/// <summary>Certificates and keys as text (RFC 7468).</summary>
internal static class PemText
{
    private const string CertificateLabel = "CERTIFICATE";

    internal static byte[] OfCertificate(byte[] der) => Encoding.ASCII.GetBytes(PemEncoding.WriteString(CertificateLabel, der) + "\n");

    /// <summary>The first certificate of a text, as bytes; null if there is none.</summary>
    internal static byte[]? FirstCertificate(byte[] pem)
    {
        string text = Encoding.UTF8.GetString(pem);
        for (int at = 0; PemEncoding.TryFind(text.AsSpan(at), out PemFields block); at += block.Location.End.Value)
        {
            ReadOnlySpan<char> rest = text.AsSpan(at);
            if (rest[block.Label].SequenceEqual(CertificateLabel))
            {
                return Convert.FromBase64String(rest[block.Base64Data].ToString());
            }
        }

        return null;
    }
}
