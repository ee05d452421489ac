using System.Runtime.CompilerServices;
using Edge.Config;
using Edge.Http;
using Edge.Io;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>The attempts to get one request answered: how many there were, how long they may take, and whether another one is safe.</summary>
internal struct Attempts(LoopContext loop)
{
    private long _begun;
    private long _patienceEnds;
    private long _attemptBegun;
    private int _count;
    private Replica? _again;

    // It is the client's wish alone, so that another replica is as good where this one has no room.
    private bool _isWish;
    private bool _mustBeNew;
    private Replica? _doubted;
    private ServiceState _service = null!;

    internal Method Method { get; private set; }

    /// <summary>When the whole exchange has to be over.</summary>
    internal readonly long Deadline
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _service.Settings.Timeouts.Request is > 0 and var atMost ? _begun + atMost : Pollable.Never;
    }

    internal void Begin(Method method, ServiceState service)
    {
        Method = method;
        _service = service;
        _begun = loop.Now;
        _count = 0;
        _again = null;
        _mustBeNew = false;
        _doubted = null;
    }

    /// <summary>The client would have this replica, before any other one is picked.</summary>
    internal void Prefer(Replica replica) => (_again, _isWish) = (replica, true);

    /// <summary>Whether there is such a replica.</summary>
    internal readonly bool HasWish => _again is not null;

    /// <summary>Looks for a replica that has room for the request, and for a stream to it.</summary>
    /// <param name="client">The client whose request it is.</param>
    /// <param name="failed">A replica that has just failed the request.</param>
    /// <param name="way">The replica and the connection, if they are found.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly TargetSearch Find(ClientStream client, Replica? failed, out AttemptTarget way)
    {
        if (_again is not null || client.Held is not null)
        {
            return FindOwn(client, failed, out way);
        }

        Replica? replica = _service.Queue.Pick(failed, out bool isHopeless);
        if (replica is not null)
        {
            return Connect(replica, out way);
        }

        way = default;
        return isHopeless ? TargetSearch.Hopeless : TargetSearch.Waits;
    }

    // For a request that has a replica already: that of the client's bound connection, or the one that it is to be sent to again.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly TargetSearch FindOwn(ClientStream client, Replica? failed, out AttemptTarget way)
    {
        way = default;
        if (client.Held is { } held && (!_service.Table.Has(held.Pool.Replica) || !held.IsQuiet()))
        {
            held.LetGo();
        }

        Replica? replica = client.Held?.Pool.Replica ?? _again;
        if (replica is null || !_service.Table.Has(replica) || (_isWish && client.Held is null && _service.Queue.IsFull(replica)))
        {
            replica = _service.Queue.Pick(failed, out bool isHopeless);
            return replica is not null ? Connect(replica, out way) : isHopeless ? TargetSearch.Hopeless : TargetSearch.Waits;
        }

        if (!_service.Queue.HasRoomFor(replica))
        {
            return _service.Queue.Mode == ServiceMode.Stopped ? TargetSearch.Hopeless : TargetSearch.Waits;
        }

        if (client.Held is not { } open)
        {
            return Connect(replica, out way);
        }

        way = new AttemptTarget(replica, open.Pool, open.Pool.TakeHeld(open), OutOfResources: false);
        return TargetSearch.Found;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly TargetSearch Connect(Replica replica, out AttemptTarget way)
    {
        UpstreamPool pool = _service.PoolOf(replica);
        UpstreamStream? upstream = _mustBeNew ? pool.Connect(out bool outOfResources) : pool.Obtain(MustBeOpen, out outOfResources);
        way = new AttemptTarget(replica, pool, upstream, outOfResources);
        return outOfResources && (_service.TryCloseIdle() || _service.Queue.InFlight > 0) ? TargetSearch.Waits : TargetSearch.Found;
    }

    internal void Count()
    {
        _count++;
        _again = null;
        _attemptBegun = loop.Now;
    }

    /// <summary>
    /// The last attempt does not count, because it met a replica that will soon be started again. The time for further attempts is bounded all the
    /// same.
    /// </summary>
    internal void Forgive() => _count--;

    /// <summary>
    /// Whether all attempts were used up within a moment: then they met one event, such as the end of all replicas at once, and not a fleet that
    /// fails.
    /// </summary>
    internal readonly bool AreBurst => _count > 1 && _count >= _service.Settings.Retries.Attempts && loop.Now - _begun < Limits.BurstMilliseconds;

    /// <summary>The last attempt has just begun: a connection that has ended by now was about to end, or had ended, before.</summary>
    internal readonly bool HasJustBegun => loop.Now - _attemptBegun < Limits.StaleMilliseconds;

    /// <summary>
    /// The last attempt does not count, because it met a stale connection, which says nothing about the replica. The same replica is asked again over
    /// a new connection, because all idle ones may have been closed. So a request meets a stale connection only once.
    /// </summary>
    internal void ForgiveStale(Replica replica)
    {
        Forgive();
        (_again, _isWish) = (replica, false);
        _mustBeNew = true;
    }

    /// <summary>
    /// Whether an idle connection is checked before it is used. A request that may not be repeated is not risked on a connection that the replica has
    /// closed, and a request that has failed on one would fail on all that are left of a replica that died.
    /// </summary>
    private readonly bool MustBeOpen => _count > 0 || !Method.IsIdempotent();

    internal readonly bool AreLeft(RequestRelay request) =>
        request.CanBeSentAgain && _count < _service.Settings.Retries.Attempts && loop.Now - _begun < _service.Settings.Retries.Within;

    /// <summary>Sets the exchange's timer for the end of the next step, or of the whole request.</summary>
    /// <param name="timer">The timer of the exchange.</param>
    /// <param name="atMost">Milliseconds for the next step.</param>
    /// <param name="notAfter">Another time at which to look.</param>
    internal void Arm(LoopTimer timer, long atMost, long notAfter)
    {
        _patienceEnds = Math.Min(loop.Now + atMost, Deadline);
        Resume(timer, notAfter);
    }

    /// <summary>Sets the timer again, for a step that has not taken too long yet.</summary>
    internal readonly void Resume(LoopTimer timer, long notAfter) => loop.Timers.Arm(timer, Math.Min(_patienceEnds, notAfter));

    /// <summary>The step has taken too long.</summary>
    internal readonly bool IsOverdue => loop.Now >= _patienceEnds;

    /// <summary>Counts a failure against the replica, as far as it counts against it.</summary>
    /// <param name="replica">The replica of this attempt.</param>
    /// <param name="blame">Against whom the failure counts.</param>
    /// <param name="request">The request, if its bytes are still kept.</param>
    internal void CountFailure(Replica replica, Blame blame, RequestRelay request)
    {
        if (blame != Blame.Nobody)
        {
            _doubted = blame == Blame.Doubtful ? replica : null;
            _service.Failures.CountFailure(replica, blame, FailedRoute.Of(request.KeptBytes), loop.Now);
        }
    }

    /// <summary>A replica has answered. If another one failed the same request before, the failure was not due to the request.</summary>
    internal readonly void CountAnswer(Replica replica, int status)
    {
        bool isFailure = _service.Settings.Retries.Has(status) || _service.Settings.EjectsOnStatus;
        _service.Failures.CountAnswer(replica, status, isFailure, loop.Now);
        if (_doubted is { } other && other != replica && status < 500)
        {
            _service.Failures.Confirm(other, loop.Now);
        }
    }

    /// <summary>Whether another attempt may follow after one that a replica has failed; if so, takes it out of the budget.</summary>
    /// <param name="request">The request.</param>
    /// <param name="response">The response of the last attempt.</param>
    /// <param name="replica">The replica that failed.</param>
    /// <param name="upstream">
    /// The stream to it; null where there was none. What has reached nobody is no load on anybody, and nothing that the budget has to spare the fleet.
    /// </param>
    /// <param name="isFree">
    /// Whether the attempt costs nothing of the budget: a pooled connection ended unanswered, or all attempts pause for a moment.
    /// </param>
    internal readonly bool TakeAnother(RequestRelay request, ResponseRelay response, Replica replica, UpstreamStream? upstream, bool isFree) =>
        (upstream is null || AreHarmless(request, response, upstream)) && AreLeft(request)
        && (upstream is null || isFree || _service.Permits.Take(replica));

    // The replica cannot have acted on the request, or acting twice does no harm (RFC 9110 §9.2.2). A part of a response does not matter for a method
    // that may act twice, if the client saw none of it.
    private readonly bool AreHarmless(RequestRelay request, ResponseRelay response, UpstreamStream upstream) =>
        Method.IsIdempotent() ? !response.IsSeen : request.IsUnsent(upstream) && !response.HasBegun;
}
