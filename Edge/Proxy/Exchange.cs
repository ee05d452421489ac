using System.Diagnostics;
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
/// Where the response is a 101 that the client has asked for, both connections become a <see cref="Tunnel"/> instead of (6). Part of a <see cref="Transaction"/>.
/// </summary>
internal sealed unsafe class Exchange
{
    private readonly ProxyLoop _loop;
    private readonly Transaction _transaction;
    private readonly RequestRelay _request;
    private readonly ResponseRelay _response;

    private Replica? _replica;
    private UpstreamConnection? _upstream;
    private Attempts _attempts;
    private Tunnel? _tunnel;

    internal Exchange(ProxyLoop loop, Transaction transaction)
    {
        _loop = loop;
        _transaction = transaction;
        _request = new RequestRelay(loop, transaction);
        _response = new ResponseRelay(loop, transaction);
        _attempts = new Attempts(loop);
    }

    internal ClientConnection Client => _transaction.Client;
    internal RequestTrace Trace => _transaction.Trace;
    internal WaitingPlace Waiting;

    private Phase PhaseNow => _upstream is not { IsConnected: true } ? Phase.Connect
        : _response.HeadSent ? Phase.RelayResponse
        : _request.IsDone ? Phase.ReadResponseHead : Phase.SendRequest;

    private long TooSlowAt => PhaseNow == Phase.SendRequest ? _request.TooSlowAt : Pollable.Never;

    /// <summary>(1) Takes a request whose head has been found sound, with what has arrived of its body.</summary>
    /// <param name="data">The head, at the front, in the loop's read area.</param>
    /// <param name="length">Bytes there.</param>
    /// <param name="head">As parsed from them.</param>
    /// <param name="facts">As derived from the head.</param>
    internal void Begin(byte* data, int length, Head head, in RequestFacts facts)
    {
        if (!_request.Begin(data, length, head, facts))
        {
            OwnResponse.Refuse(Client, _request.IsTooLarge ? Refusal.BodyTooLarge : Refusal.MalformedChunk);
            return;
        }

        _attempts.Begin(head.Method);
        _response.Begin(head.Method, clientKnowsHttp11: head.MinorVersion > 0, facts.KeepAlive, facts.ExpectsContinue);
        _replica = null;
        _loop.Permits.Budget.CountRequest(_loop.Now);
        Attempt(isFirst: true);
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
        if (_tunnel is { } tunnel)
        {
            tunnel.OnReady();
        }
        else if (Client.HungUp)
        {
            Cancel();
        }
        else if (_upstream is { IsConnected: true })
        {
            OnUpstreamReady();
        }
    }

    /// <summary>The connection that was being made stands.</summary>
    internal void OnConnected() => OnConnected(isNew: true);

    /// <summary>The connection could not be made, or the replica was taken away while the request was on it.</summary>
    internal void OnReplicaGone() => RetryOrFail(new Failure(Party.Replica, PhaseNow));

    /// <summary>The replica is out of rotation, and may never answer: another one is asked, where that is safe.</summary>
    internal void OnReplicaUnwell()
    {
        if (_attempts.Method.IsIdempotent() && !_response.IsSeen && _attempts.AreLeft(_request) && _loop.Permits.Take(_replica!))
        {
            Retry(Reason.ReplicaUnwell, Blame.Doubtful);
        }
    }

    internal void OnDeadline()
    {
        Phase phase = PhaseNow;
        if (_loop.Now >= _attempts.Deadline)
        {
            Fail(new Failure(Party.Replica, phase, IsTimeout: true, IsWhole: true) { IsClientFinished = Client.PeerFinished });
            return;
        }

        if (!_attempts.IsOverdue && !(phase == Phase.SendRequest && _request.IsTooSlow(_upstream!)))
        {
            _attempts.Resume(_upstream!, TooSlowAt);
            return;
        }

        bool clientStalls = phase == Phase.RelayResponse ? Client.UnsentBytes > 0
            : phase == Phase.SendRequest && !_request.IsReplicaStalling(_upstream!);
        RetryOrFail(new Failure(clientStalls ? Party.Client : Party.Replica, phase, IsTimeout: true) { IsClientFinished = Client.PeerFinished });
    }

    /// <summary>Its turn has come, if there is room, and what a connection takes. False where it has to wait for that.</summary>
    internal bool TryGoOn()
    {
        if (_loop.Room.Pick(_replica, out bool isHopeless) is not { } replica)
        {
            if (isHopeless)
            {
                Fail(new Failure(Party.Edge, Phase.Pick));
            }

            return isHopeless;
        }

        UpstreamPool pool = _loop.PoolOf(replica);
        UpstreamConnection? upstream = pool.Obtain(_attempts.MustBeOpen, out bool outOfResources);
        if (outOfResources && (_loop.TryCloseIdle() || _loop.Room.InFlight > 0))
        {
            return false;
        }

        _loop.Room.Leave(this);
        Attempt(replica, pool, upstream, outOfResources);
        return true;
    }

    /// <summary>There is no room for it: not even to wait, or not in time.</summary>
    internal void TurnAway(bool isTimeout) => Fail(_loop.Room.Refusal(isTimeout));

    // (2). Each replica is tried once, where there are as many as attempts. A new request stands behind those that wait.
    private void Attempt(bool isFirst)
    {
        bool standsBehind = isFirst && _loop.Room.First is not null;
        if ((standsBehind || !TryGoOn()) && !_loop.Room.TryEnter(this, _attempts.Deadline))
        {
            TurnAway(isTimeout: false);
        }
    }

