using System.Diagnostics;
using Edge.Http;
using Edge.Io;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>
/// The life of one forwarded request:
/// (1) its head is rewritten and kept; (2) a replica is picked; (3) a stream to it comes from the pool;
/// (4) the kept bytes are sent, then the rest of the body as it arrives; (5) the response's head is read and rewritten;
/// (6) its body is relayed; (7) the stream goes back to the pool, and the client may send its next request.
/// A failure before the client has seen anything of a response goes back to (2), where sending the request again is safe.
/// Where the response is a 101 that the client has asked for, both streams become a <see cref="Tunnel"/> instead of (6).
/// Part of a <see cref="RequestContext"/>.
/// </summary>
internal sealed partial class Exchange : UpstreamUser, ITimerOwner, IQueuedRequest
{
    private readonly LoopContext _loop;
    private readonly LoopServices _services;
    private readonly RequestContext _context;

    // For the present attempt, or for the wait in the queue; never for both.
    private readonly LoopTimer _timer;
    private readonly LoopTimer _grace;
    private readonly QueuePlace _place;
    private ServiceState _service = null!;
    private readonly RequestRelay _request;
    private readonly ResponseRelay _response;

    private ExchangeState _state;

    // Of the attempt under way; while another replica is sought, the one that has failed.
    private Replica? _replica;
    private UpstreamStream? _upstream;
    private Attempts _attempts;
    private Tunnel? _tunnel;

    // Whether the request authenticates its connection; whether it goes over a connection that was authenticated before.
    private bool _binds;
    private bool _isBound;

    // The client would rather have a page than the text of an error, and there is one.
    private bool _wantsPage;

    // How many bytes the client had got when its grace began.
    private long _sentBeforeGrace;

    /// <param name="loop">Of the client.</param>
    /// <param name="services">Those that a request may be for.</param>
    /// <param name="context">What belongs to the request.</param>
    internal Exchange(LoopContext loop, LoopServices services, RequestContext context)
    {
        _loop = loop;
        _services = services;
        _context = context;
        _request = new RequestRelay(loop, context);
        _response = new ResponseRelay(loop, context);
        _attempts = new Attempts(loop);
        _timer = new LoopTimer(this);
        _grace = new LoopTimer(this);
        _place = new QueuePlace(this, _timer, context.Accounting);
    }

    private ClientStream Client => _context.Client;

    private RequestAccounting Accounting => _context.Accounting;

    // While there is an attempt, and its own until it is detached.
    private UpstreamStream Upstream
    {
        get
        {
            Debug.Assert(_state is ExchangeState.Attempting or ExchangeState.Answered && _upstream is not null, "there is no stream without an attempt");
            return _upstream!;
        }
    }

    // From the first pick on.
    private Replica Replica
    {
        get
        {
            Debug.Assert(_replica is not null, "no replica was picked");
            return _replica!;
        }
    }

    private bool IsAnswered => _state == ExchangeState.Answered;

    private Phase PhaseNow => _upstream is not { IsConnected: true } ? Phase.Connect
        : _response.HeadSent && !IsAnswered ? Phase.RelayResponse
        : _request.IsDone ? Phase.ReadResponseHead : Phase.SendRequest;

    private long TooSlowAt => PhaseNow == Phase.SendRequest ? _request.TooSlowAt : Pollable.Never;

    /// <summary>The stream to the replica can be read or written, or has just been connected.</summary>
    internal override void OnUpstreamReady()
    {
        if (IsAnswered ? PumpRest() : PumpRequest() && PumpResponse())
        {
            ExtendDeadline();
        }
    }

