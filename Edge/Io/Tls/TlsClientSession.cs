using System.Runtime.InteropServices;

namespace Edge.Io;

/// <summary>
/// The TLS of one connection to a server (SSL of OpenSSL): turns records into bytes and back, in memory. It neither waits nor sends;
/// <see cref="TlsClientStream"/> does. From any thread.
/// </summary>
internal sealed unsafe class TlsClientSession : IDisposable
{
    private readonly Lock _use = new();
    private readonly TlsClientContext _context;
    private readonly nint _received;
    private readonly nint _toSend;
    private nint _ssl;

    /// <param name="context">Whom to believe.</param>
    /// <param name="host">The name, or the address, that the server's certificate has to have.</param>
    internal TlsClientSession(TlsClientContext context, string host)
    {
        _context = context;
        _ssl = context.NewSession(host);
        _received = OpenSsl.BIO_new(OpenSsl.BIO_s_mem());
        _toSend = OpenSsl.BIO_new(OpenSsl.BIO_s_mem());
        OpenSsl.SSL_set_bio(_ssl, _received, _toSend);
    }

    /// <summary>Goes on with the handshake. False if the server has to say more first.</summary>
    /// <exception cref="IOException">It failed, or the certificate does not verify.</exception>
    internal bool Shake()
    {
        lock (_use)
        {
            ObjectDisposedException.ThrowIf(_ssl == 0, this);
            TlsException.ForgetErrors();
            int result = OpenSsl.SSL_do_handshake(_ssl);
            return result == 1 || (WantsMore(result) ? false : throw Fault());
        }
    }

    /// <summary>Reads bytes. Null if the server has to say more first; 0 is its end (close_notify).</summary>
    /// <exception cref="IOException">The server broke the protocol.</exception>
    internal int? Decrypt(Span<byte> to)
    {
        lock (_use)
        {
            ObjectDisposedException.ThrowIf(_ssl == 0, this);
            if (to.IsEmpty)
            {
                // Asks for nothing; the library would take it for a fault.
                return 0;
            }

            TlsException.ForgetErrors();
            fixed (byte* pointer = to)
            {
                int got = OpenSsl.SSL_read(_ssl, pointer, to.Length);
                return got > 0 ? got
                    : WantsMore(got) ? null
                    : OpenSsl.SSL_get_error(_ssl, got) == OpenSsl.SSL_ERROR_ZERO_RETURN ? 0
                    : throw Fault();
            }
        }
    }

    /// <summary>Makes one record, of at most 16 KB; returns how many bytes it took.</summary>
    /// <exception cref="IOException">The session is broken.</exception>
    internal int Encrypt(ReadOnlySpan<byte> from)
    {
        lock (_use)
        {
            ObjectDisposedException.ThrowIf(_ssl == 0, this);
            TlsException.ForgetErrors();
            fixed (byte* pointer = from)
            {
                int taken = OpenSsl.SSL_write(_ssl, pointer, from.Length);
                return taken > 0 ? taken : throw Fault();
            }
        }
    }

    /// <summary>Makes the record that tells the server of the end (close_notify, RFC 8446 §6.1).</summary>
    internal void SayEnd()
    {
        lock (_use)
        {
            if (_ssl != 0 && OpenSsl.SSL_shutdown(_ssl) < 0)
            {
                OpenSsl.ERR_clear_error();
            }
        }
    }

    private bool WantsMore(int result) => OpenSsl.SSL_get_error(_ssl, result) == OpenSsl.SSL_ERROR_WANT_READ;

    private TlsPeerException Fault()
    {
        string why = TlsException.TakeErrors();
        TlsPeerFault fault = _context.FaultOf(_ssl);
        return fault == TlsPeerFault.None
            ? new TlsPeerException(TlsPeerFault.Handshake, $"TLS failed: {why}")
            : new TlsPeerException(
                fault,
                "its certificate does not verify: "
                + Marshal.PtrToStringUTF8((nint)OpenSsl.X509_verify_cert_error_string(OpenSsl.SSL_get_verify_result(_ssl))));
    }

    /// <summary>Takes in records that the server has sent.</summary>
    internal void Put(ReadOnlySpan<byte> records)
    {
        lock (_use)
        {
            ObjectDisposedException.ThrowIf(_ssl == 0, this);
            fixed (byte* pointer = records)
            {
                if (OpenSsl.BIO_write(_received, pointer, records.Length) != records.Length)
                {
                    throw new IOException("there is no memory for what was received");
                }
            }
        }
    }

    /// <summary>Hands out records to be sent; 0 or less if there are none.</summary>
    internal int TakeRecords(Span<byte> to)
    {
        lock (_use)
        {
            fixed (byte* pointer = to)
            {
                return _ssl == 0 ? 0 : OpenSsl.BIO_read(_toSend, pointer, to.Length);
            }
        }
    }

    public void Dispose()
    {
        lock (_use)
        {
            // Frees both of its memories, too.
            OpenSsl.SSL_free(_ssl);
            _ssl = 0;
        }
    }
}
