using System.Diagnostics;
using Edge.Config;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// The TLS handshakes of one loop. A step of a handshake costs as much as tens of requests, so a turn of the loop takes only a few steps, and the rest
/// wait: a flood of handshakes delays other clients' requests by little. Of handshakes that do not go on there are only so many, too: when one more
/// comes, the oldest ends, since a well-behaved client needs a moment only. On the loop's thread.
/// </summary>
internal sealed class Handshakes(LoopContext loop) : Deferrable
{
    private readonly Stack<Handshake> _free = new();
    private readonly Queue<Handshake> _waiting = new();
    private Handshake? _oldest;
    private Handshake? _newest;
    private int _stepsLeft = Limits.HandshakeStepsPerTurn;

    /// <summary>How many are under way.</summary>
    internal int Count { get; private set; }

    /// <summary>A client begins its handshake.</summary>
    internal Handshake Begin(IHandshaker client)
    {
        if (Count >= loop.Settings.HandshakesAtMost)
        {
            _oldest!.Client!.OnHandshakeGivenUp();
        }

        Handshake handshake = _free.TryPop(out Handshake? free) ? free : new Handshake();
        handshake.Client = client;
        handshake.Began = loop.Instant;
        handshake.Older = _newest;
        if (_newest is null)
        {
            _oldest = handshake;
        }
        else
        {
            _newest.Newer = handshake;
        }

        _newest = handshake;
        Count++;
        return handshake;
    }

    /// <summary>A handshake is over, well or not.</summary>
    internal void End(Handshake handshake)
    {
        Debug.Assert(handshake.Client is not null, "a handshake ends once");
        if (handshake.Older is null)
        {
            _oldest = handshake.Newer;
        }
        else
        {
            handshake.Older.Newer = handshake.Newer;
        }

        if (handshake.Newer is null)
        {
            _newest = handshake.Older;
        }
        else
        {
            handshake.Newer.Older = handshake.Older;
        }

        handshake.Older = handshake.Newer = null;
        handshake.Client = null;
        Count--;
        if (!handshake.IsWaiting)
        {
            // Otherwise it is still in the line, and is recycled when its turn comes.
            _free.Push(handshake);
        }
    }

    /// <summary>The client has sent something: goes on at once if the turn allows it, else in a later turn.</summary>
    internal void GoOn(Handshake handshake)
    {
        if (handshake.IsWaiting)
        {
            return;
        }

        if (_waiting.Count == 0 && TryTakeStep())
        {
            handshake.Client!.StepHandshake();
            return;
        }

        handshake.IsWaiting = true;
        _waiting.Enqueue(handshake);
        loop.Defer(this);
    }

    internal override void OnDeferred()
    {
        _stepsLeft = Limits.HandshakeStepsPerTurn;
        while (_waiting.TryPeek(out Handshake? handshake) && (handshake.Client is null || TryTakeStep()))
        {
            _waiting.Dequeue();
            handshake.IsWaiting = false;
            if (handshake.Client is { } client)
            {
                client.StepHandshake();
            }
            else
            {
                _free.Push(handshake);
            }
        }

        if (_waiting.Count > 0)
        {
            loop.Defer(this);
        }
    }

    private bool TryTakeStep()
    {
        if (_stepsLeft == 0)
        {
            return false;
        }

        if (_stepsLeft-- == Limits.HandshakeStepsPerTurn)
        {
            // The next turn has all of its steps again.
            loop.Defer(this);
        }

        return true;
    }
}
