using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Edge.Io;

/// <summary>
/// The timers of one loop. A hashed wheel (Varghese and Lauck, 1987), made lazy: to move a deadline later, as every request does with an idle
/// timeout, is a store to a field; the entry is moved when its old time comes.
/// </summary>
internal sealed class TimerWheel
{
    internal const int TickMilliseconds = 16;
    private const int Slots = 1024;

    private readonly LoopTimer?[] _heads = new LoopTimer?[Slots];
    private readonly ulong[] _occupied = new ulong[Slots / 64];

    // Which of these words have a bit.
    private uint _words;
    private long _tick;

    internal TimerWheel(long now) => _tick = now / TickMilliseconds;

    /// <summary>Sets the deadline of a descriptor's own timer.</summary>
    internal void Arm(Pollable owner, long deadline) => Arm(owner.Timer, deadline);

    /// <summary>Sets the deadline, in the loop's milliseconds; <see cref="LoopTimer.Never"/> disarms.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Arm(LoopTimer entry, long deadline)
    {
        entry.Deadline = deadline;

        // Nearly always it is in the wheel already, for an earlier time, and is looked at then.
        if (deadline != LoopTimer.Never && (entry.Tick == 0 || entry.Tick * TickMilliseconds > deadline))
        {
            Place(entry, TickOf(deadline));
        }
    }

    private void Place(LoopTimer entry, long tick)
    {
        if (entry.Tick != 0)
        {
            if (entry.Tick <= tick)
            {
                return;
            }

            Unlink(entry);
        }

        Link(entry, tick);
    }

    /// <summary>Takes the entry out of the wheel, for example before its memory is used again.</summary>
    internal void Remove(LoopTimer entry)
    {
        entry.Disarm();
        if (entry.Tick != 0)
        {
            Unlink(entry);
        }
    }

    /// <summary>Calls <see cref="LoopTimer.Expire"/> of all entries that are due.</summary>
    internal void Advance(long now)
    {
        long target = now / TickMilliseconds;
        if (target - _tick > Slots)
        {
            // After a long wait every slot is looked at once, not once for each tick that passed.
            _tick = target - Slots;
        }

        while (_tick < target)
        {
            _tick++;
            int slot = (int)(_tick % Slots);
            // One at a time from the head: a callback may close, and so unlink, any other entry of the same list.
            while (_heads[slot] is { } entry && entry.Tick <= _tick)
            {
                Unlink(entry);
                Expire(entry, now);
            }
        }
    }

    /// <summary>How many milliseconds a wait may last until the next entry has to be looked at; -1 for ever.</summary>
    internal int MillisecondsToNext(long now)
    {
        int start = (int)((_tick + 1) % Slots), word = start / 64;
        ulong bits = _occupied[word] & (ulong.MaxValue << (start % 64));
        if (bits == 0)
        {
            // The words behind it; else, around the wheel, those before it and the rest of its own.
            uint behind = _words & (uint.MaxValue << word << 1);
            uint words = behind != 0 ? behind : _words & ((2u << word) - 1);
            if (words == 0)
            {
                return -1;
            }

            word = BitOperations.TrailingZeroCount(words);
            bits = _occupied[word];
        }

        int slot = word * 64 + BitOperations.TrailingZeroCount(bits);
        int ahead = (slot - start + Slots) % Slots;
        long due = (_tick + 1 + ahead) * TickMilliseconds;
        return (int)Math.Max(0, due - now);
    }

    private void Expire(LoopTimer entry, long now)
    {
        if (!entry.IsArmed)
        {
            return;
        }

        if (entry.Deadline > now)
        {
            Link(entry, TickOf(entry.Deadline));
            return;
        }

        entry.Expire();
    }

    // Rounded up, so that no timer fires early. Never the current tick, because its slot may be the one that is being emptied.
    private long TickOf(long deadline) =>
        Math.Clamp((deadline + TickMilliseconds - 1) / TickMilliseconds, _tick + 1, _tick + Slots - 1);

    private void Link(LoopTimer entry, long tick)
    {
        Debug.Assert(entry is { Tick: 0, Next: null, Previous: null } && tick > _tick, "a timer is in one list at most, and not in one of the past");
        int slot = (int)(tick % Slots);
        entry.Tick = tick;
        entry.Previous = null;
        entry.Next = _heads[slot];
        if (entry.Next is { } next)
        {
            next.Previous = entry;
        }

        _heads[slot] = entry;
        _occupied[slot / 64] |= 1UL << (slot % 64);
        _words |= 1u << (slot / 64);
    }

    private void Unlink(LoopTimer entry)
    {
        Debug.Assert(entry.Tick != 0 && (entry.Previous is not null || _heads[entry.Tick % Slots] == entry), "the timer is in the list of its tick");
        int slot = (int)(entry.Tick % Slots);
        if (entry.Previous is { } previous)
        {
            previous.Next = entry.Next;
        }
        else
        {
            _heads[slot] = entry.Next;
        }

        if (entry.Next is { } next)
        {
            next.Previous = entry.Previous;
        }

        entry.Next = null;
        entry.Previous = null;
        entry.Tick = 0;
        if (_heads[slot] is null)
        {
            _occupied[slot / 64] &= ~(1UL << (slot % 64));
            if (_occupied[slot / 64] == 0)
            {
                _words &= ~(1u << (slot / 64));
            }
        }
    }
}
