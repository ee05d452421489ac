namespace Edge.Io;

/// <summary>Reads PEM texts (RFC 7468) with OpenSSL.</summary>
internal static unsafe class Pem
{
    /// <summary>
    /// Hands out the certificates of a text, one after the other, until its end or the first that cannot be read; which of both it was, the thread's errors
    /// tell (<see cref="TlsException.CheckEndOfText"/>). Each is freed after its call: who keeps one takes a reference.
    /// </summary>
    /// <returns>How many there were.</returns>
    internal static int EachCertificate(byte[] text, Action<nint> use)
    {
        int count = 0;
        Read(text, bio =>
        {
            while (OpenSsl.PEM_read_bio_X509(bio, null, null, null) is var certificate and not 0)
            {
                try
                {
                    use(certificate);
                    count++;
                }
                finally
                {
                    OpenSsl.X509_free(certificate);
                }
            }
        });
        return count;
    }

    /// <summary>The first private key of a text; the caller frees it.</summary>
    /// <exception cref="TlsException">There is none.</exception>
    internal static nint Key(byte[] text)
    {
        nint key = 0;
        Read(text, bio => key = OpenSsl.PEM_read_bio_PrivateKey(bio, null, null, null));
        return TlsException.Check(key, "no key can be read");
    }

    private static void Read(byte[] text, Action<nint> read)
    {
        fixed (byte* bytes = text)
        {
            nint bio = TlsException.Check(OpenSsl.BIO_new_mem_buf(bytes, text.Length), "BIO_new_mem_buf");
            try
            {
                read(bio);
            }
            finally
            {
                OpenSsl.BIO_free(bio);
            }
        }
    }
}
