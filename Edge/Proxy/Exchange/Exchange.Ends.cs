using System.Diagnostics;
using Edge.Http;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Proxy;

// How it ends: with its answer, later than that, otherwise, or before it.
internal sealed unsafe partial class Exchange
{
    // (7)
    private void Finish()
    {
        UpstreamConnection upstream = _upstream!;
        bool reusable = _response.IsConnectionReusable && _request.IsDone && upstream.IsClean();
        if (!_isAnswered)
        {
            _attempts.CountAnswer(_replica!, _response.Status);
        }

        bool requestRead = _request.IsRead, keepAlive = _response.KeepAlive && requestRead;
        upstream.IsBound |= _response.BindsConnection;
        bool holds = upstream.IsBound && reusable && keepAlive;
        Detach(_response.IsConnectionReusable || !_request.IsDone ? Ending.Finished : Ending.Last, reusable, holds ? Client : null);
        _request.Release();
        Client.OnAnswered(keepAlive, requestRead);
    }

    // Behind (6): the answer was there before the request was, or before the end of that had left; the replica reads on (RFC 9112 §9.3).
    private bool HasRest =>
        (_request.IsDone ? _upstream!.UnsentBytes > 0 : _response.RequestGoesOn) && _response.IsConnectionReusable && !_request.IsBroken;

    private void BeginRest()
    {
        _attempts.CountAnswer(_replica!, _response.Status);
        _isAnswered = true;
        Arm(_loop.Timeouts.BodyIdle);
    }

    // False where the exchange has ended. Nothing more is expected of the replica: one that closes wants no more, either.
    private bool PumpRest()
    {
        UpstreamConnection upstream = _upstream!;
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

    // The client has been silent for long enough after it had sent its end.
    private void OnGraceOver()
    {
        if (Waiting.IsTaken)
        {
            // It begins anew when a replica is asked.
            return;
        }

        if (Client.BytesSent != _sentBeforeGrace || _response.IsHeldUp || SocketQueue.UnacknowledgedBytes(Client.Fd) > 0)
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
        _attempts.CountAnswer(_replica!, _response.Status);
        _response.Release();
        _request.Release();
        _tunnel = new Tunnel(_loop, Client, _upstream!);
        _upstream = null;
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
            upstream.Abandon(Timer.Deadline);
        }

        Accounting.Reason = Reason.ClientGone;
        bool mayLookWhole = _response is { HeadSent: true, IsEndDelimited: true };
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
        Debug.Assert(!Timer.IsArmed && !_grace.IsArmed, "nobody waits for a request that is over");
        _replica = null;
        _tunnel = null;
    }

    /// <param name="ending">How.</param>
    /// <param name="reusable">Whether the connection may carry another request.</param>
    /// <param name="holder">Whose next requests it is for alone; null where it is anybody's.</param>
    private void Detach(Ending ending, bool reusable = false, ClientConnection? holder = null)
    {
        Accounting.EndAttempt(_response.Status);
        _response.Release();
        _service.Queue.Leave(this);
        Timer.Disarm();
        if (ending != Ending.Retried)
        {
            _grace.Disarm();
        }

        if (_upstream is { } upstream)
        {
            _upstream = null;
            upstream.Pool.Leave();
            if (holder is not null && upstream.Pool.TryHold(upstream, holder))
            {
                return;
            }

            upstream.Pool.Return(upstream, ending, reusable && !upstream.IsBound);
        }
    }
}
