using Edge.Balancing;
using Edge.Http;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>The attempts to have one request answered: how many there were, how long they may take, and whether one more does no harm.</summary>
internal struct Attempts(ProxyLoop loop)
{
    private long _begun;
    private long _patienceEnds;
    private int _count;
    private Replica? _doubted;

    internal Method Method { get; private set; }

    /// <summary>When the whole exchange has to be over.</summary>
    internal readonly long Deadline => loop.Timeouts.Request == 0 ? Pollable.Never : _begun + loop.Timeouts.Request;

    internal void Begin(Method method)
    {
        Method = method;
        _begun = loop.Now;
        _count = 0;
        _doubted = null;
    }

    internal void Count() => _count++;

    /// <summary>The last one does not count: it met a replica that is about to be started again. How long there may be others is bounded all the same.</summary>
    internal void Forgive() => _count--;

    /// <summary>
    /// Whether an idle connection is looked at before it is used. A request that can't be repeated is not risked on one that the replica
    /// has closed already, and one that has failed on such a connection would fail on all that are left of a replica that died.
    /// </summary>
    internal readonly bool MustBeOpen => _count > 0 || !Method.IsIdempotent();

    internal readonly bool AreLeft(RequestRelay request) =>
        request.CanBeSentAgain && _count < loop.Retries.Attempts && loop.Now - _begun < loop.Retries.Within;

    /// <summary>Has the timer of an attempt's connection tell when the next step, or all of it, has taken too long.</summary>
    /// <param name="upstream">Whose timer.</param>
    /// <param name="atMost">Milliseconds for the next step.</param>
    /// <param name="notAfter">Another time at which to look.</param>
    internal void Arm(UpstreamConnection upstream, long atMost, long notAfter)
    {
        _patienceEnds = Math.Min(loop.Now + atMost, Deadline);
        Resume(upstream, notAfter);
    }

    /// <summary>As the other, for a step that has not taken too long yet.</summary>
    internal readonly void Resume(UpstreamConnection upstream, long notAfter) => loop.Timers.Arm(upstream, Math.Min(_patienceEnds, notAfter));

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
    /// <param name="upstream">The connection to it; null where there was none. What has reached nobody is no load on anybody, and nothing that the budget has to spare the fleet.</param>
    internal readonly bool TakeAnother(RequestRelay request, ResponseRelay response, Replica replica, UpstreamConnection? upstream) =>
        (upstream is null || AreHarmless(request, response, upstream)) && AreLeft(request) && (upstream is null || loop.Permits.Take(replica));

    // The replica can't have acted on the request, or acting twice does no harm (RFC 9110 §9.2.2). How much of an answer has come
    // does not matter to a method that may act twice, as long as the client saw none of it.
    private readonly bool AreHarmless(RequestRelay request, ResponseRelay response, UpstreamConnection upstream) =>
        Method.IsIdempotent() ? !response.IsSeen : request.IsUnsent(upstream) && !response.HasBegun;
}
