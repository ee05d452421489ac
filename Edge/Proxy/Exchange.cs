using Edge.Balancing;
using Edge.Http;
using Edge.Io;
using Edge.Options;

namespace Edge.Proxy;

/// <summary>
/// The life of one forwarded request:
/// (1) its head is rewritten and kept; (2) a replica is picked; (3) a connection to it is taken from the pool or made;
/// (4) the kept bytes are sent, then the rest of the body as it arrives; (5) the response's head is read and rewritten;
/// (6) its body is relayed; (7) the connection goes back to the pool, and the client may send its next request.
/// A failure before the first byte of the response goes back to (2), where sending the request again is safe.
/// Each client connection has one, used again for each of its requests.
/// </summary>
internal sealed unsafe class Exchange
{
    private readonly ProxyLoop _loop;
    private readonly ClientConnection _client;
    private readonly ResponseRelay _response;

    private Replica? _replica;
    private UpstreamConnection? _upstream;
    private NativeBuffer _request;
    private int _requestBytes;
    private int _requestSent;
    private int _attempts;
    private BodyRelay _requestBody;
    private Method _method;
    private bool _clientKeepsAlive;
    private bool _requestDone;
    private bool _requestBroken;

    internal Exchange(ProxyLoop loop, ClientConnection client)
    {
        _loop = loop;
        _client = client;
        _response = new ResponseRelay(loop, client);
    }

    /// <summary>(1) Takes a request whose head has been found sound, with what has arrived of its body.</summary>
    /// <param name="data">The head, at the front, in the loop's read area.</param>
    /// <param name="length">Bytes there.</param>
    /// <param name="head">As parsed from them.</param>
    /// <param name="facts">As derived from the head.</param>
    internal void Begin(byte* data, int length, Head head, in RequestFacts facts)
    {
        _requestBody.Begin(facts.Body, decode: false);
        byte* behindHead = data + head.Length;
        var behind = new Span<byte>(behindHead, length - head.Length);
        if (!_requestBody.Take(behind, out int taken, out _))
        {
            _client.Refuse(Refusal.MalformedChunk);
            return;
        }

        _request = _loop.Buffers.Rent(head.Length + Limits.HeadGrowthBytes + taken);
        int headBytes = HeadWriter.WriteRequest(
            _request.Span, new ReadOnlySpan<byte>(data, head.Length), head, facts, _client.ForwardingContext());
        behind[..taken].CopyTo(_request.Span[headBytes..]);
        _requestBytes = headBytes + taken;
        _client.KeepAhead(behindHead + taken, behind.Length - taken);

        _method = head.Method;
        _clientKeepsAlive = facts.KeepAlive;
        _response.Begin(head.Method, clientKnowsHttp11: head.MinorVersion > 0, facts.KeepAlive);
        _replica = null;
        _attempts = 0;
        Attempt();
    }

    /// <summary>The connection to the replica can be read or written, or has just been made.</summary>
    internal void OnUpstreamReady()
    {
        if (PumpRequest() && PumpResponse())
        {
            ExtendDeadline();
        }
    }

    /// <summary>The client's connection can be read or written.</summary>
    internal void OnClientReady()
    {
        if (_client.HungUp)
        {
            Cancel();
        }
        else if (_upstream is { IsConnected: true })
        {
            OnUpstreamReady();
        }
    }

    internal void OnConnectFailed() => RetryOrFail(new Failure(Party.Replica, Phase.Connect));

    /// <summary>The replica was taken away while the request was on it.</summary>
    internal void OnReplicaGone() =>
        RetryOrFail(new Failure(Party.Replica, _response.HeadSent ? Phase.RelayResponse : Phase.ReadResponseHead));

