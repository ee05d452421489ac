using System.Diagnostics;
using Edge.Http;
using Edge.Io;
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

    // Behind (6): the answer was there before the request was, or before the end of that had left; the replica reads on (RFC 9112 §9.3).
    private bool HasRest =>
        (_request.IsDone ? Upstream.UnsentBytes > 0 : _response.RequestGoesOn) && Upstream.IsReusable && !_request.IsBroken;

    private void BeginRest()
    {
        _attempts.CountAnswer(Replica, _response.Status);
        Enter(ExchangeState.Answered);
        Arm(_loop.Timeouts.BodyIdle);
    }

    // False where the exchange has ended. Nothing more is expected of the replica: one that closes wants no more, either.
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

    /// <summary>There is no room for it: not even to wait, or not in time.</summary>
    internal void TurnAway(bool isTimeout) => Fail(_service.Queue.FailureOf(isTimeout));

    /// <summary>The replica is let go of, and the time for what it still had to do has run out.</summary>
    /// <param name="isLost">Whether it is let go of because it has died.</param>
    internal void OnReplicaReleased(bool isLost) =>
        RetryOrFail(new Failure(isLost ? Party.Replica : Party.Edge, PhaseNow, IsDrain: !isLost), isCut: true);

    /// <summary>The process ends, and so does the time to finish.</summary>
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

    /// <summary>One of its timers: it has waited for room for long enough, a step of the attempt took too long, or its client's grace is over.</summary>
    public void OnDeadline(LoopTimer timer)
    {
        if (timer == _grace)
        {
            OnGraceOver();
        }
        else if (Waiting.IsTaken)
        {
            _service.Queue.OnTimer(this);
        }
        else
        {
            OnAttemptDeadline();
        }
    }

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
            _attempts.Resume(Timer, TooSlowAt);
            return;
        }

        bool clientStalls = phase == Phase.RelayResponse ? _response.IsHeldUp(_upstream)
            : phase == Phase.SendRequest && !_request.IsReplicaStalling(Upstream);
        RetryOrFail(new Failure(clientStalls ? Party.Client : Party.Replica, phase, IsTimeout: true) { IsClientFinished = Client.PeerFinished });
    }

    // The client has been silent for long enough after it had sent its end.
    private void OnGraceOver()
    {
        if (Waiting.IsTaken)
        {
            // It begins anew when a replica is asked.
            return;
        }

        if (Client.BytesSent != _sentBeforeGrace || _response.IsHeldUp(_upstream) || Client.HasUnacknowledged)
        {
            // It takes what it gets, or has yet to: one that is gone would have reset the connection.
            ArmGrace();
        }
        else
        {
            Cancel();
        }
    }

    // A client that has sent its end (FIN) may have left, or read on: neither can be told from the other until something is sent to it,
    // since one that has left answers that with a reset. From then on, and anew with all that it takes, it has the grace of the options;
    // then a request that it has sent whole, and that changes nothing, is called off.
    private void ArmGrace()
    {
        if (_loop.Timeouts.HalfCloseGrace is > 0 and var grace && _request.IsRead && _attempts.Method.IsSafe() && _tunnel is null)
        {
            _sentBeforeGrace = Client.BytesSent;
            _loop.Timers.Arm(_grace, _loop.Now + grace);
        }
    }

    // Instead of (6). The request is over with its 101: what moves from now on is neither request nor response.
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
        Timer.Disarm();
        _grace.Disarm();
        _tunnel.Open();
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
            upstream.ReleaseBody();
            upstream.Abandon(Timer.Deadline);
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

    /// <summary>Its client gives it back: whatever its request was, it has let go of all that was held for it.</summary>
    internal void Forget()
    {
        Debug.Assert(_upstream is null && !Waiting.IsTaken && _request.KeptBytes.IsEmpty);
        Debug.Assert(_state is ExchangeState.Idle or ExchangeState.Tunnelling, "a request is over, or has become a tunnel");
        _state = ExchangeState.Idle;
        Debug.Assert(!Timer.IsArmed && !_grace.IsArmed, "nobody waits for a request that is over");
        _replica = null;
        _tunnel = null;
    }

    /// <param name="ending">How.</param>
    /// <param name="reusable">Whether the connection may carry another request.</param>
    /// <param name="holder">Whose next requests it is for alone; null where it is anybody's.</param>
    private void Detach(Ending ending, bool reusable = false, IUpstreamHolder? holder = null)
    {
        Accounting.EndAttempt(_response.Status);
        _response.Release();
        _service.Queue.Leave(this);
        Timer.Disarm();
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
