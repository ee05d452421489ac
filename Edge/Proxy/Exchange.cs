using Edge.Balancing;
using Edge.Http;
using Edge.Io;
using Edge.Observability;
using Edge.Options;

namespace Edge.Proxy;

/// <summary>
/// The life of one forwarded request:
/// (1) its head is rewritten and kept; (2) a replica is picked; (3) a connection to it is taken from the pool or made;
/// (4) the kept bytes are sent, then the rest of the body as it arrives; (5) the response's head is read and rewritten;
/// (6) its body is relayed; (7) the connection goes back to the pool, and the client may send its next request.
/// A failure before the client has seen anything of a response goes back to (2), where sending the request again is safe.
/// Each client connection has one, used again for each of its requests.
/// </summary>
internal sealed unsafe class Exchange
{
    internal const long NotWaiting = -1;

    private readonly ProxyLoop _loop;
    private readonly ClientConnection _client;
    private readonly RequestRelay _request;
    private readonly ResponseRelay _response;

    private Replica? _replica;
    private UpstreamConnection? _upstream;
    private int _attempts;
    private long _begun;
    private Method _method;
    private bool _clientKeepsAlive;

    internal Exchange(ProxyLoop loop, ClientConnection client)
    {
        _loop = loop;
        _client = client;
        _request = new RequestRelay(loop, client);
        _response = new ResponseRelay(loop, client);
    }

    internal ClientConnection Client => _client;
    private RequestTrace Trace => _client.Trace;

    // Place among those that wait for room, and since when it does.
    internal Exchange? WaitingAfter;
    internal Exchange? WaitingBefore;
    internal long WaitingSince = NotWaiting;

    /// <summary>When the whole exchange has to be over.</summary>
    private long Deadline => _loop.Timeouts.Request == 0 ? Pollable.Never : _begun + _loop.Timeouts.Request;

