using Edge.Config;

namespace Edge.Io;

// With TLS, received bytes are decrypted, and bytes to send are made into records first, which then go the way of all bytes.
internal abstract partial class Connection
{
    /// <summary>Everything that follows on this connection is TLS. The session belongs to the connection from now on.</summary>
    protected void BeginTls(TlsSession session)
    {
        _tls = session;
        session.SocketIsReadable = Readable;
    }

    /// <summary>Goes on with the handshake. Done: bytes can pass. WantsMore: the peer has to send first. Anything else is the end.</summary>
    /// <param name="speaksFirst">This is the first step of the side that begins: the client of a server.</param>
    protected TlsProgress ShakeHands(bool speaksFirst = false)
    {
        if (!Readable && !speaksFirst)
        {
            return TlsProgress.WantsMore;
        }

        TlsProgress progress = _tls!.Shake(Fd, PeerFinished);
        PeerFinished |= Loop.Tls.Wire.IsFinished;
        Readable = _tls.HasPending;
        return SendRecords() ? progress : TlsProgress.Cut;
    }

    private int ReceiveDecrypted(Span<byte> to)
    {
        TlsProgress progress = _tls!.Read(Fd, PeerFinished, to, out int got);
        ref TlsWire wire = ref Loop.Tls.Wire;
        PeerFinished |= wire.IsFinished;
        bool isBroken = wire.IsBroken;

        // A read may have something to send itself: the answer to a change of keys, an alert. A peer that asks for many and takes none is cut.
        _answerBytes = UnsentBytes == 0 ? 0 : _answerBytes + Loop.Tls.Wire.OutBytes;
        if (_answerBytes > Limits.TlsAnswerBytes || !SendRecords())
        {
            return Broken;
        }

        switch (progress)
        {
            case TlsProgress.Done:
                BytesReceived += got;
                Readable = _tls.HasPending || PeerFinished;
                return got;
            case TlsProgress.WantsMore:
                Readable = false;
                return WouldBlock;
            case TlsProgress.Ended:
                PeerFinished = true;
                return 0;
            case TlsProgress.Cut when !isBroken:
                // Many peers end without close_notify. If only the end delimits a message, the caller asks the session whether it was told.
                return 0;
            default:
                return Broken;
        }
    }

    // Makes records of all the bytes, in the loop's area. False if the session is broken.
    private bool Encrypt(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int taken = _tls!.Write(bytes);
            if (taken <= 0)
            {
                Loop.Tls.TakeRecords();
                return false;
            }

            bytes = bytes[taken..];
            BytesSent += taken;
        }

        return true;
    }

    // Sends the records that the session has made. False if the connection is broken.
    private bool SendRecords(bool isLast = false)
    {
        ReadOnlySpan<byte> records = Loop.Tls.TakeRecords();
        return records.IsEmpty || SendPlain(records, isLast);
    }

    /// <summary>The handshake has failed: what follows on this connection is not encrypted.</summary>
    protected void DropTls() => EndTls(tellsPeer: false);

    // A peer that is not told of the end takes what came before it for cut (RFC 8446 §6.1).
    private void EndTls(bool tellsPeer)
    {
        if (tellsPeer && !Closed && UnsentBytes == 0 && !HungUp)
        {
            _tls!.SayEnd();
            SendRecords();
        }

        Loop.Tls.TakeRecords();
        _tls!.Dispose();
        _tls = null;
    }
}