    // (3).
    private void Attempt(Replica replica, UpstreamPool pool, UpstreamConnection? upstream, bool outOfResources)
    {
        _replica = replica;
        _attempts.Count();
        _request.Rewind();
        pool.Enter();
        pool.Counters.Requests++;
        Trace.BeginAttempt(replica);
        if (upstream is null)
        {
            pool.Leave();
            RetryOrFail(new Failure(outOfResources ? Party.Edge : Party.Replica, Phase.Connect));
            return;
        }

        pool.Assign(upstream, this);
        _upstream = upstream;
        if (upstream.IsConnected)
        {
            OnConnected(isNew: false);
            OnUpstreamReady();
        }
        else
        {
            Arm(_loop.Timeouts.Connect);
        }
    }

    // The deadline until now was that of an idle connection in the pool, or of connecting.
    private void OnConnected(bool isNew)
    {
        Trace.OnConnected(isNew);
        Arm(_loop.Timeouts.BodyIdle);
    }

    private void Arm(long phase) => _attempts.Arm(_upstream!, phase, TooSlowAt);

    // (4). False where the exchange has ended.
    private bool PumpRequest()
    {
        switch (_request.Pump(_upstream!))
        {
            case RequestProgress.Done:
                Arm(_loop.Timeouts.ResponseHead);
                return true;
            case RequestProgress.Malformed:
                Fail(new Failure(Party.Client, Phase.SendRequest, IsMalformed: true, IsTooLarge: _request.IsTooLarge));
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
        bool retryStatus = _loop.Retries.Statuses.Length > 0 && _attempts.Method.IsIdempotent() && _attempts.AreLeft(_request);
        ResponseProgress progress = _response.Pump(_upstream!, _replica!, _request, retryStatus);
        if (_response.HeadSent && !hadHead)
        {
            Trace.OnResponse();
        }

        switch (progress)
        {
            case ResponseProgress.Finished:
                Finish();
                return false;
            case ResponseProgress.Switched:
                BecomeTunnel();
                return false;
            case ResponseProgress.ClientGone:
                Cancel();
                return false;
            case ResponseProgress.Refused:
                Trace.EndAttempt(_loop.ResponseHead.Status);
                Retry(Reason.Status, Blame.Replica);
                return false;
            case ResponseProgress.ReplicaEnded or ResponseProgress.Malformed:
                RetryOrFail(new Failure(Party.Replica, PhaseNow, IsMalformed: progress == ResponseProgress.Malformed));
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
            Client.CountBytes();
            _upstream!.CountBytes();
        }
    }

    // (7)
    private void Finish()
    {
        bool reusable = _response.IsConnectionReusable && _request.IsDone && _upstream!.IsClean();
        _attempts.CountAnswer(_replica!, _response.Status);
        bool requestRead = _request.IsRead;
        Detach(_response.IsConnectionReusable || !_request.IsDone ? Ending.Finished : Ending.Last, reusable);
        _request.Release();
        Client.OnAnswered(_response.KeepAlive, requestRead);
    }

    // Instead of (6). The request is over with its 101: what moves from now on is neither request nor response.
    private void BecomeTunnel()
    {
        Trace.EndAttempt(_response.Status);
        _attempts.CountAnswer(_replica!, _response.Status);
        _response.Release();
        _request.Release();
        _tunnel = new Tunnel(_loop, Client, _upstream!);
        _upstream = null;
        _tunnel.Open();
    }

    private void RetryOrFail(Failure failure)
    {
        UpstreamConnection? connected = _upstream is { IsConnected: true } upstream ? upstream : null;
        if (_loop.Room.HoldsAfter(failure, _replica!))
        {
            _attempts.Forgive();
        }

        if (failure.Party == Party.Replica && _attempts.TakeAnother(_request, _response, _replica!, connected))
        {
            Retry(failure.Reason, failure.Blame);
        }
        else
        {
            Fail(failure);
        }
    }

    private void Retry(Reason reason, Blame blame)
    {
        Trace.CountRetry(reason);
        _attempts.CountFailure(_replica!, blame, _request);
        Detach(Ending.Retried);
        Attempt(isFirst: false);
    }

    private void Fail(Failure failure)
    {
        _attempts.CountFailure(_replica!, failure.Blame, _request);
        Trace.Reason = failure.Reason;
        bool requestRead = _request.IsRead;
        bool keepAlive = _response.ClientKeepsAlive && requestRead && failure.Party != Party.Client && !_loop.Draining;
        Detach(Ending.Failed);
        _request.Release();
        if (_response.HeadSent)
        {
            Client.Abort();
        }
        else
        {
            OwnResponse.Fail(Client, failure, _replica, keepAlive, requestRead);
        }
    }

    /// <summary>
    /// The client is gone: whatever the replica still does is for nobody. What it has not got whole, or may be repeated, ends
    /// here and now; an order that it has got whole is left to it, unless the options say otherwise.
    /// </summary>
    internal void Cancel()
    {
        if (_tunnel is { } tunnel)
        {
            tunnel.Cut();
            return;
        }

        bool finishes = _loop.FinishesAbandoned && _request.IsDone && !_response.HasBegun && !_attempts.Method.IsSafe();
        if (finishes && _upstream is { UnsentBytes: 0 } upstream)
        {
            _upstream = null;
            _response.Release();
            upstream.Abandon();
        }

        Trace.Reason = Reason.ClientGone;
        Detach(Ending.Finished);
        _request.Release();
        Client.Close();
    }

    /// <summary>Its client gives it back: whatever its request was, it has let go of all that was held for it.</summary>
    internal void Forget()
    {
        Debug.Assert(_upstream is null && !Waiting.IsTaken && _request.KeptBytes.IsEmpty);
        _replica = null;
        _tunnel = null;
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
