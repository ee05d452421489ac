using System.Diagnostics;
using Edge.Http;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>
/// A client's connection: has one head after the other read, hands each request, with a stream for it, to an <see cref="Exchange"/> or, for the
/// balancer's own paths, to a <see cref="ControlExchange"/>, and closes without losing what is still on the way out.
/// </summary>
internal sealed partial class ClientConnection : Connection, IUpstreamHolder, IHandshaker
{
    private readonly LoopContext _loop;
    private readonly LoopClients _clients;
    private Http1ClientStream? _stream;
    private RequestHeadReader _heads;
    private LingeringClose _end;
    private int _served;
    private int _ahead;
    private bool _isHead;

    internal ClientConnection(LoopContext loop, LoopClients clients) : base(loop.Events) => (_loop, _clients) = (loop, clients);

    /// <summary>Counts its bytes.</summary>
    internal ByteTally Tally;

    /// <summary>The client's address: that of the other end, or the one that a trusted proxy names.</summary>
    internal PeerAddress Peer { get; private set; }

    /// <summary>Whether its X-Forwarded-* fields are trusted and appended to.</summary>
    internal bool IsTrusted { get; private set; }

    /// <summary>
    /// The connection began with a header of the PROXY protocol: the client is not the peer of the socket, even if the header does not name the
    /// client.
    /// </summary>
    internal bool IsProxied { get; private set; }

    /// <summary>What this connection's listener serves.</summary>
    internal ListenerRole Role { get; private set; }

    /// <summary>Whether it counts as one of its client's connections.</summary>
    internal bool IsCounted { get; private set; }

    /// <summary>The stream on a connection to a replica on which its user was authenticated, and that its requests alone may go over; null for none.</summary>
    public UpstreamStream? Held { get; set; }

    /// <summary>Begins. If there is no room for the connection, the client is told so.</summary>
    /// <param name="fd">Its descriptor.</param>
    /// <param name="peer">The address at the other end.</param>
    /// <param name="role">Of the listener.</param>
    /// <param name="hasRoom">Whether the loop has room for one more connection, of any client.</param>
    /// <param name="isTls">Whether clients of the listener speak TLS.</param>
    internal void Open(int fd, PeerAddress peer, ListenerRole role, bool hasRoom, bool isTls)
    {
        Role = role;
        IsTls = isTls;
        _served = _ahead = 0;
        IsCounted = false;
        Attach(fd, isWatched: false);
        Tally = default;
        _loop.Counters.ClientsAccepted++;
        IsProxied = _loop.ExpectsProxyHeader(peer, role);
        SetPeer(peer);
        _state = ClientState.Announcing;
        if (IsProxied && hasRoom)
        {
            Watch();
            _loop.Timers.Arm(this, _loop.Now + _loop.Timeouts.RequestHead);
        }
        else
        {
            Admit(hasRoom);
        }
    }

    private void SetPeer(PeerAddress peer) => (Peer, IsTrusted) = (peer, _loop.IsTrusted(peer));

    // Now the client is known, and is refused if it has too many connections.
    private void Admit(bool hasRoom)
    {
        IsCounted = hasRoom && _clients.TryCount(Peer);
        if (IsTls)
        {
            BeginHandshake();
            return;
        }

        Become(ClientState.Reading);
        if (IsCounted)
        {
            _loop.Timers.Arm(this, _loop.Now + _loop.Timeouts.ClientIdle);

            // The request is nearly always there already, or will be when the other connections have been accepted.
            _loop.Defer(this);
            return;
        }

        _loop.Counters.ClientsRefused++;
        Refuse(503, "The balancer has no room for this connection"u8, LocalReply.JsonRetryAfter);
    }

    /// <summary>Bytes that were read and belong to a later request.</summary>
    internal int BytesAhead => _heads.HeldBytes;

    /// <summary>Keeps bytes behind a request until that request is done.</summary>
    internal void KeepAhead(ReadOnlySpan<byte> ahead) => _heads.KeepAhead(_loop, ahead);

    /// <summary>Hands over the bytes behind a request, at the front of the read area; returns their number.</summary>
    internal int TakeAhead() => _heads.TakeAhead(_loop);

    internal override void OnReady(uint events)
    {
        Note(events);
        switch (_state)
        {
            case ClientState.Forwarding:
                Handlers.Exchange.OnClientReady();
                break;
            case ClientState.Control:
                Handlers.Control.OnClientReady();
                break;
            case ClientState.Announcing when !HungUp:
                ReadProxyHeader();
                break;
            case ClientState.Handshaking when !HungUp:
                GoOnWithHandshake();
                break;
            case ClientState.Reading when !HungUp:
                ReadRequests();
                break;
            case ClientState.Ending when !HungUp:
                _end.Pump(_loop, this);
                break;
            default:
                Close();
                break;
        }
    }

    internal override void OnDeferred()
    {
        switch (_state)
        {
            case ClientState.Reading: ReadRequests(); break;
            case ClientState.Ending: _end.Pump(_loop, this); break;
        }
    }

