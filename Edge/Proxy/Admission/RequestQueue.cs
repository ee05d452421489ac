using System.Diagnostics;
using Edge.Config;
using Edge.Io;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>
/// How much of one service one loop lets through at a time, and the requests that wait until there is room: first in, first out, so many
/// and so long at most. The limits of the options are divided among the loops. Of other services it knows nothing.
/// </summary>
/// <param name="loop">Whose it is.</param>
/// <param name="replicas">Picks the service's replicas.</param>
/// <param name="permits">For the service's retries.</param>
/// <param name="settings">Those of the service.</param>
/// <param name="counts">Where the loop counts for the service; null for the default one.</param>
/// <param name="wake">Called, on the loop's thread, when a request has come for the service while it is asleep; once, until it is awake again.</param>
internal sealed class RequestQueue(
    LoopContext loop, ReplicaPicker replicas, RetryPermits permits, ServiceSettings settings, ServiceBlock? counts, Action wake) : Deferrable
{
    private QueuePlace? _first;
    private QueuePlace? _last;
    private long _heldUntil;
    private bool _isAsleep;
    private bool _hasCalled;
    private WakeWindow _window = new();

    // Less than in the settings just after the service has woken.
    private int _perReplicaAtMost = settings.PerReplicaAtMost;

    // 0 while no request may go to a replica.
    private int _inFlightAtMost = settings.InFlightAtMost;

    /// <summary>Those of the service.</summary>
    internal ServiceSettings Settings { get; private set; } = settings;

    /// <summary>What the loop counts for the service's requests.</summary>
    internal ref ServiceCounters Counters
    {
        get
        {
            if (counts is not null)
            {
                return ref counts.Counters;
            }

            return ref loop.Counters.Requests;
        }
    }

    /// <summary>Requests that hold a connection to a replica, or wait for one to be made.</summary>
    internal int InFlight { get; private set; }

    internal int Count { get; private set; }

    internal bool IsEmpty => _first is null;

    /// <summary>Whether there is any replica that a request could wait for.</summary>
    internal bool HasReplicas => replicas.Table.Period > 0;

    /// <summary>Whether requests go to replicas.</summary>
    internal ServiceMode Mode { get; private set; }

    private bool HasRoom => InFlight < _inFlightAtMost && loop.Now >= _heldUntil;

    /// <summary>How long a request that comes now waits at most.</summary>
    private long WaitAtMost => Mode == ServiceMode.Paused ? Settings.PauseWait : _isAsleep ? Settings.WakeWait : Settings.QueueWait;

    /// <summary>
    /// The requests in flight on replicas, added up over the time, in microseconds and without tunnels; only while <see cref="Measure"/> is called.
    /// </summary>
    internal long Busy { get; private set; }

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
        if (_first is not null)
        {
            if (_window.IsOpen)
            {
                _window.CountEnd(replicas.Table.Count, FailuresOfReplicas());
                NoteLimits();
            }

            loop.Defer(this);
        }
    }

    /// <summary>So many microseconds have passed, in which as many requests were in flight as now.</summary>
    internal void Measure(long microseconds) => Busy += (InFlight - Counters.Tunnels) * microseconds;

    /// <summary>A request has come for the service while it is asleep: it is a reason to wake, unless the service is paused or stopped.</summary>
    internal void Wake()
    {
        if (Mode == ServiceMode.Open && !_hasCalled)
        {
            _hasCalled = true;
            wake();
        }
    }

    private void NoteLimits() => _perReplicaAtMost = Math.Min(Settings.PerReplicaAtMost, _window.Limit);

    private long FailuresOfReplicas()
    {
        long sum = 0;
        foreach (Replica replica in replicas.Table.Replicas)
        {
            sum += replica.CountersOf(loop.Number).Failures;
        }

        return sum;
    }

    /// <summary>Whether more than half of the allowed requests are in flight, in all or on one replica.</summary>
    internal bool IsCrowdedAt(in ReplicaCounters counters) => InFlight > Settings.InFlightAtMost / 2 || counters.InFlight > Settings.PerReplicaAtMost / 2;

    private bool HasRoomAt(in ReplicaCounters counters) => counters.InFlight < _perReplicaAtMost;

    /// <summary>The next replica that has room for a request; null if there is none now.</summary>
    /// <param name="failed">A replica that has just failed the request.</param>
    /// <param name="isHopeless">Whether there is nothing to wait for: no replica at all, and none on its way; or the service is stopped.</param>
    internal Replica? Pick(Replica? failed, out bool isHopeless)
    {
        Replica? replica = replicas.Pick(failed);
        isHopeless = replica is null && !replicas.Table.IsHealing;
        if (replica is null || !HasRoom)
        {
            isHopeless = Mode == ServiceMode.Open ? isHopeless : Mode == ServiceMode.Stopped;
            return null;
        }

        for (int i = replicas.Table.Period; i > 0 && !HasRoomAt(replica!.CountersOf(loop.Number)); i--)
        {
            replica = i == 1 ? null : replicas.Next();
        }

        return replica;
    }

    /// <summary>A replica of the canary that has room for one more request; null if there is none. Nobody waits for that.</summary>
    internal Replica? PickNew(CanaryPicker canary)
    {
        for (int i = canary.Count; i > 0; i--)
        {
            Replica? replica = canary.Next();
            if (replica is not null && HasRoomAt(replica.CountersOf(loop.Number)) && !IsAhead(replica.CountersOf(loop.Number).InFlight, canary))
            {
                return replica;
            }
        }

        return null;
    }

    // Whether a new replica has more than twice as much in flight as it would have if all replicas had equally much, or if the new ones had their share of
    // all that is in flight.
    private bool IsAhead(long inFlight, CanaryPicker canary) => inFlight >= Limits.CanaryInFlight
        && (inFlight * (replicas.Table.Count + canary.Count) > 2L * InFlight || inFlight * canary.Count * Canary.Whole > 2L * canary.Share * InFlight);

    /// <summary>Whether as many requests are in flight on this replica as may be.</summary>
    internal bool IsFull(Replica replica) => !HasRoomAt(replica.CountersOf(loop.Number));

    /// <summary>Whether a request may go to this replica now.</summary>
    internal bool HasRoomFor(Replica replica) => HasRoom && HasRoomAt(replica.CountersOf(loop.Number));

    /// <summary>The service has other settings. Requests that wait stay, even if fewer may wait from now on.</summary>
    internal void Reconfigure(ServiceSettings settings)
    {
        Settings = settings;
        _inFlightAtMost = Mode == ServiceMode.Open ? settings.InFlightAtMost : 0;
        NoteLimits();
        Invite();
    }

    /// <summary>
    /// From now on requests go to replicas, or do not. In a pause, those that wait may wait longer than for room; behind it they have the time for that once
    /// more, because all of them want room then.
    /// </summary>
    internal void Enter(ServiceMode mode)
    {
        Mode = mode;
        _inFlightAtMost = mode == ServiceMode.Open ? Settings.InFlightAtMost : 0;
        Prolong(mode == ServiceMode.Paused);
        if (_isAsleep && _first is not null)
        {
            Wake();
        }

        AwaitReopening();
        Invite();
    }

    /// <summary>
    /// Pauses all attempts for a moment, or until there is another table, if a replica has refused a connection and no other is known to answer, or
    /// if all attempts of a request ended at once: replicas that died will soon be known to be dead, and are started again. Returns false if neither
    /// is the case. To be asked when a replica has ended the connection, or it broke.
    /// </summary>
    /// <param name="replica">The replica of the last attempt.</param>
    /// <param name="isRefused">Whether the connection was never made.</param>
    /// <param name="isBurst">Whether all attempts of the request were used up within a moment.</param>
    internal bool HoldsAfter(Replica replica, bool isRefused, bool isBurst)
    {
        if (!replicas.Table.IsOwned || !(isBurst || (isRefused && !permits.HasOtherThatAnswers(replica))))
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
        if (replicas.Table.IsAsleep || _isAsleep)
        {
            FallAsleepOrWake();
        }

        Invite();
    }

    // The service has fallen asleep, or has woken. Those that wait may wait on: for the wake as long as for that, and behind it as long as for room.
    private void FallAsleepOrWake()
    {
        // Of two tables that say that it is asleep, the second may be that of another sleep, which has to be ended once more.
        _isAsleep = replicas.Table.IsAsleep;
        _hasCalled = false;
        if (_isAsleep)
        {
            _window.Close();
            Prolong(isPaused: Mode == ServiceMode.Paused);
            if (_first is not null)
            {
                Wake();
            }
        }
        else if (HasReplicas && _first is not null)
        {
            _window.Open(Settings.AdmittedAtFirst, FailuresOfReplicas());
            Prolong(isPaused: Mode == ServiceMode.Paused);
        }

        NoteLimits();
    }

    private void Prolong(bool isPaused)
    {
        for (QueuePlace? place = _first; place is not null; place = place.Before)
        {
            place.WaitUntil(isPaused ? place.Since + Settings.PauseWait : _isAsleep ? place.Since + Settings.WakeWait : loop.Now + Settings.QueueWait);
            loop.Timers.Arm(place.Timer, place.Until);
        }
    }

    /// <summary>Lets the requests that have waited longest look for room.</summary>
    internal void Invite()
    {
        if (_first is not null)
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
            if (_first is not { } next || !next.Request.TryGoOn())
            {
                return;
            }
        }

        Invite();
    }

    /// <summary>Puts a request at the end of the queue. False if the queue is full.</summary>
    /// <param name="place">That of the request; its timer ends the wait.</param>
    /// <param name="deadline">The deadline of the whole request.</param>
    internal bool TryEnter(QueuePlace place, long deadline)
    {
        Debug.Assert(!place.IsTaken && !place.Timer.IsArmed, "a request waits once, and has nothing else to wait for");
        if (Count >= Settings.WaitingAtMost)
        {
            Counters.TurnedAway++;
            return false;
        }

        place.Take(loop.Now, deadline, after: _last);
        place.WaitUntil(loop.Now + WaitAtMost);
        if (_last is { } last)
        {
            last.Before = place;
        }
        else
        {
            _first = place;
        }

        _last = place;
        Count++;
        Waited++;
        Counters.Waiting++;
        loop.Timers.Arm(place.Timer, place.Until);
        AwaitReopening();
        if (_isAsleep)
        {
            Wake();
        }

        return true;
    }

    /// <summary>The timer of a request has fired: its wait is over, or it is time for all waiting requests to look again.</summary>
    internal void OnTimer(QueuePlace place)
    {
        Debug.Assert(place.IsTaken);
        if (loop.Now >= place.Until)
        {
            place.Request.TurnAway(isTimeout: true);
            return;
        }

        loop.Timers.Arm(place.Timer, place.Until);
        Invite();
    }

    /// <summary>Removes a request from the queue, if it is there.</summary>
    internal void Leave(QueuePlace place)
    {
        if (!place.IsTaken)
        {
            return;
        }

        if (place.After is { } after)
        {
            after.Before = place.Before;
        }
        else
        {
            _first = place.Before;
        }

        if (place.Before is { } before)
        {
            before.After = place.After;
        }
        else
        {
            _last = place.After;
        }

        WaitedMilliseconds += loop.Now - place.Since;
        place.Leave();
        Count--;
        Counters.Waiting--;
        if (_window.IsOpen && Count == 0)
        {
            _window.Close();
            NoteLimits();
        }

        Debug.Assert(Count > 0 == _first is not null && _first is null == _last is null, "the queue has a first and a last request as long as it has any");
        AwaitReopening();
    }

    // During a pause, the timer of the first request ends the pause.
    private void AwaitReopening()
    {
        if (_heldUntil > loop.Now && _first is { } first)
        {
            loop.Timers.Arm(first.Timer, Math.Min(_heldUntil, first.Until));
        }
    }
}