    internal void OnDeadline()
    {
        UpstreamConnection upstream = _upstream!;
        if (!upstream.IsConnected)
        {
            RetryOrFail(new Failure(Party.Replica, Phase.Connect, IsTimeout: true));
        }
        else if (_response.HeadSent)
        {
            Fail(new Failure(_client.UnsentBytes > 0 ? Party.Client : Party.Replica, Phase.RelayResponse, IsTimeout: true));
        }
        else if (_requestDone)
        {
            Fail(new Failure(Party.Replica, Phase.ReadResponseHead, IsTimeout: true));
        }
        else
        {
            bool replicaStalls = _requestSent < _requestBytes || upstream.UnsentBytes > 0 || !upstream.Writable;
            Fail(new Failure(replicaStalls ? Party.Replica : Party.Client, Phase.SendRequest, IsTimeout: true));
        }
    }

    // (2) and (3). Each replica is tried once, where there are as many as attempts.
    private void Attempt()
    {
        ReplicaTable table = _loop.Table;
        Replica? replica = _replica is { } failed ? table.PickOther(ref _loop.Cursor, failed) : table.Pick(ref _loop.Cursor);
        if (replica is null)
        {
            Fail(new Failure(Party.Edge, Phase.Pick));
            return;
        }

        _replica = replica;
        _attempts++;
        _requestSent = 0;
        _requestDone = _requestBroken = false;
        UpstreamPool pool = _loop.PoolOf(replica);
        pool.Counters.InFlight++;
        pool.Counters.Requests++;
        UpstreamConnection? upstream = TakePooled(pool);
        if (upstream is null && (upstream = pool.TryConnect(out bool outOfDescriptors)) is null)
        {
            pool.Counters.InFlight--;
            RetryOrFail(new Failure(outOfDescriptors ? Party.Edge : Party.Replica, Phase.Connect));
            return;
        }

        pool.Assign(upstream, this);
        _upstream = upstream;
        if (upstream.IsConnected)
        {
            // The deadline of an idle connection is the pool's; from here on it is the exchange's.
            _loop.Timers.Arm(upstream, _loop.Now + _loop.Timeouts.BodyIdle);
            OnUpstreamReady();
        }
        else
        {
            _loop.Timers.Arm(upstream, _loop.Now + _loop.Timeouts.Connect);
        }
    }

    private UpstreamConnection? TakePooled(UpstreamPool pool)
    {
        UpstreamConnection? pooled = pool.TryPop();
        if (IsIdempotent(_method))
        {
            return pooled;
        }

        // A request that can't be repeated is not risked on a connection that the replica has closed already.
        while (pooled is not null && !pooled.IsQuiet())
        {
            pool.Discard(pooled);
            pooled = pool.TryPop();
        }

        return pooled;
    }

    // (4). False where the exchange has ended.
    private bool PumpRequest()
    {
        if (_requestDone || _requestBroken)
        {
            return true;
        }

        UpstreamConnection upstream = _upstream!;
        if (_requestSent < _requestBytes)
        {
            int sent = upstream.TrySend(_request.Pointer + _requestSent, _requestBytes - _requestSent);
            if (sent < 0)
            {
                return OnSendBroken();
            }

            _requestSent += sent;
            if (_requestSent < _requestBytes)
            {
                return true;
            }
        }

        RelayResult result = _requestBody.Pump(_loop, _client, upstream);
        if (_requestBody.SurplusBytes > 0)
        {
            _client.KeepAhead(_requestBody.Surplus, _requestBody.SurplusBytes);
        }

        switch (result)
        {
            case RelayResult.Done:
                _requestDone = true;
                _loop.Timers.Arm(upstream, _loop.Now + _loop.Timeouts.ResponseHead);
                return true;
            case RelayResult.Yielded:
                _loop.Defer(upstream);
                return true;
            case RelayResult.Malformed:
                Fail(new Failure(Party.Client, Phase.SendRequest, IsMalformed: true));
                return false;
            case RelayResult.SourceEnded:
                Cancel();
                return false;
            case RelayResult.SinkBroken:
                return OnSendBroken();
            default:
                return true;
        }
    }

    // The replica takes no more, but may have answered before it closed: the answer decides.
    private bool OnSendBroken()
    {
        _requestBroken = true;
        return true;
    }

