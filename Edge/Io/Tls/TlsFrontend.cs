using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Edge.Io;

/// <summary>
/// What TLS looks like to the clients of a process: TLS 1.2 and 1.3 with authenticated suites and forward secrecy alone, the certificate by the name that a
/// client asks for, tickets under the process's own keys (RFC 8446, RFC 9325, RFC 6066 §3). Shared by all loops.
/// </summary>
internal sealed unsafe class TlsFrontend : IDisposable
{
    // RFC 9325 §4.2: ECDHE with AEAD.
    private const string Suites12 =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
        + "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

    private const string Suites13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
    private const string Groups = "X25519:P-256";

    private const int SocketAddressBytes = 28;

    private readonly GCHandle _self;
    private CertificateTable _certificates;
    private IReadOnlyDictionary<string, TlsCertificate>? _challenges;
    private ClientVerification? _clients;
    private nint _handle;

    /// <param name="certificates">What there is to begin with.</param>
    /// <param name="tickets">The process's keys.</param>
    internal TlsFrontend(CertificateTable certificates, TicketKeys tickets)
    {
        _certificates = certificates;
        Tickets = tickets;
        _self = GCHandle.Alloc(this);
        _handle = NewFirstContext(null);
    }

    /// <summary>What a certificate authority offers alone when it asks for a proof (RFC 8737 §6.2).</summary>
    internal static ReadOnlySpan<byte> ChallengeProtocol => "acme-tls/1"u8;

    /// <summary>The context with which a session begins.</summary>
    internal nint Handle => Volatile.Read(ref _handle);

    internal TicketKeys Tickets { get; }

    /// <summary>The certificates that new handshakes get to see. From any thread.</summary>
    internal CertificateTable Certificates
    {
        get => Volatile.Read(ref _certificates);
        set => Volatile.Write(ref _certificates, value);
    }

    /// <summary>
    /// What proves to a certificate authority that this process serves a name (RFC 8737): certificates by the name, in lower case, that it asks for. Null
    /// where nothing is to be proved. Read by handshakes that offer acme-tls/1 and nothing else. From any thread.
    /// </summary>
    internal IReadOnlyDictionary<string, TlsCertificate>? Challenges
    {
        get => Volatile.Read(ref _challenges);
        set => Volatile.Write(ref _challenges, value);
    }

    /// <summary>Makes a certificate one of <see cref="Challenges"/>: with it, a session agrees on acme-tls/1 and nothing else.</summary>
    internal static void ConfineToChallenges(TlsCertificate certificate) => OpenSsl.SSL_CTX_set_alpn_select_cb(
        certificate.Handle, (delegate* unmanaged[Cdecl]<nint, byte**, byte*, byte*, uint, nint, int>)&OnChallengeProtocols, 0);

    /// <summary>Whether clients show a certificate, and who vouches for it; null: they are not asked.</summary>
    internal ClientVerification? Clients => Volatile.Read(ref _clients);

    /// <summary>
    /// Has other rules on the certificates of clients hold for new connections. From any thread, one at a time. Returns what held before, to be called once
    /// no loop can be in a handshake that has begun before: it frees the old rules.
    /// </summary>
    /// <param name="clients">The rules, which belong to this object from now on.</param>
    internal Action Verify(ClientVerification? clients)
    {
        nint next = NewFirstContext(clients);
        ClientVerification? before = _clients;

        // A session that begins between the two is made under the old rules, and believes the new authorities.
        Volatile.Write(ref _clients, clients);
        nint old = Interlocked.Exchange(ref _handle, next);
        return () =>
        {
            OpenSsl.SSL_CTX_free(old);
            before?.Dispose();
        };
    }

