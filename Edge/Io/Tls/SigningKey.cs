using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;

namespace Edge.Io;

/// <summary>A private key of the curve P-256, for ECDSA with SHA-256 (FIPS 186-5, RFC 5480). Made, read and used by OpenSSL.</summary>
internal sealed unsafe class SigningKey : IDisposable
{
    /// <summary>The bytes of each of the two numbers of a signature, and of each coordinate of the public key.</summary>
    internal const int NumberBytes = 32;

    private const string PemLabel = "EC PRIVATE KEY";

    private nint _key;

    private SigningKey(nint key)
    {
        _key = key;
        PublicKeyInfo = Der.Of(&OpenSsl.i2d_PUBKEY, key);

        // The point without compression is what such a structure ends with: 04, x, y (RFC 5480 §2.2).
        if (PublicKeyInfo.Length <= 2 * NumberBytes || PublicKeyInfo[^((2 * NumberBytes) + 1)] != 4)
        {
            OpenSsl.EVP_PKEY_free(key);
            throw new FormatException("the key is not one of P-256");
        }
    }

    /// <summary>The public key (SubjectPublicKeyInfo, RFC 5280 §4.1).</summary>
    internal byte[] PublicKeyInfo { get; }

    /// <summary>The first coordinate of the public key.</summary>
    internal ReadOnlySpan<byte> X => PublicKeyInfo.AsSpan(PublicKeyInfo.Length - (2 * NumberBytes), NumberBytes);

    /// <summary>The second one.</summary>
    internal ReadOnlySpan<byte> Y => PublicKeyInfo.AsSpan(PublicKeyInfo.Length - NumberBytes);

    internal static SigningKey Generate()
    {
        nint context = TlsException.Check(OpenSsl.EVP_PKEY_CTX_new_id(OpenSsl.EVP_PKEY_EC, 0), "EVP_PKEY_CTX_new_id");
        try
        {
            nint key = 0;
            TlsException.Check(
                OpenSsl.EVP_PKEY_keygen_init(context) == 1
                && OpenSsl.EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, OpenSsl.NID_X9_62_prime256v1) == 1
                && OpenSsl.EVP_PKEY_keygen(context, &key) == 1 ? 1 : 0, "a key cannot be made");
            return new SigningKey(key);
        }
        finally
        {
            OpenSsl.EVP_PKEY_CTX_free(context);
        }
    }

    /// <summary>Reads the first key of a PEM text (RFC 7468).</summary>
    /// <exception cref="TlsException">There is none.</exception>
    /// <exception cref="FormatException">It is not one of P-256.</exception>
    internal static SigningKey Read(byte[] pem) => new(Pem.Key(pem));

    /// <summary>The key as a PEM text; a secret.</summary>
    internal byte[] ToPem() => Encoding.ASCII.GetBytes(PemEncoding.WriteString(PemLabel, Der.Of(&OpenSsl.i2d_PrivateKey, _key)) + "\n");

    /// <summary>A signature as certificates have it: a sequence of two integers (RFC 3279 §2.2.3).</summary>
    internal byte[] Sign(ReadOnlySpan<byte> data)
    {
        nint context = TlsException.Check(OpenSsl.EVP_MD_CTX_new(), "EVP_MD_CTX_new");
        try
        {
            TlsException.Check(OpenSsl.EVP_DigestSignInit(context, null, OpenSsl.EVP_sha256(), 0, _key) == 1 ? 1 : 0, "EVP_DigestSignInit");
            byte[] signature = new byte[128];
            nuint length = (nuint)signature.Length;
            fixed (byte* from = data, to = signature)
            {
                TlsException.Check(OpenSsl.EVP_DigestSign(context, to, &length, from, (nuint)data.Length) == 1 ? 1 : 0, "EVP_DigestSign");
            }

            return signature[..(int)length];
        }
        finally
        {
            OpenSsl.EVP_MD_CTX_free(context);
        }
    }

    /// <summary>A signature as JWS has it (ES256): the two numbers one behind the other, 32 bytes each (RFC 7518 §3.4).</summary>
    internal byte[] SignFixed(ReadOnlySpan<byte> data) => Join(Sign(data));

    /// <summary>Turns the first form of a signature into the second.</summary>
    internal static byte[] Join(byte[] signature)
    {
        AsnReader numbers = new AsnReader(signature, AsnEncodingRules.DER).ReadSequence();
        byte[] joined = new byte[2 * NumberBytes];
        for (int i = 0; i < 2; i++)
        {
            // An integer has a zero in front if its first bit is set, and no zeros in front of a small value (X.690 §8.3).
            ReadOnlySpan<byte> number = numbers.ReadIntegerBytes().Span.TrimStart((byte)0);
            number.CopyTo(joined.AsSpan(((i + 1) * NumberBytes) - number.Length));
        }

        return joined;
    }

    public void Dispose()
    {
        if (_key != 0)
        {
            OpenSsl.EVP_PKEY_free(_key);
            _key = 0;
        }
    }
}
