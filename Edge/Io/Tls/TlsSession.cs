using System.Runtime.InteropServices;
using Edge.Config;

namespace Edge.Io;

/// <summary>
/// One connection's TLS (SSL of OpenSSL): turns records into bytes and back. It neither waits nor sends: records to be sent are left in the
/// loop's <see cref="TlsEngine"/>, for the connection to take at once.
/// </summary>
internal sealed unsafe class TlsSession : IDisposable
{
    private readonly TlsEngine _engine;
    private readonly TlsClientContext? _context;
    private nint _ssl;
    private byte[] _clientSubject = [];
    private int _messages;

    /// <param name="engine">Of the loop.</param>
    /// <param name="frontend">Whom clients get to see, until they say whom they want.</param>
    internal TlsSession(TlsEngine engine, TlsFrontend frontend)
    {
        _engine = engine;
        _ssl = TlsException.Check(OpenSsl.SSL_new(frontend.Handle), "SSL_new");
        engine.Attach(_ssl);
        OpenSsl.SSL_set_accept_state(_ssl);
    }

    /// <summary>As the client of a server.</summary>
    /// <param name="engine">Of the loop.</param>
    /// <param name="context">Whom to believe.</param>
    /// <param name="host">The name, or the address, that the server's certificate has to have.</param>
    /// <param name="resumption">What an earlier session has left (<see cref="KeepResumption"/>); 0 for nothing. It stays the caller's.</param>
    /// <exception cref="TlsException">It cannot be made.</exception>
    internal TlsSession(TlsEngine engine, TlsClientContext context, string host, nint resumption)
    {
        _engine = engine;
        _context = context;
        _ssl = context.NewSession(host);
        engine.Attach(_ssl);
        if (resumption != 0)
        {
            OpenSsl.SSL_set_session(_ssl, resumption);
        }
    }

    /// <summary>Why the handshake with a server failed, if it did.</summary>
    internal TlsPeerFault PeerFault { get; private set; }

    /// <summary>Why the last step failed, if it did.</summary>
    internal TlsFailure Failure { get; private set; }

    /// <summary>The peer has said that it sends no more (close_notify, RFC 8446 §6.1).</summary>
    internal bool PeerSaidEnd { get; private set; }

    /// <summary>Both sides have agreed on keys: bytes can pass.</summary>
    internal bool IsOpen { get; private set; }

    /// <summary>The kernel may have something to read; the connection sets it with each event.</summary>
    internal bool SocketIsReadable { get; set; }

    /// <summary>0x303 or 0x304.</summary>
    internal int Version => OpenSsl.SSL_version(_ssl);

    /// <summary>Whether it goes on with the keys of an earlier session (RFC 8446 §2.2).</summary>
    internal bool IsResumed => OpenSsl.SSL_session_reused(_ssl) != 0;

    /// <summary>The suite's name in IANA's registry.</summary>
    internal ReadOnlySpan<byte> Suite =>
        MemoryMarshal.CreateReadOnlySpanFromNullTerminated(OpenSsl.SSL_CIPHER_standard_name(OpenSsl.SSL_get_current_cipher(_ssl)));

    /// <summary>The name that the client asked for (RFC 6066 §3), or empty.</summary>
    internal ReadOnlySpan<byte> ServerName =>
        MemoryMarshal.CreateReadOnlySpanFromNullTerminated(OpenSsl.SSL_get_servername(_ssl, OpenSsl.TLSEXT_NAMETYPE_host_name));

    /// <summary>The peer is a certificate authority that wanted a proof, and has it with the handshake: no more is said (RFC 8737 §3).</summary>
    internal bool IsChallenge
    {
        get
        {
            byte* name;
            uint length;
            OpenSsl.SSL_get0_alpn_selected(_ssl, &name, &length);
            return new ReadOnlySpan<byte>(name, (int)length).SequenceEqual(TlsFrontend.ChallengeProtocol);
        }
    }

    /// <summary>
    /// The subject of the certificate that the client has shown, and that was vouched for, as RFC 4514 writes it, in ASCII without control characters; empty
    /// if it has shown none. Known once the session is open.
    /// </summary>
    internal ReadOnlySpan<byte> ClientSubject => _clientSubject;

    /// <summary>Goes on with the handshake.</summary>
    internal TlsProgress Shake(int fd, bool peerFinished)
    {
        Begin(fd, peerFinished);
        _engine.Wire.Messages = int.MinValue;
        int result = OpenSsl.SSL_do_handshake(_ssl);
        End();
        if (result != 1)
        {
            TlsProgress progress = Reason(result);
            if (_context is not null && progress != TlsProgress.WantsMore)
            {
                PeerFault = _context.FaultOf(_ssl) is not TlsPeerFault.None and var fault ? fault : TlsPeerFault.Handshake;
            }

            return progress;
        }

        if (_context is null && !TakeSubject())
        {
            Failure = TlsFailure.ClientCertificate;
            return TlsProgress.Failed;
        }

        IsOpen = true;
        return TlsProgress.Done;
    }