    /// <summary>The client's stream can be read or written.</summary>
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
        else
        {
            if (Client.PeerFinished && !_grace.IsArmed && !_place.IsTaken)
            {
                ArmGrace();
            }

            if (_upstream is { IsConnected: true })
            {
                OnUpstreamReady();
            }
        }
    }

    /// <summary>The upstream connection is made.</summary>
    internal override void OnConnected() => OnConnected(isNew: true);

    internal override void OnReplicaGone(ConnectFault fault) =>
        RetryOrFail(new Failure(Party.Replica, PhaseNow) { ConnectFault = fault });

    /// <summary>The replica is out of rotation, and may never answer: another one is asked, if that is safe.</summary>
    internal override void OnReplicaUnwell()
    {
        if (_isCompared && IsShielded)
        {
            AskOld(Reason.ReplicaUnwell, Blame.Doubtful);
        }
        else if (_attempts.Method.IsIdempotent() && !_response.IsSeen && !(_isBound && _binds) && _attempts.AreLeft(_request) && _service.Permits.Take(Replica))
        {
            Retry(Reason.ReplicaUnwell, Blame.Doubtful);
        }
    }

    /// <summary>It is this request's turn, if there is room and a connection can be had. False if it has to wait on.</summary>
    public bool TryGoOn()
    {
        switch (_attempts.Find(Client, _replica, out AttemptTarget way))
        {
            case TargetSearch.Waits:
                return false;
            case TargetSearch.Hopeless:
                Fail(new Failure(Party.Edge, Phase.Pick) { Mode = _service.Queue.Mode });
                return true;
            default:
                _service.Queue.Leave(_place);
                if (Client.PeerFinished)
                {
                    ArmGrace();
                }

                Attempt(way);
                return true;
        }
    }

    // (2). Each replica is tried once, if there are as many as attempts. A new request goes behind those that wait.
    private void Attempt(bool isFirst)
    {
        bool standsBehind = isFirst && !_service.Queue.IsEmpty;
        if ((standsBehind || !TryGoOn()) && !_service.Queue.TryEnter(_place, _attempts.Deadline))
        {
            TurnAway(isTimeout: false);
        }
    }

    // (3).
    private void Attempt(in AttemptTarget way)
    {
        (Replica replica, UpstreamPool pool, UpstreamStream? upstream, bool outOfResources) = way;
        _replica = replica;
        _attempts.Count();
        _request.Rewind();
        pool.Enter();
        pool.Counters.Requests++;
        Accounting.BeginAttempt(replica);
        if (upstream is null)
        {
            pool.Leave();
            RetryOrFail(new Failure(outOfResources ? Party.Edge : Party.Replica, Phase.Connect));
            return;
        }

        pool.Assign(upstream, this);
        _upstream = upstream;
        Enter(ExchangeState.Attempting);
        if (_isCompared)
        {
            BeginCompared(replica);
        }

        _isBound = upstream.IsBound;
        upstream.IsBound |= _binds;
        if (upstream.IsConnected)
        {
            OnConnected(isNew: false);
            OnUpstreamReady();
        }
        else
        {
            Arm(_service.Settings.Timeouts.Connect);
        }
    }

    // Until now the deadline was that of an idle connection in the pool, or of connecting.
    private void OnConnected(bool isNew)
    {
        Accounting.OnConnected(isNew);
        Arm(_request.Patience);
    }

    private void Arm(long phase) => _attempts.Arm(_timer, phase, TooSlowAt);

    // (4). False if the exchange has ended.
    private bool PumpRequest()
    {
        switch (_request.Pump(Upstream))
        {
            case RequestProgress.Done:
                Arm(_service.Settings.Timeouts.ResponseHead);
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

    // (5) and (6). False if the exchange has ended.
    private bool PumpResponse()
    {
        bool hadHead = _response.HeadSent;
        bool mayRetry = _service.Settings.Retries.Statuses.Length > 0 && _attempts.Method.IsIdempotent() && !_isBound && _attempts.AreLeft(_request);
        ResponseProgress progress = _response.Pump(Upstream, Replica, _request, mayRetry ? _service.Permits : null);
        if (_response.HeadSent && !hadHead)
        {
            Accounting.OnResponse();
            if (_isCompared)
            {
                CountComparedAnswer();
            }
        }

        switch (progress)
        {
            case ResponseProgress.Finished when HasRest:
                BeginRest();
                return PumpRest();
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
                Accounting.EndAttempt(_loop.ResponseHead.Status);
                if (!_isCompared || !AsksOldAfter(_loop.ResponseHead.Status))
                {
                    Retry(Reason.Status, Blame.Replica);
                }

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

            Arm(_service.Settings.Timeouts.BodyIdle);
        }

        return true;
    }

    private void ExtendDeadline()
    {
        bool isAtWork = _response.TakeInterim(_request);
        bool progressed = _request.TakeProgress() | Upstream.TakeProgress();
        if (isAtWork || (progressed && (!_request.IsDone || _response.HeadSent)))
        {
            Arm(_response.HeadSent ? _service.Settings.Timeouts.BodyIdle : _request.Patience);
            Client.CountBytes();
            Upstream.CountBytes();
            if (Client.PeerFinished)
            {
                ArmGrace();
            }
        }
    }

    /// <param name="failure">The failure of the last attempt.</param>
    /// <param name="isCut">Whether the attempt was ended here, and not by the other end.</param>
    private void RetryOrFail(Failure failure, bool isCut = false)
    {
        UpstreamStream? connected = _upstream is { IsConnected: true } upstream ? upstream : null;
        bool isStale = !isCut && failure.IsEnd && !_response.HasBegun && connected is { WasPooled: true } && _attempts.HasJustBegun;
        failure = failure with { IsStale = isStale };
        bool isFree = isStale;
        if (failure.IsStale)
        {
            Upstream.Pool.LearnStale();
        }

        if (_isCompared && AsksOld(failure))
        {
            return;
        }

        if (failure.IsStale)
        {
            _attempts.ForgiveStale(Replica);
        }
        else if (isCut && failure.Phase == Phase.Connect)
        {
            // It has reached nobody, and the replica that it waited for is gone: that was no try.
            isFree = true;
            _attempts.Forgive();
        }
        else if (failure.IsEnd && _service.Queue.HoldsAfter(Replica, isRefused: failure.Phase == Phase.Connect, _attempts.AreBurst))
        {
            isFree = true;
            _attempts.Forgive();
        }

        bool mayMove = (failure.Party == Party.Replica || failure.IsDrain) && !IsAnswered && !(_isBound && _binds);
        if (mayMove && _attempts.TakeAnother(_request, _response, Replica, connected, isFree))
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
        Accounting.CountRetry(reason);
        _attempts.CountFailure(Replica, blame, _request);
        Detach(Ending.Retried);
        Attempt(isFirst: false);
    }
}