    /// <summary>(1) Takes a request whose head has been found sound, with what has arrived of its body.</summary>
    /// <param name="data">The head, at the front, in the loop's read area.</param>
    /// <param name="length">Bytes there.</param>
    /// <param name="head">As parsed from them.</param>
    /// <param name="facts">As derived from the head.</param>
    internal void Begin(byte* data, int length, Head head, in RequestFacts facts)
    {
        if (!_request.Begin(data, length, head, facts))
        {
            _client.Refuse(Refusal.MalformedChunk);
            return;
        }

        _method = head.Method;
        _clientKeepsAlive = facts.KeepAlive;
        _response.Begin(head.Method, clientKnowsHttp11: head.MinorVersion > 0, facts.KeepAlive);
        _replica = null;
        _attempts = 0;
        _begun = _loop.Now;
        _loop.Permits.Budget.CountRequest(_loop.Now);
        if (_loop.Room.First is null)
        {
            Attempt();
        }
        else
        {
            Wait();
        }
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

    /// <summary>The connection that was being made stands.</summary>
    internal void OnConnected() => Trace.OnConnected(isNew: true);

    internal void OnConnectFailed() => RetryOrFail(new Failure(Party.Replica, Phase.Connect));

    /// <summary>The replica was taken away while the request was on it.</summary>
    internal void OnReplicaGone() =>
        RetryOrFail(new Failure(Party.Replica, _response.HeadSent ? Phase.RelayResponse : Phase.ReadResponseHead));

    /// <summary>The replica is out of rotation, and may never answer: another one is asked, where that is safe.</summary>
    internal void OnReplicaUnwell()
    {
        if (_method.IsIdempotent() && !_response.IsSeen && HasAttemptsLeft() && _loop.Permits.Take(_replica!))
        {
            Retry(Reason.ReplicaUnwell);
        }
    }

    internal void OnDeadline()
    {
        UpstreamConnection upstream = _upstream!;
        Phase phase = !upstream.IsConnected ? Phase.Connect
            : _response.HeadSent ? Phase.RelayResponse
            : _request.IsDone ? Phase.ReadResponseHead : Phase.SendRequest;
        if (_loop.Now >= Deadline)
        {
            Fail(new Failure(Party.Replica, phase, IsTimeout: true, IsWhole: true));
            return;
        }

        Party party = phase switch
        {
            Phase.RelayResponse when _client.UnsentBytes > 0 => Party.Client,
            Phase.SendRequest when !_request.IsReplicaStalling(upstream) => Party.Client,
            _ => Party.Replica,
        };
        RetryOrFail(new Failure(party, phase, IsTimeout: true));
    }

    /// <summary>It is this request's turn, if it waits and there is room.</summary>
    internal void OnRoom()
    {
        if (WaitingSince == NotWaiting || (_loop.Room.Pick(_replica, out bool isAny) is var replica && replica is null && isAny))
        {
            return;
        }

        _loop.Room.Leave(this);
        Attempt(replica);
        _loop.InviteNext();
    }

    internal void OnWaitedTooLong() => Fail(new Failure(Party.Edge, Phase.Wait, IsTimeout: true));

    private void Wait()
    {
        if (!_loop.Room.TryEnter(this, Deadline))
        {
            Fail(new Failure(Party.Edge, Phase.Wait));
        }
    }

    // (2). Each replica is tried once, where there are as many as attempts.
    private void Attempt()
    {
        Replica? replica = _loop.Room.Pick(_replica, out bool isAny);
        if (replica is null && isAny)
        {
            Wait();
        }
        else
        {
            Attempt(replica);
        }
    }

    // (3).
    private void Attempt(Replica? replica)
    {
        if (replica is null)
        {
            Fail(new Failure(Party.Edge, Phase.Pick));
            return;
        }

        _replica = replica;
        _attempts++;
        _request.Rewind();
        UpstreamPool pool = _loop.PoolOf(replica);
        pool.Enter();
        pool.Counters.Requests++;
        Trace.BeginAttempt(replica);

        // A request that can't be repeated is not risked on a connection that the replica has closed already.
        if (pool.Obtain(mustBeOpen: !_method.IsIdempotent(), out bool outOfDescriptors) is not { } upstream)
        {
            pool.Leave();
            RetryOrFail(new Failure(outOfDescriptors ? Party.Edge : Party.Replica, Phase.Connect));
            return;
        }

        pool.Assign(upstream, this);
        _upstream = upstream;
        if (upstream.IsConnected)
        {
            Trace.OnConnected(isNew: false);
            // The deadline of an idle connection is the pool's; from here on it is the exchange's.
            Arm(_loop.Timeouts.BodyIdle);
            OnUpstreamReady();
        }
        else
        {
            Arm(_loop.Timeouts.Connect);
        }
    }

    private void Arm(long phase) => _loop.Timers.Arm(_upstream!, Math.Min(_loop.Now + phase, Deadline));

    // (4). False where the exchange has ended.
    private bool PumpRequest()
    {
        switch (_request.Pump(_upstream!))
        {
            case RequestProgress.Done:
                Arm(_loop.Timeouts.ResponseHead);
                return true;
            case RequestProgress.Malformed:
                Fail(new Failure(Party.Client, Phase.SendRequest, IsMalformed: true));
                return false;
            case RequestProgress.ClientGone:
                Cancel();
                return false;
            default:
                return true;
        }
    }

    // (5) and (6). False where the exchange has ended.
    private bool PumpResponse()
    {
        bool hadHead = _response.HeadSent;
        bool retryStatus = _loop.Retries.Statuses.Length > 0 && _method.IsIdempotent() && HasAttemptsLeft();
        ResponseProgress progress = _response.Pump(_upstream!, _replica!, _request.IsDone, retryStatus);
        if (_response.HeadSent && !hadHead)
        {
            Trace.OnResponse();
        }

        switch (progress)
        {
            case ResponseProgress.Finished:
                Finish();
                return false;
            case ResponseProgress.ClientGone:
                Cancel();
                return false;
            case ResponseProgress.Refused:
                Trace.EndAttempt(_loop.ResponseHead.Status);
                Retry(Reason.Status);
                return false;
            case ResponseProgress.ReplicaEnded or ResponseProgress.Malformed:
                Phase phase = _response.HeadSent ? Phase.RelayResponse : Phase.ReadResponseHead;
                RetryOrFail(new Failure(Party.Replica, phase, IsMalformed: progress == ResponseProgress.Malformed));
                return false;
        }

        if (_response.HeadSent && !hadHead)
        {
            if (_request.IsDone)
            {
                _request.DropKept();
            }

            Arm(_loop.Timeouts.BodyIdle);
        }

        return true;
    }

    private void ExtendDeadline()
    {
        bool progressed = _request.TakeProgress() | _response.TakeProgress();
        if (progressed && (!_request.IsDone || _response.HeadSent))
        {
            Arm(_loop.Timeouts.BodyIdle);
            Trace.CountBytes();
            _upstream!.CountBytes();
        }
    }

    // (7)
    private void Finish()
    {
        UpstreamConnection upstream = _upstream!;
        bool reusable = _response.IsConnectionReusable && _request.IsDone && upstream is { UnsentBytes: 0, PeerFinished: false, HungUp: false };
        if (reusable && upstream.Readable)
        {
            // The last read was full, so nobody has seen yet that nothing follows.
            reusable = upstream.IsQuiet();
            upstream.NoteDrained();
        }

        _loop.Failures.CountAnswer(_replica!, _response.Status, isFailure: _loop.Retries.Has(_response.Status), _loop.Now);
        bool keepAlive = _response.KeepAlive;
        bool requestRead = _request.IsRead;
        Detach(Ending.Finished, reusable);
        _request.Release();
        _client.OnAnswered(keepAlive, requestRead);
    }

    private void RetryOrFail(Failure failure)
    {
        // Sent again only where the replica can't have acted on it, or acting twice does no harm (RFC 9110 §9.2.2). What has
        // reached nobody is no load on anybody, and nothing that the budget has to spare the fleet.
        // How much of an answer has come does not matter to a method that may act twice, as long as the client saw none of it.
        bool isUnconnected = _upstream is not { IsConnected: true };
        bool isSafe = isUnconnected || (_method.IsIdempotent() ? !_response.IsSeen : _request.IsUnsent && !_response.HasBegun);
        bool again = isSafe && failure.Party == Party.Replica && HasAttemptsLeft()
            && (isUnconnected || _loop.Permits.Take(_replica!));
        if (again)
        {
            Retry(failure.Reason);
        }
        else
        {
            Fail(failure);
        }
    }

    private void Retry(Reason reason)
    {
        Trace.CountRetry(reason);
        _loop.Failures.CountFailure(_replica!, _loop.Now);
        Detach(Ending.Retried);
        Attempt();
    }

    private bool HasAttemptsLeft() =>
        _request.CanBeSentAgain && _attempts < _loop.Retries.Attempts && _loop.Now - _begun < _loop.Retries.Within;

    private void Fail(Failure failure)
    {
        if (failure.Party == Party.Replica)
        {
            _loop.Failures.CountFailure(_replica!, _loop.Now);
        }

        Trace.Reason = failure.Reason;
        bool headSent = _response.HeadSent;
        bool requestRead = _request.IsRead;
        bool keepAlive = _clientKeepsAlive && requestRead && failure.Party != Party.Client && !_loop.Draining;
        Detach(Ending.Failed);
        _request.Release();
        if (headSent)
        {
            _client.Abort();
        }
        else
        {
            _client.Respond(failure, _replica, keepAlive, requestRead);
        }
    }

    /// <summary>
    /// The client is gone: whatever the replica still does is for nobody. What it has not got whole, or may be repeated, ends
    /// here and now; an order that it has got whole is left to it, unless the options say otherwise.
    /// </summary>
    internal void Cancel()
    {
        bool finishes = _loop.FinishesAbandoned && _request.IsDone && !_response.HasBegun && !_method.IsSafe();
        if (finishes && _upstream is { UnsentBytes: 0 } upstream)
        {
            _upstream = null;
            _response.Release();
            upstream.Abandon();
        }

        Trace.Reason = Reason.ClientGone;
        Detach(Ending.Finished);
        _request.Release();
        _client.Close();
    }

    private void Detach(Ending ending, bool reusable = false)
    {
        Trace.EndAttempt(_response.Status);
        _response.Release();
        _loop.Room.Leave(this);

        if (_upstream is { } upstream)
        {
            _upstream = null;
            upstream.Pool.Leave();
            upstream.Pool.Return(upstream, ending, reusable);
        }
    }
}
