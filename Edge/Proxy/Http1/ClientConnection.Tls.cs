using System.Diagnostics;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Proxy;

// The TLS handshake, before the first request. Order on a connection: PROXY header, handshake, HTTP.
internal sealed partial class ClientConnection
{
    private Handshake? _handshake;
    private bool _isCountedHandshake;

    /// <summary>Whether it came in at a listener of https: its requests have that scheme.</summary>
    internal bool IsTls { get; private set; }

    // A client that is refused before its handshake cannot be told why.
    private void BeginHandshake()
    {
        if (!IsCounted)
        {
            _loop.Counters.ClientsRefused++;
            Close();
            return;
        }

        Become(ClientState.Handshaking);
        _isCountedHandshake = _clients.HandshakeCounts.TryEnter(Peer);
        if (!_isCountedHandshake)
        {
            FailHandshake(TlsFailure.TooMany);
            return;
        }

        _handshake = _clients.Handshakes.Begin(this);
        _loop.Timers.Arm(this, _loop.Now + _loop.Timeouts.TlsHandshake);
        if (!IsWatched)
        {
            // The session is made when the client has sent something: one that only connects costs no memory for it.
            NoteDrained();
            Watch();
        }
    }

    private void GoOnWithHandshake()
    {
        if (!Flush())
        {
            FailHandshake(TlsFailure.Closed);
        }
        else if (Readable)
        {
            _clients.Handshakes.GoOn(_handshake!);
        }
    }

    /// <summary>For the loop's handshakes: takes a step.</summary>
    public void StepHandshake()
    {
        if (Closed)
        {
            return;
        }

        Debug.Assert(_state == ClientState.Handshaking, "a handshake is over once");
        if (Tls is null)
        {
            BeginTls(new TlsSession(_loop.Events.Tls, _loop.Tls!));
        }

        switch (ShakeHands())
        {
            case TlsProgress.WantsMore:
                break;
            case TlsProgress.Done:
                OnHandshakeDone();
                break;
            case TlsProgress.Cut:
                FailHandshake(TlsFailure.Closed);
                break;
            default:
                FailHandshake(Tls!.Failure);
                break;
        }
    }

    /// <summary>For the loop's handshakes: others have come, and this one is the oldest.</summary>
    public void OnHandshakeGivenUp() => FailHandshake(TlsFailure.TooMany);

    private void OnHandshakeDone()
    {
        CountHandshake(Tls!);
        EndHandshake();
        if (Tls!.IsChallenge)
        {
            // A certificate authority has what it came for.
            Close();
            return;
        }

        Tally.Next(this, BytesAhead);
        Become(ClientState.Reading);
        _loop.Timers.Arm(this, _loop.Now + _loop.Timeouts.ClientIdle);
        if (Readable)
        {
            // The first request comes with the last bytes of the handshake.
            ReadRequests();
        }
    }

    private void FailHandshake(TlsFailure why)
    {
        EndHandshake();
        _loop.Counters.ClientsRefused++;
        _loop.Counters.HandshakeFailures[(int)why]++;
        if (why is TlsFailure.TooMany or TlsFailure.TimedOut or TlsFailure.Closed)
        {
            Close();
            return;
        }

        // The client gets to read the alert, or the answer, before the end.
        DropTls();
        if (why == TlsFailure.PlainHttp)
        {
            Refuse(400, "This port speaks https: plain HTTP came in"u8, LocalReply.Json);
        }
        else
        {
            End(requestRead: false);
        }
    }

    private void CountHandshake(TlsSession session)
    {
        ref LoopCounters counters = ref _loop.Counters;
        ++(session.Version == OpenSsl.TLS1_3_VERSION ? ref counters.HandshakesTls13 : ref counters.HandshakesTls12);
        counters.HandshakesResumed += session.IsResumed ? 1 : 0;
        counters.Handshake.Add(_loop.Instant - _handshake!.Began);
    }

    private void EndHandshake()
    {
        if (_handshake is { } handshake)
        {
            _handshake = null;
            _clients.Handshakes.End(handshake);
        }

        if (_isCountedHandshake)
        {
            _isCountedHandshake = false;
            _clients.HandshakeCounts.Leave(Peer);
        }
    }
}
