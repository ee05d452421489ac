namespace Edge.Io;

/// <summary>Digests of bytes (FIPS 180-4), by OpenSSL.</summary>
internal static unsafe class Digest
{
    /// <summary>Its length in bytes.</summary>
    internal const int Bytes = 32;

    /// <summary>SHA-256.</summary>
    internal static byte[] Of(ReadOnlySpan<byte> data)
    {
        byte[] digest = new byte[Bytes];
        Write(data, digest);
        return digest;
    }

    /// <summary>SHA-256, without an allocation.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="digest">Gets <see cref="Bytes"/> bytes.</param>
    internal static void Write(ReadOnlySpan<byte> data, Span<byte> digest)
    {
        fixed (byte* from = data, to = digest[..Bytes])
        {
            TlsException.Check(OpenSsl.EVP_Digest(from, (nuint)data.Length, to, null, OpenSsl.EVP_sha256(), 0), "EVP_Digest");
        }
    }
}