    /// <summary>A context as all of them are, without a certificate.</summary>
    internal static nint NewContext()
    {
        OpenSsl.OPENSSL_init_ssl(OpenSsl.OPENSSL_INIT_NO_LOAD_CONFIG, 0);
        nint context = TlsException.Check(OpenSsl.SSL_CTX_new(OpenSsl.TLS_server_method()), "SSL_CTX_new");
        OpenSsl.SSL_CTX_ctrl(context, OpenSsl.SSL_CTRL_SET_MIN_PROTO_VERSION, OpenSsl.TLS1_2_VERSION, null);
        OpenSsl.SSL_CTX_ctrl(
            context, OpenSsl.SSL_CTRL_MODE,
            OpenSsl.SSL_MODE_ENABLE_PARTIAL_WRITE | OpenSsl.SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | OpenSsl.SSL_MODE_RELEASE_BUFFERS, null);
        OpenSsl.SSL_CTX_ctrl(context, OpenSsl.SSL_CTRL_SET_READ_AHEAD, 1, null);
        OpenSsl.SSL_CTX_ctrl(context, OpenSsl.SSL_CTRL_SET_SESS_CACHE_MODE, OpenSsl.SSL_SESS_CACHE_OFF, null);
        OpenSsl.SSL_CTX_set_options(
            context,
            OpenSsl.SSL_OP_NO_COMPRESSION | OpenSsl.SSL_OP_NO_RENEGOTIATION | OpenSsl.SSL_OP_CIPHER_SERVER_PREFERENCE | OpenSsl.SSL_OP_PRIORITIZE_CHACHA);
        TlsException.Check(OpenSsl.SSL_CTX_set_cipher_list(context, Suites12), "SSL_CTX_set_cipher_list");
        TlsException.Check(OpenSsl.SSL_CTX_set_ciphersuites(context, Suites13), "SSL_CTX_set_ciphersuites");
        OpenSsl.SSL_CTX_set_num_tickets(context, 1);
        fixed (byte* groups = "X25519:P-256\0"u8, id = "edge"u8)
        {
            TlsException.Check(OpenSsl.SSL_CTX_ctrl(context, OpenSsl.SSL_CTRL_SET_GROUPS_LIST, 0, groups), $"groups {Groups}");
            OpenSsl.SSL_CTX_set_session_id_context(context, id, 4);
        }

        OpenSsl.SSL_CTX_set_alpn_select_cb(context, (delegate* unmanaged[Cdecl]<nint, byte**, byte*, byte*, uint, nint, int>)&OnProtocols, 0);
        return context;
    }

    public void Dispose()
    {
        OpenSsl.SSL_CTX_free(Handle);
        _clients?.Dispose();
        _self.Free();
    }

    // Before anything else (SSL_CTX_set_client_hello_cb(3ssl)): whether it is a certificate authority that asks for its proof.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnHello(nint session, int* alert, nint self)
    {
        if (((TlsFrontend)GCHandle.FromIntPtr(self).Target!).Challenges is { } challenges
            && Extension(session, OpenSsl.TLSEXT_TYPE_application_layer_protocol_negotiation).SequenceEqual("\u0000\u000B\u000Aacme-tls/1"u8))
        {
            // A list of names with one in it, of a host (RFC 6066 §3).
            ReadOnlySpan<byte> names = Extension(session, OpenSsl.TLSEXT_TYPE_server_name);
            if (names.Length > 5 && challenges.TryGetValue(Encoding.ASCII.GetString(names[5..]).ToLowerInvariant(), out TlsCertificate? proof))
            {
                OpenSsl.SSL_set_SSL_CTX(session, proof.Handle);
                GC.KeepAlive(proof);

                // An authority shows no certificate, whatever clients have to.
                OpenSsl.SSL_set_verify(session, OpenSsl.SSL_VERIFY_NONE, null);
            }
        }

        return OpenSsl.SSL_CLIENT_HELLO_SUCCESS;
    }

    private static ReadOnlySpan<byte> Extension(nint session, uint type)
    {
        byte* content;
        nuint length;
        return OpenSsl.SSL_client_hello_get0_ext(session, type, &content, &length) == 1 ? new(content, (int)length) : default;
    }