    // (5) and (6). False where the exchange has ended.
    private bool PumpResponse()
    {
        bool hadHead = _response.HeadSent;
        switch (_response.Pump(_upstream!, _replica!, _requestDone))
        {
            case ResponseProgress.Finished:
                Finish();
                return false;
            case ResponseProgress.ClientGone:
                Cancel();
                return false;
            case ResponseProgress.ReplicaEnded when !_response.HeadSent:
                RetryOrFail(new Failure(Party.Replica, Phase.ReadResponseHead));
                return false;
            case ResponseProgress.ReplicaEnded:
                Fail(new Failure(Party.Replica, Phase.RelayResponse));
                return false;
            case ResponseProgress.Malformed:
                Fail(new Failure(Party.Replica, _response.HeadSent ? Phase.RelayResponse : Phase.ReadResponseHead, IsMalformed: true));
                return false;
        }

        if (_response.HeadSent && !hadHead)
        {
            if (_requestDone)
            {
                _loop.Buffers.Return(ref _request);
            }

            _loop.Timers.Arm(_upstream!, _loop.Now + _loop.Timeouts.BodyIdle);
        }

        return true;
    }

    private void ExtendDeadline()
    {
        bool progressed = _requestBody.TakeProgress() | _response.TakeProgress();
        if (progressed && (!_requestDone || _response.HeadSent))
        {
            _loop.Timers.Arm(_upstream!, _loop.Now + _loop.Timeouts.BodyIdle);
        }
    }

    // (7)
    private void Finish()
    {
        UpstreamConnection upstream = _upstream!;
        bool reusable = _response.IsConnectionReusable && _requestDone && upstream is { UnsentBytes: 0, PeerFinished: false, HungUp: false };
        if (reusable && upstream.Readable)
        {
            // The last read was full, so nobody has seen yet that nothing follows.
            reusable = upstream.IsQuiet();
            upstream.NoteDrained();
        }

        bool keepAlive = _response.KeepAlive;
        bool requestRead = _requestBody.Ended;
        Detach(reusable);
        ReleaseRequest();
        _client.OnAnswered(keepAlive, requestRead);
    }

    private void RetryOrFail(Failure failure)
    {
        // Sent again only where the replica can't have acted on it, or acting twice does no harm (RFC 9110 §9.2.2), and
        // where all of it is still here.
        bool unsent = _upstream is not { IsConnected: true } || _requestSent == 0;
        bool again = !_response.HasBegun && !_requestBody.HasPumped && _attempts < Limits.Attempts
            && failure.Party != Party.Edge && (unsent || IsIdempotent(_method));
        if (!again)
        {
            Fail(failure);
            return;
        }

        _replica!.CountersOf(_loop.Number).Failures++;
        Detach(reusable: false);
        Attempt();
    }

    private void Fail(Failure failure)
    {
        if (failure.Party == Party.Replica)
        {
            _replica!.CountersOf(_loop.Number).Failures++;
        }

        bool headSent = _response.HeadSent;
        bool requestRead = _requestBody.Ended;
        bool keepAlive = _clientKeepsAlive && requestRead && failure.Party != Party.Client && !_loop.Draining;
        Detach(reusable: false);
        ReleaseRequest();
        if (headSent)
        {
            _client.Abort();
        }
        else
        {
            _client.Respond(failure, _replica, keepAlive, requestRead);
        }
    }

    /// <summary>The client is gone: whatever the replica still does is for nobody.</summary>
    internal void Cancel()
    {
        Detach(reusable: false);
        ReleaseRequest();
        _client.Close();
    }

    private void Detach(bool reusable)
    {
        _response.Release();
        if (_upstream is { } upstream)
        {
            _upstream = null;
            upstream.Pool.Counters.InFlight--;
            upstream.Pool.Return(upstream, reusable);
        }
    }

    private void ReleaseRequest()
    {
        _requestBody.Release(_loop);
        _loop.Buffers.Return(ref _request);
    }

    private static bool IsIdempotent(Method method) =>
        method is Method.Get or Method.Head or Method.Options or Method.Trace or Method.Put or Method.Delete;
}
