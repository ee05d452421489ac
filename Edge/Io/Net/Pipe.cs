namespace Edge.Io;

/// <summary>
/// A pipe(7) through which splice(2) moves bytes from one socket to another without copying them into the process.
/// </summary>
internal sealed unsafe class Pipe
{
    /// <summary>The size that is asked of the kernel for each pipe. With a larger pipe fewer calls are needed.</summary>
    private const int WantedBytes = 512 * 1024;

    /// <summary>With a smaller pipe, moving takes more calls than copying.</summary>
    internal const int UsefulBytes = 64 * 1024;

    private int _readEnd = -1;
    private int _writeEnd = -1;

    /// <summary>How many bytes it can hold.</summary>
    internal int Capacity { get; private set; }

    /// <summary>Bytes that went in and not yet out.</summary>
    internal int Held { get; private set; }

    // Link of the pool's list.
    internal Pipe? Next { get; set; }

    /// <summary>A new pipe. Null if the process has no descriptors to spare, or the kernel has no room for a useful pipe.</summary>
    internal static Pipe? TryOpen()
    {
        int* ends = stackalloc int[2];
        if (Libc.pipe2(ends, Libc.O_NONBLOCK | Libc.O_CLOEXEC) < 0)
        {
            return null;
        }

        // All processes of a user share what their pipes may hold (pipe-user-pages-soft, proc(5)). A process that moves much data, as docker-proxy
        // does, may have taken everything: then a pipe cannot grow, and a new one gets two pages.
        int capacity = Libc.fcntl(ends[1], Libc.F_SETPIPE_SZ, WantedBytes);
        if (capacity < 0)
        {
            capacity = Libc.fcntl(ends[1], Libc.F_GETPIPE_SZ, 0);
        }

        var pipe = new Pipe { _readEnd = ends[0], _writeEnd = ends[1], Capacity = capacity };
        if (capacity >= UsefulBytes && Math.Max(ends[0], ends[1]) < Descriptors.ForClients)
        {
            return pipe;
        }

        pipe.Close();
        return null;
    }

    /// <summary>
    /// Moves up to <paramref name="length"/> bytes in; returns as <see cref="Connection.Receive"/> does. Only into an empty pipe: a full pipe would
    /// look like an empty socket.
    /// </summary>
    internal int Fill(Connection source, long length)
    {
        if (!source.Readable)
        {
            return Connection.WouldBlock;
        }

        nint got = Libc.splice(source.Fd, null, _writeEnd, null, (nuint)Math.Min(length, Capacity), Libc.SPLICE_F_MOVE | Libc.SPLICE_F_NONBLOCK);
        if (got >= 0)
        {
            Held += (int)got;
            source.CountReceived(got);
            return (int)got;
        }

        if (Libc.Errno is Libc.EAGAIN or Libc.EINTR)
        {
            source.NoteDrained();
            return Connection.WouldBlock;
        }

        return Connection.Broken;
    }

    /// <summary>Moves out as many bytes as the sink takes. False if the sink is broken.</summary>
    /// <param name="sink">Where to.</param>
    /// <param name="isMoreToCome">
    /// Whether the last bytes may wait for what follows, so that they go out in full segments; see <see cref="Connection.PushOut"/>.
    /// </param>
    internal bool Drain(Connection sink, bool isMoreToCome = false)
    {
        uint flags = Libc.SPLICE_F_MOVE | Libc.SPLICE_F_NONBLOCK | (isMoreToCome ? Libc.SPLICE_F_MORE : 0);
        while (Held > 0 && sink.Writable)
        {
            nint sent = Libc.splice(_readEnd, null, sink.Fd, null, (nuint)Held, flags);
            if (sent > 0)
            {
                Held -= (int)sent;
                sink.CountSent(sent);
            }
            else if (sent < 0 && Libc.Errno is Libc.EAGAIN or Libc.EINTR)
            {
                sink.NoteFull();
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Copies bytes out into memory; returns how many, 0 if the pipe is empty.</summary>
    internal int Read(Span<byte> to)
    {
        if (Held == 0)
        {
            return 0;
        }

        fixed (byte* pointer = to)
        {
            int got = (int)Libc.read(_readEnd, pointer, (nuint)Math.Min(Held, to.Length));
            Held -= Math.Max(got, 0);
            return Math.Max(got, 0);
        }
    }

    internal void Close()
    {
        Libc.close(_readEnd);
        Libc.close(_writeEnd);
    }
}
