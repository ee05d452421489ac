using System.ComponentModel;

namespace Edge.Io;

/// <summary>
/// The eventfd(2) by which other threads end a loop's wait. A signal may come late, when the loop has ended and its descriptor's number already
/// belongs to another file: nothing may be written there.
/// </summary>
internal sealed unsafe class WakeUp : Pollable
{
    private readonly Lock _lock = new();
    private readonly Action _woken;

    /// <param name="woken">Called on the loop's thread, once for any number of signals.</param>
    internal WakeUp(Action woken)
    {
        _woken = woken;
        Fd = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
        if (Fd < 0)
        {
            throw new Win32Exception(Libc.Errno, "eventfd");
        }
    }

    /// <summary>Wakes the loop, if it is still there. From any thread.</summary>
    internal void Signal()
    {
        lock (_lock)
        {
            if (Fd >= 0)
            {
                ulong one = 1;
                Libc.write(Fd, &one, sizeof(ulong));
            }
        }
    }

    /// <summary>The loop has ended.</summary>
    internal void Close()
    {
        lock (_lock)
        {
            Libc.close(Fd);
            Fd = -1;
        }
    }

    internal override void OnReady(uint events)
    {
        ulong count;
        Libc.read(Fd, &count, sizeof(ulong));
        _woken();
    }
}
