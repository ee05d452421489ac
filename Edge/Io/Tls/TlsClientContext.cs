namespace Edge.Io;

/// <summary>
/// What the process's own TLS connections have in common: TLS 1.2 and 1.3, and whom they believe. A peer has to show a certificate that one of the
/// roots vouches for, and that has the name it was called by (RFC 5280 §6, RFC 9525). Immutable; sessions may outlive it.
/// </summary>
internal sealed unsafe class TlsClientContext : IDisposable
{
    private readonly Lock _use = new();
    private nint _handle;

    /// <param name="roots">PEM texts (RFC 7468) with any number of certificates each.</param>
    /// <exception cref="TlsException">There is no certificate in any of them.</exception>
    internal TlsClientContext(IEnumerable<byte[]> roots)
    {
        OpenSsl.OPENSSL_init_ssl(OpenSsl.OPENSSL_INIT_NO_LOAD_CONFIG, 0);
        _handle = TlsException.Check(OpenSsl.SSL_CTX_new(OpenSsl.TLS_client_method()), "SSL_CTX_new");
        OpenSsl.SSL_CTX_ctrl(_handle, OpenSsl.SSL_CTRL_SET_MIN_PROTO_VERSION, OpenSsl.TLS1_2_VERSION, null);
        OpenSsl.SSL_CTX_ctrl(
            _handle, OpenSsl.SSL_CTRL_MODE, OpenSsl.SSL_MODE_ENABLE_PARTIAL_WRITE | OpenSsl.SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER, null);
        OpenSsl.SSL_CTX_set_options(_handle, OpenSsl.SSL_OP_NO_COMPRESSION | OpenSsl.SSL_OP_NO_RENEGOTIATION);
        OpenSsl.SSL_CTX_set_verify(_handle, OpenSsl.SSL_VERIFY_PEER, null);
        int known = roots.Sum(Believe);
        if (known == 0)
        {
            OpenSsl.SSL_CTX_free(_handle);
            throw new TlsException("no certificate of a root can be read");
        }
    }

    /// <summary>Begins a session; it holds what it needs of this.</summary>
    /// <exception cref="ObjectDisposedException">Whoever owns this was quicker: a connection that nobody waits for any more may come this late.</exception>
    internal nint NewSession()
    {
        lock (_use)
        {
            ObjectDisposedException.ThrowIf(_handle == 0, this);
            return TlsException.Check(OpenSsl.SSL_new(_handle), "SSL_new");
        }
    }

    public void Dispose()
    {
        lock (_use)
        {
            OpenSsl.SSL_CTX_free(_handle);
            _handle = 0;
        }
    }

    // Returns how many certificates there were.
    private int Believe(byte[] pem)
    {
        nint store = OpenSsl.SSL_CTX_get_cert_store(_handle);

        // It takes a reference of its own; the same certificate twice is no fault.
        int count = Pem.EachCertificate(pem, root => OpenSsl.X509_STORE_add_cert(store, root));

        // The end of the text is an error of its own (PEM_R_NO_START_LINE).
        OpenSsl.ERR_clear_error();
        return count;
    }
}
