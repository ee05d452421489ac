namespace Edge.Io;

/// <summary>Random bytes that nobody can foresee, by OpenSSL (RAND_bytes(3ssl)).</summary>
internal static unsafe class SecretBytes
{
    /// <exception cref="TlsException">There is no randomness to be had.</exception>
    internal static byte[] New(int count)
    {
        byte[] bytes = new byte[count];
        fixed (byte* to = bytes)
        {
            if (OpenSsl.RAND_bytes(to, count) != 1)
            {
                throw new TlsException("RAND_bytes");
            }
        }

        return bytes;
    }
}
