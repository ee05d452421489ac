using Edge.Balancing;
using Edge.Http;
using Edge.Io;
using Edge.Observability;
using Edge.Options;

namespace Edge.Proxy;

/// <summary>
/// A client's connection: reads one head after the other, hands each request to its <see cref="Exchange"/> or, for the
/// balancer's own paths, to its <see cref="LocalExchange"/>, and closes without losing what is still on the way out.
/// </summary>
internal sealed unsafe class ClientConnection : Connection
{
    private readonly ProxyLoop _loop;
    private readonly Exchange _exchange;
    private LocalExchange? _local;
    private PendingBytes _pending;
    private bool _pendingIsPartial;
    private bool _hasServed;
    private bool _isHead;
    private int _lingerBytes;
    private ClientState _state;

    internal ClientConnection(ProxyLoop loop) : base(loop)
    {
        _loop = loop;
        Trace = new RequestTrace(loop, this);
        _exchange = new Exchange(loop, this);
    }

    internal RequestTrace Trace { get; }

    internal PeerAddress Peer => Address.Peer;

    internal ClientAddress Address { get; } = new();

    /// <summary>What this connection's listener serves.</summary>
    internal ListenerRole Role { get; private set; }

    /// <summary>Whether it counts as one of its client's connections.</summary>
    internal bool IsCounted { get; set; }

    // Link of the loop's list of objects to reuse.
    internal ClientConnection? FreeNext;

    internal void Open(int fd, PeerAddress peer, ListenerRole role)
    {
        Address.Set(peer, _loop.IsTrusted(peer));
        Role = role;
        _state = ClientState.Reading;
        _hasServed = false;
        _pendingIsPartial = false;
        Attach(fd);
        Trace.OnOpened();
        _loop.Timers.Arm(this, _loop.Now + _loop.Timeouts.ClientIdle);
    }

    internal ForwardingContext ForwardingContext() => new()
    {
        Peer = Address.Text,
        PeerIsTrusted = Address.IsTrusted,
        DefaultHost = _loop.DefaultHost,
        Via = _loop.Via,
    };

    /// <summary>What came behind a request.</summary>
    internal ref PendingBytes Ahead => ref _pending;

    /// <summary>Keeps what came behind a request for when that is done.</summary>
    internal void KeepAhead(byte* from, int length)
    {
        _pending.Keep(_loop.Buffers, from, length);
        _pendingIsPartial = false;
    }

    internal override void OnReady(uint events)
    {
        Note(events);
        switch (_state)
        {
            case ClientState.Forwarding:
                _exchange.OnClientReady();
                break;
            case ClientState.Local:
                _local!.OnClientReady();
                break;
            case ClientState.Reading when !HungUp:
                ReadRequests();
                break;
            case ClientState.Flushing when !HungUp:
                FlushAndEnd();
                break;
            case ClientState.Lingering when !HungUp:
                Discard();
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
            case ClientState.Forwarding: _exchange.OnRoom(); break;
        }
    }

    internal override void OnDeadline()
    {
        if (_state == ClientState.Reading && _pendingIsPartial && _pending.Length > 0)
        {
            Trace.Begin(null);
            Trace.Reason = Reason.RequestHeadTimeout;
            RespondError(408, default, "The request head did not arrive in time"u8, keepAlive: false, requestRead: false, OwnResponse.Json);
        }
        else if (_state == ClientState.Forwarding)
        {
            _exchange.OnWaitedTooLong();
        }
        else
        {
            Close();
        }
    }

    /// <summary>There is no room for this connection: says so, and closes it.</summary>
    internal void TurnAway() =>
        RespondError(503, default, "The balancer has no room for this connection"u8, keepAlive: false, requestRead: false, OwnResponse.JsonRetryAfter);

    internal override void OnReleased()
    {
        Trace.OnClosed();
        _pending.Drop(_loop.Buffers);
        _local?.Release();
        _loop.Recycle(this);
    }

    /// <summary>The process ends: a connection without a request goes at once, the others after their response.</summary>
    internal void OnDraining()
    {
        if (_state != ClientState.Reading || _pending.Length > 0)
        {
            return;
        }

        if (_hasServed && UnsentBytes == 0)
        {
            Close();
        }
        else
        {
            _loop.Timers.Arm(this, _loop.Now + Limits.NewcomerMilliseconds);
        }
    }

    internal LocalExchange? Local => _state == ClientState.Local ? _local : null;

    /// <summary>Ends it now, whatever it is doing.</summary>
    internal void Cut()
    {
        if (_state == ClientState.Forwarding)
        {
            _exchange.Cancel();
        }
        else
        {
            Close();
        }
    }

    /// <summary>The response has been handed over; the next request may come.</summary>
    internal void OnAnswered(bool keepAlive, bool requestRead)
    {
        _hasServed = true;
        _loop.Requests++;
        Trace.End();
        if (!keepAlive)
        {
            End(requestRead);
            return;
        }

        _state = ClientState.Reading;
        _loop.Timers.Arm(this, _loop.Now + _loop.Timeouts.ClientIdle);
        if (Readable || _pending.Length > 0)
        {
            // Not here and now: the caller may be in the middle of another connection's event.
            _loop.Defer(this);
        }
    }

    /// <summary>Answers a request whose meaning or end is in doubt, and closes: nothing behind it is served.</summary>
    internal void Refuse(Refusal refusal)
    {
        Trace.Reason = Reason.Refused;
        RespondError(Refusals.Status(refusal), default, Refusals.Text(refusal), keepAlive: false, requestRead: false,
            refusal == Refusal.ConnectRefused ? OwnResponse.JsonAllowForwarded : OwnResponse.Json);
    }

