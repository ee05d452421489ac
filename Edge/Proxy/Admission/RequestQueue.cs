using System.Diagnostics;
using Edge.Config;
using Edge.Io;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>
/// How much of one service one loop lets through at a time, and the requests that wait until there is room: first in, first out, so many
/// and so long at most. The limits of the options are divided among the loops. Of other services it knows nothing.
/// </summary>
internal sealed class RequestQueue(LoopContext loop, ServiceState service, OverloadOptions options, int loops) : Deferrable
{
    private int _inFlightAtMost = Share(options.InFlight, loops);
    private int _perReplicaAtMost = Share(options.PerReplica, loops);
    private int _waitingAtMost = ShareOfQueue(options.Queue, loops);
    private long _patience = (long)options.QueueWait.TotalMilliseconds;
    private Exchange? _last;
    private long _heldUntil;

    /// <summary>Requests that hold a connection to a replica, or wait for one to be made.</summary>
    internal int InFlight { get; private set; }

    internal int Count { get; private set; }

    /// <summary>The request whose turn is next.</summary>
    internal Exchange? First { get; private set; }

    private bool HasRoom => InFlight < _inFlightAtMost && loop.Now >= _heldUntil;

    // Counts since the start.
    internal long Waited { get; private set; }

    internal long WaitedMilliseconds { get; private set; }

    /// <summary>A request is about to hold a connection to a replica.</summary>
    internal void BeginFlight() => InFlight++;

    /// <summary>It holds it no more, so there may be room for one that waits.</summary>
    internal void EndFlight()
    {
        Debug.Assert(InFlight > 0, "no more requests leave than have come");
        InFlight--;
        Invite();
    }

    /// <summary>Whether more than half of the allowed requests are in flight, in all or on one replica.</summary>
    internal bool IsCrowdedAt(in ReplicaCounters counters) => InFlight > _inFlightAtMost / 2 || counters.InFlight > _perReplicaAtMost / 2;

    private bool HasRoomAt(in ReplicaCounters counters) => counters.InFlight < _perReplicaAtMost;

    /// <summary>The next replica that has room for a request; null if there is none now.</summary>
    /// <param name="failed">A replica that has just failed the request.</param>
    /// <param name="isHopeless">Whether there is no replica at all, and none is on its way.</param>
    internal Replica? Pick(Replica? failed, out bool isHopeless)
    {
        Replica? replica = service.Pick(failed);
        isHopeless = replica is null && !service.Table.IsHealing;
        if (replica is null || !HasRoom)
        {
            return null;
        }

        for (int i = service.Table.Period; i > 0 && !HasRoomAt(replica!.CountersOf(loop.Number)); i--)
        {
            replica = i == 1 ? null : service.Table.Pick(ref service.Cursor);
        }

        return replica;
    }

    /// <summary>Whether a request may go to this replica now.</summary>
    internal bool HasRoomFor(Replica replica) => HasRoom && HasRoomAt(replica.CountersOf(loop.Number));

    /// <summary>Puts other limits into effect. Requests that wait stay, even if fewer may wait from now on.</summary>
    internal void Reconfigure(OverloadOptions changed)
    {
        _inFlightAtMost = Share(changed.InFlight, loops);
        _perReplicaAtMost = Share(changed.PerReplica, loops);
        _waitingAtMost = ShareOfQueue(changed.Queue, loops);
        _patience = (long)changed.QueueWait.TotalMilliseconds;
        Invite();
    }

    /// <summary>
    /// Pauses all attempts for a moment, or until there is another table, if a replica has refused a connection and no other is known to answer, or
    /// if all attempts of a request ended at once: replicas that died will soon be known to be dead, and are started again. Returns false if neither
    /// is the case.
    /// </summary>
    /// <param name="failure">The failure of the last attempt.</param>
    /// <param name="replica">The replica of the last attempt.</param>
    /// <param name="isBurst">Whether all attempts of the request were used up within a moment.</param>
    internal bool HoldsAfter(Failure failure, Replica replica, bool isBurst)
    {
        if (!failure.IsEnd || !service.Table.IsOwned || !(isBurst || (failure.Phase == Phase.Connect && !service.Permits.HasOtherThatAnswers(replica))))
        {
            return false;
        }

        _heldUntil = loop.Now + Limits.HoldMilliseconds;
        AwaitReopening();
        return true;
    }

