using System.Runtime.InteropServices;

namespace Edge.Io;

// Keys, signatures and digests (section 3ssl of the manual: EVP_DigestSign, EVP_PKEY_keygen, i2d_PUBKEY).
internal static unsafe partial class OpenSsl
{
    internal const int EVP_PKEY_EC = 408;

    /// <summary>P-256 (RFC 5480 §2.1.1.1).</summary>
    internal const int NID_X9_62_prime256v1 = 415;

    [LibraryImport(Crypto)]
    internal static partial nint EVP_PKEY_CTX_new_id(int kind, nint engine);

    [LibraryImport(Crypto)]
    internal static partial void EVP_PKEY_CTX_free(nint context);

    [LibraryImport(Crypto)]
    internal static partial int EVP_PKEY_keygen_init(nint context);

    [LibraryImport(Crypto)]
    internal static partial int EVP_PKEY_CTX_set_ec_paramgen_curve_nid(nint context, int curve);

    [LibraryImport(Crypto)]
    internal static partial int EVP_PKEY_keygen(nint context, nint* key);

    [LibraryImport(Crypto)]
    internal static partial int i2d_PUBKEY(nint key, byte** to);

    [LibraryImport(Crypto)]
    internal static partial int i2d_PrivateKey(nint key, byte** to);

    [LibraryImport(Crypto)]
    internal static partial nint EVP_MD_CTX_new();

    [LibraryImport(Crypto)]
    internal static partial void EVP_MD_CTX_free(nint context);

    [LibraryImport(Crypto)]
    internal static partial int EVP_DigestSignInit(nint context, nint* keyContext, nint digest, nint engine, nint key);

    [LibraryImport(Crypto)]
    internal static partial int EVP_DigestSign(nint context, byte* signature, nuint* length, byte* data, nuint dataLength);
}
