using System.Diagnostics;
using Edge.Io;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>
/// What one request says about a canary or about the replicas beside it: its first attempt is counted on one of the two sides, once. An exchange has one
/// as soon as one of its requests is compared, and uses it again.
/// </summary>
/// <param name="loop">Of the exchange.</param>
/// <param name="exchange">Called when the canary's time is over.</param>
internal sealed class Comparison(LoopContext loop, ITimerOwner exchange)
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    private CanaryFigures _figures = null!;
    private long _patience;
    private bool _isCounted;
    private bool _isError;

    /// <summary>The replica of the canary that is asked; null if an old one is.</summary>
    internal Replica? Fresh { get; private set; }

    /// <summary>When the canary has had the time for its answer.</summary>
    internal LoopTimer Timer { get; } = new(exchange);

    private ref CanaryCounters Counters => ref _figures.Of(loop.Number, Fresh is null ? CanarySide.Old : CanarySide.New);

    /// <summary>A request is about to be sent for the first time.</summary>
    /// <param name="figures">Where it counts.</param>
    /// <param name="fresh">See <see cref="Fresh"/>.</param>
    /// <param name="patience">How long a canary has for its answer, in milliseconds. What takes an old replica longer counts as it does for the canary.</param>
    internal void Begin(CanaryFigures figures, Replica? fresh, long patience)
    {
        Debug.Assert(!Timer.IsArmed, "the last request is over");
        (_figures, Fresh, _patience) = (figures, fresh, patience);
        _isCounted = _isError = false;
    }

    /// <summary>The canary's time runs from now on.</summary>
    internal void Arm() => loop.Timers.Arm(Timer, loop.Now + _patience);

    /// <summary>The head of the response has come.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="responding">Nanoseconds from the connection on.</param>
    internal void CountAnswer(int status, long responding)
    {
        _isError = status >= 500 || responding > _patience * NanosecondsPerMillisecond;
        Count();
        if (status is >= 400 and < 500)
        {
            Counters.ClientErrors++;
        }

        if (status < 500)
        {
            Counters.Response.Add(responding);
        }
    }

    /// <summary>The response will not come, or not its rest.</summary>
    internal void CountFailure()
    {
        if (!_isCounted)
        {
            _isError = true;
            Count();
        }
        else if (!_isError)
        {
            _isError = true;
            Counters.Errors++;
        }
    }

    private void Count()
    {
        Debug.Assert(!_isCounted, "an attempt counts once");
        _isCounted = true;
        Counters.Attempts++;
        Counters.Errors += _isError ? 1 : 0;
    }
}
