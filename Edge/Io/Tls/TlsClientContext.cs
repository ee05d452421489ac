using System.Net;
using System.Runtime.InteropServices;

namespace Edge.Io;

/// <summary>
/// What the process's own TLS connections to some servers have in common: TLS 1.2 and 1.3, and whom they believe. A server has to show a certificate that
/// one of the roots vouches for, and that has the name it was called by (RFC 5280 §6, RFC 9525). Immutable; from any thread; sessions may outlive it.
/// </summary>
internal sealed unsafe class TlsClientContext : IDisposable
{
    private readonly Lock _use = new();
    private nint _handle;

    /// <param name="roots">PEM texts (RFC 7468) with any number of certificates each; null to believe every certificate.</param>
    /// <exception cref="TlsException">There is no certificate in any of them.</exception>
    internal TlsClientContext(IEnumerable<byte[]>? roots)
    {
        OpenSsl.OPENSSL_init_ssl(OpenSsl.OPENSSL_INIT_NO_LOAD_CONFIG, 0);
        Verifies = roots is not null;
        _handle = TlsException.Check(OpenSsl.SSL_CTX_new(OpenSsl.TLS_client_method()), "SSL_CTX_new");
        OpenSsl.SSL_CTX_ctrl(_handle, OpenSsl.SSL_CTRL_SET_MIN_PROTO_VERSION, OpenSsl.TLS1_2_VERSION, null);
        OpenSsl.SSL_CTX_ctrl(
            _handle, OpenSsl.SSL_CTRL_MODE,
            OpenSsl.SSL_MODE_ENABLE_PARTIAL_WRITE | OpenSsl.SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | OpenSsl.SSL_MODE_RELEASE_BUFFERS, null);
        OpenSsl.SSL_CTX_ctrl(_handle, OpenSsl.SSL_CTRL_SET_READ_AHEAD, 1, null);
        OpenSsl.SSL_CTX_set_options(_handle, OpenSsl.SSL_OP_NO_COMPRESSION | OpenSsl.SSL_OP_NO_RENEGOTIATION);
        OpenSsl.SSL_CTX_set_verify(_handle, Verifies ? OpenSsl.SSL_VERIFY_PEER : OpenSsl.SSL_VERIFY_NONE, null);
        if (roots?.Sum(Believe) == 0)
        {
            OpenSsl.SSL_CTX_free(_handle);
            throw new TlsException("no certificate of a root can be read");
        }
    }

    /// <summary>Whether a server has to prove who it is.</summary>
    internal bool Verifies { get; }

    /// <summary>A session that is about to shake hands (SSL of OpenSSL), over HTTP/1.1 (ALPN, RFC 7301). It belongs to the caller.</summary>
    /// <param name="host">The name, or the address, that the server's certificate has to have.</param>
    /// <exception cref="TlsException">It cannot be made.</exception>
    /// <exception cref="ObjectDisposedException">Whoever owns this was quicker: a connection that nobody waits for any more may come this late.</exception>
    internal nint NewSession(string host)
    {
        nint session = NewSession();
        try
        {
            OpenSsl.SSL_set_connect_state(session);
            Expect(session, host);
            fixed (byte* protocols = "\u0008http/1.1"u8)
            {
                OpenSsl.SSL_set_alpn_protos(session, protocols, 9);
            }

            return session;
        }
        catch
        {
            OpenSsl.SSL_free(session);
            throw;
        }
    }

    private nint NewSession()
    {
        lock (_use)
        {
            ObjectDisposedException.ThrowIf(_handle == 0, this);
            return TlsException.Check(OpenSsl.SSL_new(_handle), "SSL_new");
        }
    }

    /// <summary>What is wrong with the certificate that a session has got to see; None if nothing is, or if it does not matter.</summary>
    internal TlsPeerFault FaultOf(nint session) => !Verifies ? TlsPeerFault.None : OpenSsl.SSL_get_verify_result(session) switch
    {
        OpenSsl.X509_V_OK => TlsPeerFault.None,
        9 => TlsPeerFault.NotYetGood, // X509_V_ERR_CERT_NOT_YET_VALID
        10 => TlsPeerFault.Expired, // X509_V_ERR_CERT_HAS_EXPIRED
        62 or 64 => TlsPeerFault.Name, // X509_V_ERR_HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH

        // X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, DEPTH_ZERO_SELF_SIGNED_CERT, SELF_SIGNED_CERT_IN_CHAIN, UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
        // UNABLE_TO_VERIFY_LEAF_SIGNATURE
        2 or 18 or 19 or 20 or 21 => TlsPeerFault.Authority,
        _ => TlsPeerFault.Certificate,
    };

    public void Dispose()
    {
        lock (_use)
        {
            OpenSsl.SSL_CTX_free(_handle);
            _handle = 0;
        }
    }

    // Whose certificate it has to be; and the name that a server with several certificates needs (RFC 6066 §3: never an address).
    private void Expect(nint session, string host)
    {
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            if (Verifies)
            {
                TlsException.Check(OpenSsl.X509_VERIFY_PARAM_set1_ip_asc(OpenSsl.SSL_get0_param(session), address.ToString()), host);
            }

            return;
        }

        if (Verifies)
        {
            OpenSsl.SSL_set_hostflags(session, OpenSsl.X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
            TlsException.Check(OpenSsl.SSL_set1_host(session, host), host);
        }

        nint name = Marshal.StringToCoTaskMemUTF8(host);
        OpenSsl.SSL_ctrl(session, OpenSsl.SSL_CTRL_SET_TLSEXT_HOSTNAME, OpenSsl.TLSEXT_NAMETYPE_host_name, (void*)name);
        Marshal.FreeCoTaskMem(name);
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
