using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Edge.Config;

namespace Edge.Io;

/// <summary>
/// One thread, one epoll(7) instance, and the descriptors that belong to it. All members except <see cref="Post"/> are for the loop's own thread. The
/// loop knows no protocol.
/// </summary>
internal abstract unsafe class EventLoop : IDisposable
{
    // The kernel packs epoll_event on x86-64 only (epoll_ctl(2)).
    private static readonly int s_eventStride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int s_eventDataOffset = s_eventStride - 8;

    /// <summary>Events between two readings of the clock in one turn.</summary>
    private const int EventsPerReading = 16;

    private readonly int _epoll;
    private readonly WakeUp _wakeUp;
    private readonly byte* _events;

    // Without a bound: it is emptied each turn, and who posts waits for the outcome. A change of the fleet or of the options posts a few actions; a
    // request for one of the balancer's own paths posts one, when its answer is there, and there are no more of those than connections.
    private readonly ConcurrentQueue<Action> _mailbox = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _name;
    private int _wakePending;
    private Pollable?[] _slots = new Pollable?[256];
    private int[] _freeSlots = new int[256];
    private int _freeSlotCount;
    private int _slotsUsed;
    private uint _nextGeneration;
    private Deferrable? _deferredHead;
    private Deferrable? _deferredTail;
    private Pollable? _closedHead;
    private long _turnEnded;
    private bool _batchesSends;
    private bool _stopping;
    private TlsEngine? _tls;

    /// <param name="name">Of its thread.</param>
    /// <param name="batchesSends">Whether the posts of connections go out together at the end of a turn, if the kernel grants a ring.</param>
    protected EventLoop(string name, bool batchesSends = false)
    {
        _name = name;
        _batchesSends = batchesSends;
        _epoll = Libc.epoll_create1(Libc.EPOLL_CLOEXEC);
        if (_epoll < 0)
        {
            throw new Win32Exception(Libc.Errno, "epoll_create1");
        }

        ReadClock();
        _turnEnded = Instant;
        Timers = new TimerWheel(Now);
        _events = (byte*)NativeMemory.Alloc((nuint)(Limits.EventsPerWait * s_eventStride));
        _wakeUp = new WakeUp(RunMailbox);
        Register(_wakeUp, Libc.EPOLLIN);
    }

    /// <summary>The descriptor of its epoll(7) instance, open for as long as the loop is.</summary>
    internal int Descriptor => _epoll;

    /// <summary>A monotonic clock in milliseconds, read once a turn.</summary>
    internal long Now { get; private set; }

    /// <summary>
    /// The same clock in nanoseconds, for measuring. It is read at the beginning of a turn and after every few events, so it is late by at most the
    /// time that these events take.
    /// </summary>
    internal long Instant { get; private set; }

    internal TimerWheel Timers { get; }

    internal DeferredRegistration DeferredRegistration { get; } = new();

    internal BufferPool Buffers { get; } = new();

    /// <summary>What the TLS sessions of the loop share; made with the first of them.</summary>
    internal TlsEngine Tls => _tls ??= new TlsEngine();

    /// <summary>The sends and closes that are made at the end of the turn.</summary>
    internal SendBatch SendBatch { get; } = new();

    /// <summary>Completes when the loop's thread has ended. It never faults: an exception that leaves a loop ends the process.</summary>
    internal Task Ended => _ended.Task;

    /// <summary>Descriptors registered now, the loop's own wake-up included.</summary>
    internal int Registered => _slotsUsed - _freeSlotCount;

    internal void Start() =>
        new Thread(Run) { IsBackground = true, Name = _name }.Start();

    /// <summary>Runs on the caller's thread until <see cref="Stop"/>.</summary>
    internal void Run()
    {
        while (!_stopping)
        {
            Turn();
        }

        ReleaseClosed();
        OnStopped();
        SendBatch.Flush();
        _ended.SetResult();
    }

    /// <summary>Runs the action on the loop's thread, in the next turn. If the loop has ended, it never runs. From any thread, at any time.</summary>
    internal void Post(Action action)
    {
        _mailbox.Enqueue(action);
        if (Interlocked.Exchange(ref _wakePending, 1) == 0)
        {
            _wakeUp.Signal();
        }
    }

