using System.Runtime.CompilerServices;

namespace Edge.Io;

/// <summary>
/// Has clients show a certificate (RFC 8446 §4.3.2): who has to vouch for it, and whether one that shows none is refused. Immutable; shared by all loops.
/// </summary>
internal sealed unsafe class ClientVerification : IDisposable
{
    private readonly nint _store = TlsException.Check(OpenSsl.X509_STORE_new(), "X509_STORE_new");
    private readonly nint _names = TlsException.Check(OpenSsl.OPENSSL_sk_new_null(), "OPENSSL_sk_new_null");
    private readonly int _mode;
    private byte[] _id = [];

    private ClientVerification(bool isRequired) =>
        _mode = OpenSsl.SSL_VERIFY_PEER | (isRequired ? OpenSsl.SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);

    /// <summary>Whether a client without a certificate is refused.</summary>
    internal bool IsRequired => (_mode & OpenSsl.SSL_VERIFY_FAIL_IF_NO_PEER_CERT) != 0;

    /// <summary>
    /// What tells these rules from others. Tickets bear it, and are worth nothing under other rules: the client of a resumed session is not asked again.
    /// </summary>
    internal ReadOnlySpan<byte> Id => _id;

    /// <summary>
    /// Reads the certificates that vouch for those of clients, as PEM (RFC 7468). Each of them is believed, also one that another has signed.
    /// </summary>
    /// <exception cref="TlsException">There is none, or one cannot be used.</exception>
    internal static ClientVerification Read(byte[] authorities, bool isRequired)
    {
        var rules = new ClientVerification(isRequired);
        try
        {
            rules.Use(authorities);
            return rules;
        }
        catch
        {
            rules.Dispose();
            throw;
        }
    }

    /// <summary>Has the sessions of a context ask for a certificate.</summary>
    internal void Ask(nint context)
    {
        OpenSsl.SSL_CTX_set_verify(context, _mode, null);
        fixed (byte* id = _id)
        {
            TlsException.Check(OpenSsl.SSL_CTX_set_session_id_context(context, id, Digest.Bytes), "SSL_CTX_set_session_id_context");
        }
    }

    /// <summary>Has a session that got its certificate's context believe these authorities, and name them to the client.</summary>
    internal void Use(nint session)
    {
        OpenSsl.SSL_ctrl(session, OpenSsl.SSL_CTRL_SET_VERIFY_CERT_STORE, 1, (void*)_store);
        OpenSsl.SSL_set_client_CA_list(session, OpenSsl.SSL_dup_CA_list(_names));
    }

    public void Dispose()
    {
        OpenSsl.X509_STORE_free(_store);
        for (int i = OpenSsl.OPENSSL_sk_num(_names) - 1; i >= 0; i--)
        {
            OpenSsl.X509_NAME_free(OpenSsl.OPENSSL_sk_value(_names, i));
        }

        OpenSsl.OPENSSL_sk_free(_names);
    }

    private void Use(byte[] authorities)
    {
        OpenSsl.X509_STORE_set_flags(_store, OpenSsl.X509_V_FLAG_PARTIAL_CHAIN);
        int count = Pem.EachCertificate(authorities, one =>
        {
            TlsException.Check(OpenSsl.X509_STORE_add_cert(_store, one), "a certificate cannot be used");
            nint name = OpenSsl.X509_NAME_dup(OpenSsl.X509_get_subject_name(one));
            OpenSsl.OPENSSL_sk_push(_names, TlsException.Check(name, "X509_NAME_dup"));
        });
        TlsException.Check(count, "no certificate can be read");
        TlsException.CheckEndOfText("a certificate cannot be read");
        _id = Digest.Of(authorities);
        _id[0] ^= (byte)_mode;
    }
}
