using System.Formats.Asn1;
using System.Numerics;

namespace Edge.Io;

/// <summary>A certificate with its chain and its key, ready to be shown to clients, and what it says of itself (RFC 5280 §4.1). Immutable.</summary>
internal sealed unsafe class TlsCertificate : IDisposable
{
    private TlsCertificate(nint handle, CertificateFacts facts) => (Handle, Facts) = (handle, facts);

    /// <summary>Its context.</summary>
    internal nint Handle { get; }

    internal CertificateFacts Facts { get; }

    /// <summary>Reads PEM texts (RFC 7468).</summary>
    /// <param name="chain">The certificate, then those that vouch for it.</param>
    /// <param name="key">Its key; the same text as the chain where both are in one.</param>
    /// <param name="tickets">The process's keys.</param>
    /// <exception cref="TlsException">One of them cannot be read, or the key is not the certificate's.</exception>
    internal static TlsCertificate Read(byte[] chain, byte[] key, TicketKeys tickets)
    {
        nint context = TlsFrontend.NewContext();
        try
        {
            tickets.Use(context);
            CertificateFacts facts = UseChain(context, chain);
            UseKey(context, key);
            TlsException.Check(OpenSsl.SSL_CTX_check_private_key(context), "the key is not the certificate's");
            return new TlsCertificate(context, facts);
        }
        catch
        {
            OpenSsl.SSL_CTX_free(context);
            throw;
        }
    }

    public void Dispose() => OpenSsl.SSL_CTX_free(Handle);

    private static CertificateFacts UseChain(nint context, byte[] text)
    {
        fixed (byte* bytes = text)
        {
            nint bio = TlsException.Check(OpenSsl.BIO_new_mem_buf(bytes, text.Length), "BIO_new_mem_buf");
            try
            {
                nint first = TlsException.Check(OpenSsl.PEM_read_bio_X509(bio, null, null, null), "no certificate can be read");
                try
                {
                    TlsException.Check(OpenSsl.SSL_CTX_use_certificate(context, first), "the certificate cannot be used");
                    while (OpenSsl.PEM_read_bio_X509(bio, null, null, null) is var next and not 0)
                    {
                        // Takes a reference of its own.
                        nint added = OpenSsl.SSL_CTX_ctrl(context, OpenSsl.SSL_CTRL_CHAIN_CERT, 1, (void*)next);
                        OpenSsl.X509_free(next);
                        TlsException.Check(added, "a certificate of the chain cannot be used");
                    }

                    // The end of the text is an error of its own (PEM_R_NO_START_LINE).
                    OpenSsl.ERR_clear_error();
                    return CertificateFacts.Read(Encode(first));
                }
                finally
                {
                    OpenSsl.X509_free(first);
                }
            }
            finally
            {
                OpenSsl.BIO_free(bio);
            }
        }
    }

    private static void UseKey(nint context, byte[] text)
    {
        fixed (byte* bytes = text)
        {
            nint bio = TlsException.Check(OpenSsl.BIO_new_mem_buf(bytes, text.Length), "BIO_new_mem_buf");
            nint key = OpenSsl.PEM_read_bio_PrivateKey(bio, null, null, null);
            OpenSsl.BIO_free(bio);
            TlsException.Check(key, "no key can be read");
            nint used = OpenSsl.SSL_CTX_use_PrivateKey(context, key);
            OpenSsl.EVP_PKEY_free(key);
            TlsException.Check(used, "the key cannot be used");
        }
    }

    private static byte[] Encode(nint certificate)
    {
        byte[] der = new byte[OpenSsl.i2d_X509(certificate, null)];
        fixed (byte* to = der)
        {
            byte* at = to;
            OpenSsl.i2d_X509(certificate, &at);
        }

        return der;
    }
}
