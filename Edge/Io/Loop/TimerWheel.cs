using System.Numerics;

namespace Edge.Io;

/// <summary>
/// The deadlines of many descriptors, one for each. A hashed wheel (Varghese and Lauck, 1987), made lazy: to move a deadline later, as every request
/// does with an idle timeout, is a store to a field; the entry is moved when its old time comes.
/// </summary>
internal sealed class TimerWheel
{
    internal const int TickMilliseconds = 16;
    private const int Slots = 1024;

    private readonly Pollable?[] _heads = new Pollable?[Slots];
    private readonly ulong[] _occupied = new ulong[Slots / 64];
    private long _tick;

    internal TimerWheel(long now) => _tick = now / TickMilliseconds;

    /// <summary>Sets the deadline, in the loop's milliseconds; <see cref="Pollable.Never"/> disarms.</summary>
    internal void Arm(Pollable entry, long deadline)
    {
        entry.Deadline = deadline;
        if (deadline == Pollable.Never)
        {
            return;
        }

        long tick = TickOf(deadline);
        if (entry.TimerTick != 0)
        {
            if (entry.TimerTick <= tick)
            {
                return;
            }

            Unlink(entry);
        }

        Link(entry, tick);
    }

    /// <summary>Takes the entry out of the wheel, for example before its memory is used again.</summary>
    internal void Remove(Pollable entry)
    {
        entry.Deadline = Pollable.Never;
        if (entry.TimerTick != 0)
        {
            Unlink(entry);
        }
    }

    /// <summary>Calls <see cref="Pollable.OnDeadline"/> of all entries that are due.</summary>
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
            while (_heads[slot] is { } entry && entry.TimerTick <= _tick)
            {
                Unlink(entry);
                Expire(entry, now);
            }
        }
    }

    /// <summary>How many milliseconds a wait may last until the next entry has to be looked at; -1 for ever.</summary>
    internal int MillisecondsToNext(long now)
    {
        int start = (int)((_tick + 1) % Slots);
        for (int i = 0; i <= _occupied.Length; i++)
        {
            int word = (start / 64 + i) % _occupied.Length;
            ulong bits = _occupied[word];
            if (i == 0)
            {
                bits &= ulong.MaxValue << (start % 64);
            }
            else if (i == _occupied.Length)
            {
                bits &= ~(ulong.MaxValue << (start % 64));
            }

            if (bits != 0)
            {
                int slot = word * 64 + BitOperations.TrailingZeroCount(bits);
                int ahead = (slot - start + Slots) % Slots;
                long due = (_tick + 1 + ahead) * TickMilliseconds;
                return (int)Math.Max(0, due - now);
            }
        }

        return -1;
    }

    private void Expire(Pollable entry, long now)
    {
        if (entry.Deadline == Pollable.Never)
        {
            return;
        }

        if (entry.Deadline > now)
        {
            Link(entry, TickOf(entry.Deadline));
            return;
        }

        entry.Deadline = Pollable.Never;
        entry.OnDeadline();
    }

    // Rounded up, so that no timer fires early. Never the current tick, because its slot may be the one that is being emptied.
    private long TickOf(long deadline) =>
        Math.Clamp((deadline + TickMilliseconds - 1) / TickMilliseconds, _tick + 1, _tick + Slots - 1);

    private void Link(Pollable entry, long tick)
    {
        int slot = (int)(tick % Slots);
        entry.TimerTick = tick;
        entry.TimerPrevious = null;
        entry.TimerNext = _heads[slot];
        if (entry.TimerNext is { } next)
        {
            next.TimerPrevious = entry;
        }

        _heads[slot] = entry;
        _occupied[slot / 64] |= 1UL << (slot % 64);
    }

    private void Unlink(Pollable entry)
    {
        int slot = (int)(entry.TimerTick % Slots);
        if (entry.TimerPrevious is { } previous)
        {
            previous.TimerNext = entry.TimerNext;
        }
        else
        {
            _heads[slot] = entry.TimerNext;
        }

        if (entry.TimerNext is { } next)
        {
            next.TimerPrevious = entry.TimerPrevious;
        }

        entry.TimerNext = null;
        entry.TimerPrevious = null;
        entry.TimerTick = 0;
        if (_heads[slot] is null)
        {
            _occupied[slot / 64] &= ~(1UL << (slot % 64));
        }
    }
}
