using System.Runtime.CompilerServices;
using Edge.Config;
using Edge.Http;
using Edge.Io;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>The attempts to have one request answered: how many there were, how long they may take, and whether one more does no harm.</summary>
internal struct Attempts(LoopContext loop)
{
    private long _begun;
    private long _patienceEnds;
    private long _attemptBegun;
    private int _count;
    private Replica? _again;
    private bool _mustBeNew;
    private Replica? _doubted;
    private ServiceState _service = null!;

    internal Method Method { get; private set; }

    /// <summary>When the whole exchange has to be over.</summary>
    internal readonly long Deadline => loop.Timeouts.Request == 0 ? Pollable.Never : _begun + loop.Timeouts.Request;

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

    /// <summary>Looks for a replica that has room for the request, and for a stream to it.</summary>
    /// <param name="client">Whose request it is.</param>
    /// <param name="failed">One that has failed the request just now.</param>
    /// <param name="way">Both, where they are found.</param>
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

    // As the other, for a request that has a replica: that of its client's connection, or the one that it is to be sent to again.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly TargetSearch FindOwn(ClientStream client, Replica? failed, out AttemptTarget way)
    {
        way = default;
        if (client.Held is { } held && (!_service.Table.Has(held.Pool.Replica) || !held.IsQuiet()))
        {
            held.LetGo();
        }

        Replica? replica = client.Held?.Pool.Replica ?? _again;
        if (replica is null || !_service.Table.Has(replica))
        {
            replica = _service.Queue.Pick(failed, out bool isHopeless);
            return replica is not null ? Connect(replica, out way) : isHopeless ? TargetSearch.Hopeless : TargetSearch.Waits;
        }

        if (!_service.Queue.HasRoomFor(replica))
        {
            return TargetSearch.Waits;
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
        return outOfResources && (loop.TryCloseIdle(_service.Queue) || _service.Queue.InFlight > 0) ? TargetSearch.Waits : TargetSearch.Found;
    }

    internal void Count()
    {
        _count++;
        _again = null;
        _attemptBegun = loop.Now;
    }

    /// <summary>The last one does not count: it met a replica that is about to be started again. How long there may be others is bounded all the same.</summary>
    internal void Forgive() => _count--;

    /// <summary>Whether all of them were used up within a moment: what they met is one event, as the end of all replicas at once, and not a fleet that fails.</summary>
    internal readonly bool AreBurst => _count > 1 && _count >= loop.Retries.Attempts && loop.Now - _begun < Limits.BurstMilliseconds;

    /// <summary>The last one has just begun: what has ended by now was about to end, or had ended, before.</summary>
    internal readonly bool HasJustBegun => loop.Now - _attemptBegun < Limits.StaleMilliseconds;

    /// <summary>
    /// The last one does not count: it met a connection that the replica had closed while it was idle, which says nothing about the
    /// replica. The same one is asked again, and over a new connection from now on, since all that idle may have been closed alike: so
    /// a request meets such a connection once.
    /// </summary>
    internal void ForgiveStale(Replica replica)
    {
        Forgive();
        _again = replica;
        _mustBeNew = true;
    }

    /// <summary>
    /// Whether an idle connection is looked at before it is used. A request that can't be repeated is not risked on one that the replica
    /// has closed already, and one that has failed on such a connection would fail on all that are left of a replica that died.
    /// </summary>
    private readonly bool MustBeOpen => _count > 0 || !Method.IsIdempotent();

    internal readonly bool AreLeft(RequestRelay request) =>
        request.CanBeSentAgain && _count < loop.Retries.Attempts && loop.Now - _begun < loop.Retries.Within;

    /// <summary>Has the exchange's timer tell when the next step, or all of it, has taken too long.</summary>
    /// <param name="timer">The exchange's.</param>
    /// <param name="atMost">Milliseconds for the next step.</param>
    /// <param name="notAfter">Another time at which to look.</param>
    internal void Arm(LoopTimer timer, long atMost, long notAfter)
    {
        _patienceEnds = Math.Min(loop.Now + atMost, Deadline);
        Resume(timer, notAfter);
    }

    /// <summary>As the other, for a step that has not taken too long yet.</summary>
    internal readonly void Resume(LoopTimer timer, long notAfter) => loop.Timers.Arm(timer, Math.Min(_patienceEnds, notAfter));

    /// <summary>The step has taken too long.</summary>
    internal readonly bool IsOverdue => loop.Now >= _patienceEnds;

    /// <summary>Holds a failure against the replica, as far as it speaks against it.</summary>
    /// <param name="replica">Of this attempt.</param>
    /// <param name="blame">Against whom the failure speaks.</param>
    /// <param name="request">What was asked, if that is still kept.</param>
    internal void CountFailure(Replica replica, Blame blame, RequestRelay request)
    {
        if (blame != Blame.Nobody)
        {
            _doubted = blame == Blame.Doubtful ? replica : null;
            loop.Failures.CountFailure(replica, blame, FailedRoute.Of(request.KeptBytes), loop.Now);
        }
    }

    /// <summary>A replica has answered. Where another one failed the same request before, it was not the request's fault.</summary>
    internal readonly void CountAnswer(Replica replica, int status)
    {
        bool isFailure = loop.Retries.Has(status);
        loop.Failures.CountAnswer(replica, status, isFailure, loop.Now);
        if (_doubted is { } other && other != replica && status < 500)
        {
            loop.Failures.Confirm(other, loop.Now);
        }
    }

    /// <summary>Whether there is to be one more after one that a replica has failed; takes it out of the budget.</summary>
    /// <param name="request">Of all attempts.</param>
    /// <param name="response">Of the last one.</param>
    /// <param name="replica">Which has failed.</param>
    /// <param name="upstream">The stream to it; null where there was none. What has reached nobody is no load on anybody, and nothing that the budget has to spare the fleet.</param>
    /// <param name="isFree">Whether it costs nothing of the budget either: the connection was from the pool and ended unanswered, or nobody is asked for a moment.</param>
    internal readonly bool TakeAnother(RequestRelay request, ResponseRelay response, Replica replica, UpstreamStream? upstream, bool isFree) =>
        (upstream is null || AreHarmless(request, response, upstream)) && AreLeft(request)
        && (upstream is null || isFree || _service.Permits.Take(replica));

    // The replica can't have acted on the request, or acting twice does no harm (RFC 9110 §9.2.2). How much of an answer has come
    // does not matter to a method that may act twice, as long as the client saw none of it.
    private readonly bool AreHarmless(RequestRelay request, ResponseRelay response, UpstreamStream upstream) =>
        Method.IsIdempotent() ? !response.IsSeen : request.IsUnsent(upstream) && !response.HasBegun;
}