    /// <summary>There is another table: the pause is over.</summary>
    internal void Reopen()
    {
        _heldUntil = 0;
        Invite();
    }

    /// <summary>Lets the requests that have waited longest look for room.</summary>
    internal void Invite()
    {
        if (First is not null)
        {
            // Not at once: the caller may be in the middle of another connection's event.
            loop.Defer(this);
        }
    }

    // As many as there is room for, but in one turn no more than events, so that other connections get their turn.
    internal override void OnDeferred()
    {
        for (int i = 0; i < Limits.EventsPerWait; i++)
        {
            if (First is not { } next || !next.TryGoOn())
            {
                return;
            }
        }

        Invite();
    }

    /// <summary>Puts a request at the end of the queue. False if the queue is full.</summary>
    /// <param name="exchange">The exchange; its timer ends the wait.</param>
    /// <param name="deadline">The deadline of the whole request.</param>
    internal bool TryEnter(Exchange exchange, long deadline)
    {
        Debug.Assert(!exchange.Waiting.IsTaken && !exchange.Timer.IsArmed, "a request waits once, and has nothing else to wait for");
        if (Count >= _waitingAtMost)
        {
            loop.Counters.TurnedAway++;
            return false;
        }

        long until = Math.Min(loop.Now + _patience, deadline);
        exchange.Waiting = new QueuePlace { IsTaken = true, Since = loop.Now, Until = until, After = _last };
        exchange.Accounting.BeginWait();
        if (_last is { } last)
        {
            last.Waiting.Before = exchange;
        }
        else
        {
            First = exchange;
        }

        _last = exchange;
        Count++;
        Waited++;
        loop.Counters.Waiting++;
        loop.Timers.Arm(exchange.Timer, until);
        AwaitReopening();
        return true;
    }

    /// <summary>The timer of a request has fired: its wait is over, or it is time for all waiting requests to look again.</summary>
    internal void OnTimer(Exchange exchange)
    {
        Debug.Assert(exchange.Waiting.IsTaken);
        if (loop.Now >= exchange.Waiting.Until)
        {
            exchange.TurnAway(isTimeout: true);
            return;
        }

        loop.Timers.Arm(exchange.Timer, exchange.Waiting.Until);
        Invite();
    }

    /// <summary>The failure of a request that found the queue full, or that waited too long.</summary>
    internal Failure FailureOf(bool isTimeout) => new(Party.Edge, service.Table.Period == 0 ? Phase.Pick : Phase.Wait, isTimeout);

    /// <summary>Removes a request from the queue, if it is there.</summary>
    internal void Leave(Exchange exchange)
    {
        ref QueuePlace place = ref exchange.Waiting;
        if (!place.IsTaken)
        {
            return;
        }

        exchange.Accounting.EndWait();
        exchange.Timer.Disarm();
        if (place.After is { } after)
        {
            after.Waiting.Before = place.Before;
        }
        else
        {
            First = place.Before;
        }

        if (place.Before is { } before)
        {
            before.Waiting.After = place.After;
        }
        else
        {
            _last = place.After;
        }

        WaitedMilliseconds += loop.Now - place.Since;
        place = default;
        Count--;
        loop.Counters.Waiting--;
        Debug.Assert(Count > 0 == First is not null && First is null == _last is null, "the queue has a first and a last request as long as it has any");
        AwaitReopening();
    }

    // During a pause, the timer of the first request ends the pause.
    private void AwaitReopening()
    {
        if (_heldUntil > loop.Now && First is { } first)
        {
            loop.Timers.Arm(first.Timer, Math.Min(_heldUntil, first.Waiting.Until));
        }
    }

    private static int ShareOfQueue(int limit, int loops) => limit == 0 ? 0 : Share(limit, loops);

    // Rounded up: a limit below the number of loops would otherwise stop some of them.
    private static int Share(int limit, int loops) => limit == 0 ? int.MaxValue : (limit + loops - 1) / loops;
}
