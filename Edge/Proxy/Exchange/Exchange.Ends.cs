using System.Diagnostics;
using Edge.Http;
using Edge.Io;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Proxy;

// How it ends: with its answer, later than that, otherwise, or before it; and which of its states may follow which.
internal sealed partial class Exchange
{
    // (7)
    private void Finish()
    {
        UpstreamStream upstream = Upstream;
        bool isLast = _request.IsDone && !upstream.IsReusable;
        bool reusable = upstream.IsReusable && _request.IsDone && upstream.IsClean();
        if (!IsAnswered)
        {
            _attempts.CountAnswer(Replica, _response.Status);
        }

        bool requestRead = _request.IsRead, keepAlive = Client.KeepsAlive && requestRead;
        upstream.IsBound |= _response.BindsConnection;
        bool holds = upstream.IsBound && reusable && keepAlive;
        Detach(isLast ? Ending.Last : Ending.Finished, reusable, holds ? Client.Holder : null);
        _request.Release();
        Client.OnAnswered(keepAlive, requestRead);
    }

    // After (6): the response was complete before the whole request had left, and the replica reads on (RFC 9112 §9.3).
    private bool HasRest =>
        (_request.IsDone ? Upstream.UnsentBytes > 0 : _response.RequestGoesOn) && Upstream.IsReusable && !_request.IsBroken;

    private void BeginRest()
    {
        _attempts.CountAnswer(Replica, _response.Status);
        Enter(ExchangeState.Answered);
        Arm(_service.Settings.Timeouts.BodyIdle);
    }

    // False if the exchange has ended. No further response is expected, so a replica that closes wants no more of the request.
    private bool PumpRest()
    {
        UpstreamStream upstream = Upstream;
        if (!Client.Flush())
        {
            Cancel();
            return false;
        }

        if (upstream.PeerFinished || upstream.HungUp)
        {
            Finish();
            return false;
        }

        if (!PumpRequest())
        {
            return false;
        }

        bool isOver = _request.IsBroken || (_request.IsDone && upstream.UnsentBytes == 0);
        if (isOver)
        {
            Finish();
        }
        else if (_request.IsDone)
        {
            upstream.AwaitPosted();
        }

        return !isOver;
    }

    private void Fail(Failure failure)
    {
        if (_isCompared)
        {
            CountComparedFailure(failure);
        }

        if (!IsAnswered && _replica is { } failed)
        {
            _attempts.CountFailure(failed, failure.Blame, _request);
        }

        Accounting.Reason = failure.Reason;
        if (IsAnswered)
        {
            // The client has its whole response, so the rest of the request is not needed.
            Finish();
            return;
        }

        bool requestRead = _request.IsRead;
        bool keepAlive = requestRead && failure.Party != Party.Client && !_loop.Draining;
        bool givesRest = _response.HeadSent && !failure.IsOfReader && Upstream.LeaveBody(Client);
        Detach(Ending.Failed);
        _request.Release();
        if (!_response.HeadSent)
        {
            Answer(failure, keepAlive, requestRead);
        }
        else if (givesRest)
        {
            Client.EndCut(requestRead);
        }
        else
        {
            Client.Abort();
        }
    }

    // With the page of the service, where the client would rather have one.
    private void Answer(Failure failure, bool keepAlive, bool requestRead)
    {
        bool isOpen = failure.Mode == ServiceMode.Open;
        byte[]? page = !_wantsPage || failure.Status < 502 ? null : isOpen ? _service.Settings.ErrorPage : _service.Settings.MaintenancePage;
        if (failure.Mode == ServiceMode.Stopped)
        {
            LocalReply.SayStopped(Client, page, keepAlive, requestRead);
        }
        else if (page is not null)
        {
            LocalReply.Show(Client, failure.Status, page, keepAlive, requestRead);
        }
        else
        {
            LocalReply.Fail(Client, failure.Status, failure.Party == Party.Replica ? Replica : null, failure.Text, keepAlive, requestRead);
        }
    }

    /// <summary>There is no room for the request: the queue is full, or its wait is over.</summary>
    public void TurnAway(bool isTimeout) => Fail(
        new Failure(Party.Edge, _service.Queue.HasReplicas || _service.Table.IsAsleep ? Phase.Wait : Phase.Pick, isTimeout)
        {
            Mode = _service.Queue.Mode,
            IsAsleep = _service.Table.IsAsleep,
        });

    internal override void OnReplicaReleased(bool isLost) =>
        RetryOrFail(new Failure(isLost ? Party.Replica : Party.Edge, PhaseNow, IsDrain: !isLost), isCut: true);

    /// <summary>The process ends, and the time to finish is over.</summary>
    internal void OnProcessEnds()
    {
        if (_tunnel is { } tunnel)
        {
            tunnel.Cut();
        }
        else
        {
            Fail(new Failure(Party.Edge, PhaseNow, IsDrain: true));
        }
    }

    /// <summary>One of its timers has fired: the wait in the queue is over, a step of the attempt took too long, or the client's grace is over.</summary>
    public void OnDeadline(LoopTimer timer)
    {
        if (timer == _grace)
        {
            OnGraceOver();
        }
        else if (timer != _timer)
        {
            OnCanaryDeadline();
        }
        else if (_place.IsTaken)
        {
            _service.Queue.OnTimer(_place);
        }
        else
        {
            OnAttemptDeadline();
        }
    }

    internal override void OnUpstreamTimer() => Debug.Fail("an exchange has a timer of its own, and the stream's does not run while it has the stream");