    /// <summary>The loop's thread ends with this turn.</summary>
    internal void Stop() => _stopping = true;

    /// <summary>Adds the descriptor in <see cref="Pollable.Fd"/> to the loop, and begins to watch it.</summary>
    internal void Register(Pollable pollable, uint events)
    {
        Enter(pollable);
        Watch(pollable, events);
    }

    /// <summary>Adds the descriptor in <see cref="Pollable.Fd"/> to the loop, without watching it.</summary>
    internal void Enter(Pollable pollable)
    {
        int slot = _freeSlotCount > 0 ? _freeSlots[--_freeSlotCount] : NewSlot();
        Debug.Assert(_slots[slot] is null && pollable is { Fd: >= 0, Slot: < 0, Deferred: false }, "a descriptor is taken in once");
        _slots[slot] = pollable;
        pollable.Slot = slot;
        pollable.Generation = ++_nextGeneration;
        pollable.Closed = pollable.IsWatched = false;
    }

    /// <summary>Begins or resumes watching a descriptor; without events, pauses it.</summary>
    internal void Watch(Pollable pollable, uint events)
    {
        pollable.IsWatched = events != 0;
        Control(events == 0 ? Libc.EPOLL_CTL_DEL : Libc.EPOLL_CTL_ADD, pollable, events);
    }

    /// <summary>Closes the descriptor, at once or at the end of the turn. The object lives until the turn ends. Closing twice is harmless.</summary>
    internal void Close(Pollable pollable, bool withTurn = false)
    {
        if (pollable.Closed)
        {
            return;
        }

        pollable.Closed = true;
        if (pollable.TimerIfAny is { } timer)
        {
            Timers.Remove(timer);
        }

        if (withTurn && SendBatch.IsOpen)
        {
            SendBatch.Close(pollable.Fd);
        }
        else
        {
            Libc.close(pollable.Fd);
        }

        pollable.Fd = -1;
        pollable.ClosedNext = _closedHead;
        _closedHead = pollable;
    }

    /// <summary>Calls <see cref="Deferrable.OnDeferred"/> once, after this turn's events; not if the object is closed by then.</summary>
    internal void Defer(Deferrable what)
    {
        if (what.Deferred)
        {
            return;
        }

        what.Deferred = true;
        what.DeferredNext = null;
        if (_deferredTail is { } tail)
        {
            tail.DeferredNext = what;
        }
        else
        {
            _deferredHead = what;
        }

        _deferredTail = what;
    }

