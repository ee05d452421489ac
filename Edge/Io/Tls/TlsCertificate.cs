namespace Edge.Io;

/// <summary>A certificate with its chain and its key, ready to be shown to clients, and what it says of itself (RFC 5280 §4.1). Immutable.</summary>
internal sealed unsafe class TlsCertificate : IDisposable
{
    private nint _handle;

    private TlsCertificate(nint handle, CertificateFacts facts) => (_handle, Facts) = (handle, facts);

    /// <summary>Its context; 0 once it is freed.</summary>
    internal nint Handle => _handle;

    internal CertificateFacts Facts { get; }

    /// <summary>
    /// A context with the certificates of both, of which a client sees the one whose key it can use (SSL_CTX_use_certificate(3ssl): one of each kind of key).
    /// It says of itself what the first says. Both stay as they are.
    /// </summary>
    internal static TlsCertificate Join(TlsCertificate first, TlsCertificate second, TicketKeys tickets)
    {
        nint context = TlsFrontend.NewContext();
        try
        {
            tickets.Use(context);
            Copy(first.Handle, context);
            Copy(second.Handle, context);
            return new TlsCertificate(context, first.Facts);
        }
        catch
        {
            OpenSsl.SSL_CTX_free(context);
            throw;
        }
    }

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

    // Whoever has the last reference cannot always know it is the last: a loop may be about to show it. OpenSSL counts the sessions that do.
    ~TlsCertificate() => OpenSsl.SSL_CTX_free(Interlocked.Exchange(ref _handle, 0));

    public void Dispose()
    {
        OpenSsl.SSL_CTX_free(Interlocked.Exchange(ref _handle, 0));
        GC.SuppressFinalize(this);
    }

    private static void Copy(nint from, nint to)
    {
        TlsException.Check(OpenSsl.SSL_CTX_use_certificate(to, OpenSsl.SSL_CTX_get0_certificate(from)), "the certificate cannot be used");
        nint chain;
        OpenSsl.SSL_CTX_ctrl(from, OpenSsl.SSL_CTRL_GET_CHAIN_CERTS, 0, &chain);
        for (int i = 0; chain != 0 && i < OpenSsl.OPENSSL_sk_num(chain); i++)
        {
            nint added = OpenSsl.SSL_CTX_ctrl(to, OpenSsl.SSL_CTRL_CHAIN_CERT, 1, (void*)OpenSsl.OPENSSL_sk_value(chain, i));
            TlsException.Check(added, "a certificate of the chain cannot be used");
        }

        TlsException.Check(OpenSsl.SSL_CTX_use_PrivateKey(to, OpenSsl.SSL_CTX_get0_privatekey(from)), "the key cannot be used");
    }

    private static CertificateFacts UseChain(nint context, byte[] text)
    {
        byte[] first = [];
        int count = Pem.EachCertificate(text, certificate =>
        {
            if (first.Length == 0)
            {
                first = Der.Of(&OpenSsl.i2d_X509, certificate);
                TlsException.Check(OpenSsl.SSL_CTX_use_certificate(context, certificate), "the certificate cannot be used");
            }
            else
            {
                // Takes a reference of its own.
                nint added = OpenSsl.SSL_CTX_ctrl(context, OpenSsl.SSL_CTRL_CHAIN_CERT, 1, (void*)certificate);
                TlsException.Check(added, "a certificate of the chain cannot be used");
            }
        });
        TlsException.Check(count, "no certificate can be read");
        TlsException.CheckEndOfText("a certificate of the chain cannot be read");
        return CertificateFacts.Read(first);
    }

    private static void UseKey(nint context, byte[] text)
    {
        nint key = Pem.Key(text);
        nint used = OpenSsl.SSL_CTX_use_PrivateKey(context, key);
        OpenSsl.EVP_PKEY_free(key);
        TlsException.Check(used, "the key cannot be used");
    }
}
