namespace Edge.Io;

/// <summary>The idle pipes of one loop.</summary>
internal sealed class PipePool
{
    private const int KeptAtMost = 16;
    private const int RetryMilliseconds = 1000;

    private Pipe? _free;
    private int _count;
    private long _refusedUntil = long.MinValue;

    /// <summary>A pipe for one body. Null if there is none now; then the caller copies.</summary>
    /// <param name="now">The loop's milliseconds. If the kernel has just refused a pipe, it is not asked again for each body.</param>
    internal Pipe? TryRent(long now)
    {
        if (_free is not { } pipe)
        {
            return TryOpen(now);
        }

        _free = pipe.Next;
        pipe.Next = null;
        _count--;
        return pipe;
    }

    /// <summary>Takes a pipe back. A pipe that still holds bytes of a body is closed.</summary>
    internal void Return(Pipe pipe)
    {
        if (pipe.Held > 0 || _count == KeptAtMost)
        {
            pipe.Close();
            return;
        }

        pipe.Next = _free;
        _free = pipe;
        _count++;
    }

    internal void Clear()
    {
        for (; _free is { } pipe; _free = pipe.Next)
        {
            pipe.Close();
        }

        _count = 0;
    }

    private Pipe? TryOpen(long now)
    {
        if (now < _refusedUntil)
        {
            return null;
        }

        Pipe? pipe = Pipe.TryOpen();
        _refusedUntil = pipe is null ? now + RetryMilliseconds : long.MinValue;
        return pipe;
    }
}