    /// <summary>Answers a request that couldn't be forwarded.</summary>
    internal void Respond(Failure failure, Replica? replica, bool keepAlive, bool requestRead)
    {
        ReadOnlySpan<byte> name = failure.Party == Party.Replica ? replica!.HeaderLine.AsSpan("X-Edge-Replica: ".Length..^2) : default;
        RespondError(failure.Status, name, failure.Text, keepAlive, requestRead,
            failure.Status == 503 ? OwnResponse.JsonRetryAfter : OwnResponse.Json);
    }

    /// <summary>Sends a response of the balancer's own; to HEAD without its body (RFC 9110 §9.3.2).</summary>
    internal void RespondOwn(
        int status, ReadOnlySpan<byte> body, IReadOnlyList<KeyValuePair<string, string>> fields, bool keepAlive, bool requestRead)
    {
        Trace.Status = status;
        keepAlive &= !_loop.Draining;
        int headBytes = HeadWriter.WriteOwn(_loop.Scratch, status, body.Length, fields, new RelayContext
        {
            Date = _loop.Date,
            Close = !keepAlive,
            SayKeepAlive = true,
        });
        fixed (byte* head = _loop.Scratch, content = body)
        {
            if (!Send(head, headBytes) || (!_isHead && !body.IsEmpty && !Send(content, body.Length)))
            {
                Close();
                return;
            }
        }

        OnAnswered(keepAlive, requestRead);
    }

    private void RespondError(
        int status, ReadOnlySpan<byte> replica, ReadOnlySpan<byte> text, bool keepAlive, bool requestRead, KeyValuePair<string, string>[] fields)
    {
        Span<byte> body = stackalloc byte[OwnResponse.ErrorBytesAtMost];
        RespondOwn(status, OwnResponse.WriteError(body, replica, text), fields, keepAlive, requestRead);
    }

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

            byte* area = _loop.ReadArea;
            int held = _pending.CopyTo(area);
            int got = 0;
            if (held == 0 || _pendingIsPartial)
            {
                got = Receive(area + held, ProxyLoop.ReceiveBytes);
                if (got == WouldBlock)
                {
                    return;
                }

                if (got <= 0)
                {
                    Close();
                    return;
                }
            }

            Parse(area, held, held + got);
        }
    }

    private void Parse(byte* area, int held, int length)
    {
        Head head = _loop.RequestHead;
        var data = new ReadOnlySpan<byte>(area, length);
        // Nothing is decided before the end of a line: a head that comes byte by byte is not read anew for each.
        bool mayDecide = held == 0 || !_pendingIsPartial || length >= Limits.HeadBytes || data[held..].Contains((byte)'\n');
        _isHead = false;
        switch (mayDecide ? HeadParser.ParseRequest(data, head) : ParseResult.Partial)
        {
            case ParseResult.Complete:
                _pending.Drop(_loop.Buffers);
                _pendingIsPartial = false;
                Dispatch(area, length, head);
                break;
            case ParseResult.Partial:
                if (!_pendingIsPartial)
                {
                    // The whole head has to arrive in this time, however the client spreads it.
                    _pendingIsPartial = true;
                    _loop.Timers.Arm(this, _loop.Now + _loop.Timeouts.RequestHead);
                }

                _pending.Keep(_loop.Buffers, area, length);
                break;
            default:
                _pending.Drop(_loop.Buffers);
                Trace.Begin(null);
                Refuse(head.Refusal);
                break;
        }
    }

    private void Dispatch(byte* data, int length, Head head)
    {
        var headBytes = new ReadOnlySpan<byte>(data, head.Length);
        Trace.Begin(head);
        _isHead = head.Method == Method.Head;
        Refusal refusal = RequestFacts.Derive(headBytes, head, out RequestFacts facts);
        if (refusal != Refusal.None)
        {
            Refuse(refusal);
            return;
        }

        _loop.Timers.Arm(this, Never);
        if (LocalExchange.Serves(Role, facts.Path.Of(headBytes)))
        {
            _state = ClientState.Local;
            Trace.BecomeOwn();
            (_local ??= new LocalExchange(_loop, this)).Begin(data, length, head, facts);
        }
        else
        {
            _state = ClientState.Forwarding;
            _exchange.Begin(data, length, head, facts);
        }
    }

    /// <summary>Ends the connection so that the client gets to read everything that was sent.</summary>
    /// <param name="requestRead">Whether the client has nothing more to say, so that there is no need to listen.</param>
    internal void End(bool requestRead)
    {
        _lingerBytes = requestRead && !Readable && _pending.Length == 0 ? 0 : Limits.LingerBytes;
        _pending.Drop(_loop.Buffers);
        _state = ClientState.Flushing;
        _loop.Timers.Arm(this, _loop.Now + _loop.Timeouts.BodyIdle);
        FlushAndEnd();
    }

    private void FlushAndEnd()
    {
        if (!Flush())
        {
            Close();
            return;
        }

        if (UnsentBytes > 0)
        {
            return;
        }

        if (_lingerBytes == 0 && !Readable)
        {
            Close();
            return;
        }

        // Unread bytes at a close make the kernel send a reset, and that may overtake the response.
        FinishSending();
        _state = ClientState.Lingering;
        _loop.Timers.Arm(this, _loop.Now + Limits.LingerMilliseconds);
        Discard();
    }

    private void Discard()
    {
        while (Readable)
        {
            int got = Receive(_loop.ReadArea, ProxyLoop.ReceiveBytes);
            _lingerBytes -= Math.Max(got, 0);
            if (got == WouldBlock)
            {
                return;
            }

            if (got <= 0 || _lingerBytes <= 0)
            {
                Close();
                return;
            }
        }
    }
}