    /// <summary>Reads what the peer has sent; Done with at least one byte.</summary>
    internal TlsProgress Read(int fd, bool peerFinished, Span<byte> to, out int got)
    {
        Begin(fd, peerFinished);
        _engine.Wire.Messages = _messages;
        fixed (byte* pointer = to)
        {
            got = OpenSsl.SSL_read(_ssl, pointer, to.Length);
        }

        _messages = got > 0 ? 0 : _engine.Wire.Messages;
        End();
        return got > 0 ? TlsProgress.Done : Reason(got);
    }

    /// <summary>Whether there is something to read without the kernel, or may be.</summary>
    internal bool HasPending => SocketIsReadable || HasBuffered;

    /// <summary>Whether it holds bytes, or a part of a record, that it has read from the kernel.</summary>
    internal bool HasBuffered => OpenSsl.SSL_has_pending(_ssl) != 0;

    /// <summary>
    /// Puts what a later session with the same server can go on with (RFC 8446 §2.2) in the place of what was kept before; keeps that if the server has given
    /// nothing. 0 is nothing; <see cref="DropResumption"/> gives it back.
    /// </summary>
    internal void KeepResumption(ref nint kept)
    {
        nint mine = OpenSsl.SSL_get1_session(_ssl);
        if (mine != 0 && OpenSsl.SSL_SESSION_is_resumable(mine) != 0)
        {
            (mine, kept) = (kept, mine);
        }

        DropResumption(ref mine);
    }

    internal static void DropResumption(ref nint kept)
    {
        if (kept != 0)
        {
            OpenSsl.SSL_SESSION_free(kept);
            kept = 0;
        }
    }

    /// <summary>Makes records of up to 16 KB; returns how many bytes it took, 0 or less where the session is broken.</summary>
    internal int Write(ReadOnlySpan<byte> bytes)
    {
        int taken;
        fixed (byte* pointer = bytes)
        {
            taken = OpenSsl.SSL_write(_ssl, pointer, bytes.Length);
        }

        if (taken <= 0)
        {
            OpenSsl.ERR_clear_error();
        }

        return taken;
    }

    /// <summary>Makes the record that tells the peer of the end (close_notify).</summary>
    internal void SayEnd()
    {
        if (IsOpen && OpenSsl.SSL_shutdown(_ssl) < 0)
        {
            OpenSsl.ERR_clear_error();
        }
    }

    public void Dispose()
    {
        if (_ssl != 0)
        {
            if (_context is not null && IsOpen)
            {
                // Else the library takes what was agreed for of no more use where the end was not said (SSL_free(3ssl)).
                OpenSsl.SSL_set_shutdown(_ssl, OpenSsl.SSL_SENT_SHUTDOWN | OpenSsl.SSL_RECEIVED_SHUTDOWN);
            }

            OpenSsl.SSL_free(_ssl);
            _ssl = 0;
        }
    }

    // False if it cannot be passed on. A handshake without a certificate of the client costs one call here.
    private bool TakeSubject()
    {
        nint certificate = OpenSsl.SSL_get0_peer_certificate(_ssl);
        if (certificate == 0)
        {
            return true;
        }

        nint text = TlsException.Check(OpenSsl.BIO_new(OpenSsl.BIO_s_mem()), "BIO_new");
        byte* subject = stackalloc byte[Limits.ClientSubjectBytes + 1];
        int bytes = OpenSsl.X509_NAME_print_ex(text, OpenSsl.X509_get_subject_name(certificate), 0, OpenSsl.XN_FLAG_RFC2253) < 0
            ? -1 : Math.Max(0, OpenSsl.BIO_read(text, subject, Limits.ClientSubjectBytes + 1));
        OpenSsl.BIO_free(text);
        if (bytes is < 0 or > Limits.ClientSubjectBytes)
        {
            return false;
        }

        _clientSubject = new ReadOnlySpan<byte>(subject, bytes).ToArray();
        return true;
    }

    private void Begin(int fd, bool peerFinished)
    {
        TlsException.ForgetErrors();
        ref TlsWire wire = ref _engine.Wire;
        wire.Fd = fd;
        wire.IsReadable = SocketIsReadable;
        wire.IsFinished = peerFinished;
        wire.IsBroken = false;
    }

    private void End() => SocketIsReadable = _engine.Wire.IsReadable;

    // Takes the errors of the thread, too: what is left there would be taken for the next session's.
    private TlsProgress Reason(int result)
    {
        int kind = OpenSsl.SSL_get_error(_ssl, result);
        if (kind is OpenSsl.SSL_ERROR_WANT_READ or OpenSsl.SSL_ERROR_WANT_WRITE)
        {
            return TlsProgress.WantsMore;
        }

        if (kind == OpenSsl.SSL_ERROR_ZERO_RETURN)
        {
            PeerSaidEnd = true;
            return TlsProgress.Ended;
        }

        int reason = OpenSsl.TakeReason();

        // Version 3 of the library counts an end without close_notify among the faults of the protocol.
        if (kind == OpenSsl.SSL_ERROR_SYSCALL || _engine.Wire.IsFinished || _engine.Wire.IsBroken)
        {
            Failure = TlsFailure.Closed;
            return TlsProgress.Cut;
        }

        Failure = OpenSsl.FailureOf(reason);
        return TlsProgress.Failed;
    }
}