    private void OnAttemptDeadline()
    {
        Phase phase = PhaseNow;
        if (_loop.Now >= _attempts.Deadline)
        {
            Fail(new Failure(Party.Replica, phase, IsTimeout: true, IsWhole: true) { IsClientFinished = Client.PeerFinished });
            return;
        }

        if (!_attempts.IsOverdue && !(phase == Phase.SendRequest && _request.IsTooSlow(Upstream)))
        {
            _attempts.Resume(_timer, TooSlowAt);
            return;
        }

        bool clientStalls = phase == Phase.RelayResponse ? _response.IsHeldUp(_upstream)
            : phase == Phase.SendRequest && !_request.IsReplicaStalling(Upstream);
        RetryOrFail(new Failure(clientStalls ? Party.Client : Party.Replica, phase, IsTimeout: true) { IsClientFinished = Client.PeerFinished });
    }

    // The client has been silent for long enough after it had sent its end.
    private void OnGraceOver()
    {
        if (_place.IsTaken)
        {
            // It begins again when a replica is asked.
            return;
        }

        if (Client.BytesSent != _sentBeforeGrace || _response.IsHeldUp(_upstream) || Client.HasUnacknowledged)
        {
            // The client takes bytes, or has bytes to take: a client that is gone would have reset the connection.
            ArmGrace();
        }
        else
        {
            Cancel();
        }
    }

    // A client that has sent its end (FIN) may have left, or may read on. Nobody can tell until something is sent to it: a client that has left
    // answers with a reset. From the FIN on, and again whenever the client takes bytes, the request has the grace of the options. After that, a
    // request that was sent whole and changes nothing is called off.
    private void ArmGrace()
    {
        if (_service.Settings.Timeouts.HalfCloseGrace is > 0 and var grace && _request.IsRead && _attempts.Method.IsSafe() && _tunnel is null)
        {
            _sentBeforeGrace = Client.BytesSent;
            _loop.Timers.Arm(_grace, _loop.Now + grace);
        }
    }

    // Instead of (6). The request is over with its 101: later bytes belong to neither request nor response.
    private void BecomeTunnel()
    {
        Accounting.EndAttempt(_response.Status);
        _attempts.CountAnswer(Replica, _response.Status);
        _response.Release();
        UpstreamStream upstream = Upstream;
        upstream.ReleaseBody();
        _request.Release();
        _tunnel = new Tunnel(_loop, Client, upstream);
        _upstream = null;
        Enter(ExchangeState.Tunnelling);
        _timer.Disarm();
        _grace.Disarm();
        _tunnel.Open();
    }

    /// <summary>
    /// The client is gone, so the replica's further work is of no use. A request that the replica has not got whole, or that may be repeated, ends
    /// here. A request that may not be repeated and that the replica has got whole is finished by the replica, unless the options say otherwise.
    /// </summary>
    internal void Cancel()
    {
        if (_tunnel is { } tunnel)
        {
            tunnel.Cut();
            return;
        }

        bool finishes = _service.Settings.FinishesAbandoned && _request.IsDone && !_response.HasBegun && !_attempts.Method.IsSafe();
        if (finishes && _upstream is { UnsentBytes: 0 } upstream)
        {
            _upstream = null;
            _response.Release();
            upstream.ReleaseBody();
            upstream.Abandon(_timer.Deadline);
        }

        Accounting.Reason = Reason.ClientGone;
        bool mayLookWhole = _response.HeadSent && Client.IsEndDelimited;
        Detach(Ending.Finished);
        _request.Release();
        if (mayLookWhole)
        {
            Client.Abort();
        }
        else
        {
            Client.Close();
        }
    }

    /// <summary>The client gives the exchange back. Everything that was held for its request has been returned.</summary>
    internal void Forget()
    {
        Debug.Assert(_upstream is null && !_place.IsTaken && _request.KeptBytes.IsEmpty);
        Debug.Assert(_state is ExchangeState.Idle or ExchangeState.Tunnelling, "a request is over, or has become a tunnel");
        _state = ExchangeState.Idle;
        Debug.Assert(!_timer.IsArmed && !_grace.IsArmed && _comparison is not { Timer.IsArmed: true }, "nobody waits for a request that is over");
        _replica = null;
        _tunnel = null;
    }

    /// <param name="ending">How it ended.</param>
    /// <param name="reusable">Whether the connection may carry another request.</param>
    /// <param name="holder">The only client whose next requests may use the connection; null if it is for all.</param>
    private void Detach(Ending ending, bool reusable = false, IUpstreamHolder? holder = null)
    {
        Accounting.EndAttempt(_response.Status);
        _response.Release();
        _service.Queue.Leave(_place);
        _timer.Disarm();
        if (_isCompared)
        {
            Compared.Timer.Disarm();
        }

        if (ending != Ending.Retried)
        {
            _grace.Disarm();
        }

        Enter(ending == Ending.Retried ? ExchangeState.Seeking : ExchangeState.Idle);
        if (_upstream is { } upstream)
        {
            _upstream = null;
            upstream.ReleaseBody();
            upstream.Pool.Leave();
            if (holder is not null && upstream.Pool.TryHold(upstream, holder))
            {
                return;
            }

            upstream.Pool.Return(upstream, ending, reusable && !upstream.IsBound);
        }
    }

    private void Enter(ExchangeState next)
    {
        Debug.Assert((_state, next) is (ExchangeState.Idle, ExchangeState.Seeking)
            or (ExchangeState.Seeking, ExchangeState.Seeking or ExchangeState.Attempting or ExchangeState.Idle)
            or (ExchangeState.Attempting, not ExchangeState.Attempting)
            or (ExchangeState.Answered or ExchangeState.Tunnelling, ExchangeState.Idle), $"{next} does not follow {_state}");
        _state = next;
    }
}