    internal override void OnDeadline()
    {
        switch (_state)
        {
            case ClientState.Reading when _heads.IsInHead:
                Borrow(default, null).Reason = Reason.RequestHeadTimeout;
                Refuse(408, "The request head did not arrive in time"u8, LocalReply.Json);
                break;
            case ClientState.Handshaking: FailHandshake(TlsFailure.TimedOut); break;
            case ClientState.Ending: _end.OnDeadline(_loop, this); break;
            default: Close(); break;
        }
    }

    internal override void OnReleased()
    {
        EndHandshake();
        Held?.LetGo();
        CountBytes();
        _stream?.Context.Accounting.OnClosed(Tally.Received(this, BytesAhead), Tally.Sent(this));
        _clients.TakeBack(ref _stream);
        _heads.Drop(_loop);
        _clients.Recycle(this);
    }

    // A request has arrived, or bytes that are no request.
    private RequestAccounting Borrow(ReadOnlySpan<byte> data, Head? head)
    {
        Debug.Assert(_stream is null);
        _stream = _clients.Lend(this);
        RequestAccounting accounting = _stream.Context.Accounting;
        accounting.Begin(data, head, Tls);
        return accounting;
    }

    /// <summary>Updates the loop's byte counters: at the end, and now and then while a long body is on its way.</summary>
    internal void CountBytes() => Tally.Count(ref _loop.Counters, this);

    /// <summary>Ends the accounting of the request.</summary>
    internal void EndAccounting()
    {
        CountBytes();
        int ahead = BytesAhead;
        _stream?.Context.Accounting.End(Tally.Received(this, ahead), Tally.Sent(this));
        Tally.Next(this, ahead);
    }

    /// <summary>What answers in the place of replicas, where a request has been given to that; else null.</summary>
    internal ControlExchange? Control => _state == ClientState.Control ? Handlers.Control : null;

    // Of the request under way: there is one.
    private RequestHandlers Handlers => _stream!.Handlers;

    private void ReadRequests()
    {
        while (_state == ClientState.Reading && !Closed)
        {
            // The next request waits until the client has taken the last response.
            if (!Flush())
            {
                Close();
                return;
            }

            if (UnsentBytes > 0)
            {
                return;
            }

            _isHead = false;
            bool wasInHead = _heads.IsInHead;
            switch (_heads.Read(_loop, this, out int length))
            {
                case ReadResult.Complete:
                    Dispatch(length, _loop.RequestHead);
                    break;
                case ReadResult.Partial when !wasInHead:
                    // The whole head has to arrive in this time, even if the client sends it in small pieces.
                    _loop.Timers.Arm(this, _loop.Now + _loop.Timeouts.RequestHead);
                    break;
                case ReadResult.Blocked:
                    Watch();
                    return;
                case ReadResult.Bad:
                    Borrow(default, null);
                    LocalReply.Refuse(_stream!, _loop.RequestHead.MessageError);
                    break;
                case ReadResult.Ended:
                    Close();
                    break;
            }
        }
    }

    // Anything but such a header ends the connection without an answer: the bytes are no request, and the proxy does not speak as it should.
    private void ReadProxyHeader()
    {
        switch (RequestHeadReader.ReadProxyHeader(_loop, this, out ProxyHeader header))
        {
            case ReadResult.Complete:
                if (header.HasSource)
                {
                    SetPeer(header.Source);
                }

                Tally.Next(this, BytesAhead);
                Admit(hasRoom: true);
                OnReady(0);
                break;
            case ReadResult.Bad or ReadResult.Ended:
                Close();
                break;
        }
    }

    private void Dispatch(int length, Head head)
    {
        Debug.Assert(_state == ClientState.Reading && !Closed, "a request begins between two others");
        ReadOnlySpan<byte> headBytes = _loop.ReadArea.Slice(0, head.Length);
        RequestAccounting accounting = Borrow(headBytes, head);
        _isHead = head.Method == Method.Head;
        var rules = new RequestRules(IsTrusted || IsTls, _loop.Settings.ConnectIsUnknown);
        MessageError refusal = RequestFacts.Derive(headBytes, head, rules, out RequestFacts facts);
        ClientLimits limits = _loop.ClientLimits;
        if (refusal != MessageError.None)
        {
            LocalReply.Refuse(_stream!, refusal);
            return;
        }

        _served++;
        _stream!.Begin(head, length, facts.KeepAlive, limits.IsLast(_served, _ahead));
        _loop.Timers.Arm(this, Never);
        if (!facts.IsAll)
        {
            Watch();
        }
        else if (!IsWatched)
        {
            // The request may be answered and the connection closed before the kernel has to watch it.
            _loop.DeferredRegistration.Add(this, _loop.Now);
        }

        if (facts.MaxForwards == 0 || ControlExchange.Serves(_loop, Role, IsTls, facts.Host.Of(headBytes), facts.Path.Of(headBytes)))
        {
            Become(ClientState.Control);
            accounting.BecomeControl();
            Handlers.Control.Begin(headBytes, head, facts);
        }
        else if (_loop.RedirectPort != 0 && !IsTls && HttpsRedirect.IsFor(_stream, headBytes, head, facts))
        {
            Become(ClientState.Control);
            HttpsRedirect.Answer(_stream, _loop.RedirectPort, headBytes, facts);
        }
        else
        {
            Become(ClientState.Forwarding);
            Handlers.Exchange.Begin(headBytes, head, facts);
        }
    }
}