    private nint NewFirstContext(ClientVerification? clients)
    {
        nint context = NewContext();
        OpenSsl.SSL_CTX_callback_ctrl(
            context, OpenSsl.SSL_CTRL_SET_TLSEXT_SERVERNAME_CB, (delegate* unmanaged[Cdecl]<nint, int*, nint, int>)&OnServerName);
        OpenSsl.SSL_CTX_ctrl(context, OpenSsl.SSL_CTRL_SET_TLSEXT_SERVERNAME_ARG, 0, (void*)GCHandle.ToIntPtr(_self));
        OpenSsl.SSL_CTX_set_client_hello_cb(context, (delegate* unmanaged[Cdecl]<nint, int*, nint, int>)&OnHello, GCHandle.ToIntPtr(_self));
        Tickets.Use(context);
        clients?.Ask(context);
        return context;
    }

    // Before a certificate is sent: which one it is. A client that names nobody gets the default.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnServerName(nint session, int* alert, nint self)
    {
        var frontend = (TlsFrontend)GCHandle.FromIntPtr(self).Target!;
        if (frontend.Challenges is { } challenges && challenges.Values.Any(one => one.Handle == OpenSsl.SSL_get_SSL_CTX(session)))
        {
            return OpenSsl.SSL_TLSEXT_ERR_OK;
        }

        CertificateTable table = frontend.Certificates;
        byte* name = OpenSsl.SSL_get_servername(session, OpenSsl.TLSEXT_NAMETYPE_host_name);
        ReadOnlySpan<byte> wanted = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
        TlsCertificate? found = wanted.IsEmpty && table.HasAddresses ? FindByAddress(table, session) : table.Find(wanted);
        if (found is null)
        {
            *alert = OpenSsl.SSL_AD_UNRECOGNIZED_NAME;
            return OpenSsl.SSL_TLSEXT_ERR_ALERT_FATAL;
        }

        OpenSsl.SSL_set_SSL_CTX(session, found.Handle);
        GC.KeepAlive(found);
        frontend.Clients?.Use(session);
        return OpenSsl.SSL_TLSEXT_ERR_OK;
    }

    private static TlsCertificate? FindByAddress(CertificateTable table, nint session)
    {
        var wire = (TlsWire*)OpenSsl.BIO_get_data(OpenSsl.SSL_get_rbio(session));
        byte* address = stackalloc byte[SocketAddressBytes];
        uint length = SocketAddressBytes;
        return Libc.getsockname(wire->Fd, address, &length) == 0
            ? table.FindByAddress(new ReadOnlySpan<byte>(address, SocketAddressBytes))
            : table.Find([]);
    }

    // RFC 7301 §3.2: HTTP/1.1 where it is offered; a client that offers only others is told so.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnProtocols(nint session, byte** chosen, byte* chosenLength, byte* offered, uint length, nint argument)
    {
        for (uint at = 0; at < length; at += 1u + offered[at])
        {
            var name = new ReadOnlySpan<byte>(offered + at + 1, offered[at]);
            if (name.SequenceEqual("http/1.1"u8))
            {
                *chosen = offered + at + 1;
                *chosenLength = offered[at];
                return OpenSsl.SSL_TLSEXT_ERR_OK;
            }
        }

        return OpenSsl.SSL_TLSEXT_ERR_ALERT_FATAL;
    }

    // RFC 8737 §3: for the certificate of a challenge nothing else will do.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnChallengeProtocols(nint session, byte** chosen, byte* chosenLength, byte* offered, uint length, nint argument)
    {
        *chosen = offered + 1;
        *chosenLength = offered[0];
        bool isIt = new ReadOnlySpan<byte>(offered + 1, offered[0]).SequenceEqual(ChallengeProtocol);
        return isIt ? OpenSsl.SSL_TLSEXT_ERR_OK : OpenSsl.SSL_TLSEXT_ERR_ALERT_FATAL;
    }
}