    public void Dispose()
    {
        _wakeUp.Close();
        Libc.close(_epoll);
        SendBatch.Dispose();
        _tls?.Dispose();
        NativeMemory.Free(_events);
        Buffers.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The registered ones of a type; for shutdown, not for the hot path.</summary>
    protected IEnumerable<T> RegisteredOf<T>() where T : Pollable => _slots.OfType<T>().Where(p => !p.Closed).ToArray();

    /// <summary>The descriptor of this slot and generation, or null where it is closed by now.</summary>
    internal Pollable? Find(int slot, uint generation) =>
        (uint)slot < (uint)_slots.Length && _slots[slot] is { Closed: false } p && p.Generation == generation ? p : null;

    /// <summary>A turn begins; the clock has been read.</summary>
    protected virtual void OnTurn()
    {
    }

    /// <summary>A turn has ended, with these times in nanoseconds.</summary>
    /// <param name="waited">For events.</param>
    /// <param name="worked">For the events and everything else.</param>
    protected virtual void OnTurnEnded(long waited, long worked)
    {
    }

    /// <summary>The loop has ended: the last call on its thread.</summary>
    protected virtual void OnStopped()
    {
    }

    /// <summary>One wait, and the events that it returned. Code that does not run the loop may call this by hand, always on one thread.</summary>
    /// <param name="waits">Whether it waits until there is something to do.</param>
    internal void Turn(bool waits = true)
    {
        if (_batchesSends)
        {
            // Here, because a ring belongs to the thread that makes it.
            _batchesSends = false;
            SendBatch.Open();
        }

        int wait = waits && _deferredHead is null ? DeferredRegistration.Bound(Timers.MillisecondsToNext(Now), Now) : 0;
        int count = Libc.epoll_wait(_epoll, _events, Limits.EventsPerWait, wait);
        ReadClock();
        long began = Instant;
        if (count < 0)
        {
            if (Marshal.GetLastPInvokeError() is int errno and not Libc.EINTR)
            {
                throw new Win32Exception(errno, "epoll_wait");
            }

            return;
        }

        OnTurn();
        for (int i = 0; i < count; i++)
        {
            if (i % EventsPerReading == EventsPerReading - 1)
            {
                Instant = Stopwatch.GetTimestamp();
            }

            byte* record = _events + i * s_eventStride;
            uint events = Unsafe.ReadUnaligned<uint>(record);
            ulong data = Unsafe.ReadUnaligned<ulong>(record + s_eventDataOffset);
            Pollable? pollable = _slots[(uint)data];
            if (pollable is { Closed: false } && pollable.Generation == (uint)(data >> 32))
            {
                pollable.OnReady(events);
            }
        }

        RunDeferred();
        Timers.Advance(Now);
        DeferredRegistration.Advance(Now);
        SendBatch.Flush();
        ReleaseClosed();
        Instant = Stopwatch.GetTimestamp();
        OnTurnEnded(began - _turnEnded, Instant - began);
        _turnEnded = Instant;
    }

    // Stopwatch counts nanoseconds on Linux, from the same start as Environment.TickCount64.
    private void ReadClock()
    {
        Instant = Stopwatch.GetTimestamp();
        Now = Instant / 1_000_000;
    }

    private void RunDeferred()
    {
        // Only the objects that were deferred before this moment: an object that defers itself again waits for the next turn, behind new events.
        Deferrable? next = _deferredHead;
        _deferredHead = null;
        _deferredTail = null;
        while (next is { } what)
        {
            next = what.DeferredNext;
            what.DeferredNext = null;
            what.Deferred = false;
            if (what is not Pollable { Closed: true })
            {
                what.OnDeferred();
            }
        }
    }

    private void ReleaseClosed()
    {
        Pollable? next = _closedHead;
        _closedHead = null;
        while (next is { } pollable)
        {
            next = pollable.ClosedNext;
            pollable.ClosedNext = null;
            if (pollable.Deferred)
            {
                // It is still in the list of deferred objects, and leaves that list first.
                pollable.ClosedNext = _closedHead;
                _closedHead = pollable;
                continue;
            }

            Debug.Assert(_slots[pollable.Slot] == pollable && pollable.Closed, "what is released was closed, and its slot is its own");
            _slots[pollable.Slot] = null;
            if (_freeSlotCount == _freeSlots.Length)
            {
                Array.Resize(ref _freeSlots, _freeSlots.Length * 2);
            }

            _freeSlots[_freeSlotCount++] = pollable.Slot;
            pollable.Slot = -1;
            pollable.OnReleased();
        }
    }

    private int NewSlot()
    {
        if (_slotsUsed == _slots.Length)
        {
            Array.Resize(ref _slots, _slots.Length * 2);
        }

        return _slotsUsed++;
    }

    private void Control(int operation, Pollable pollable, uint events)
    {
        byte* record = stackalloc byte[16];
        Unsafe.WriteUnaligned(record, events);
        Unsafe.WriteUnaligned(record + s_eventDataOffset, (ulong)pollable.Generation << 32 | (uint)pollable.Slot);
        if (Libc.epoll_ctl(_epoll, operation, pollable.Fd, record) < 0)
        {
            throw new Win32Exception(Libc.Errno, "epoll_ctl");
        }
    }

    private void RunMailbox()
    {
        // Cleared before the mailbox is emptied: a sender that comes after the last dequeue sees 0 and signals again.
        Interlocked.Exchange(ref _wakePending, 0);
        while (_mailbox.TryDequeue(out Action? action))
        {
            action();
        }
    }
}
