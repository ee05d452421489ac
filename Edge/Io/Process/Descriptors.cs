namespace Edge.Io;

/// <summary>
/// Who may have which of the process's descriptors (RLIMIT_NOFILE, getrlimit(2)), so that clients, who come unasked, leave some for what
/// they came for. Each new descriptor is the lowest number that is free (open(2)), so that it tells how many there are: nobody counts.
/// </summary>
internal static unsafe class Descriptors
{
    private static readonly int s_limit = ReadLimit();

    /// <summary>The number from which on a descriptor is not for a client, nor for anything else that can do without.</summary>
    internal static int ForClients { get; } = s_limit - s_limit / 8;

    /// <summary>How many of the others are for connections to replicas; the rest is for health checks, files and the driver.</summary>
    internal static int ForReplicas { get; } = s_limit / 8 / 4 * 3;

    /// <summary>The number that the next new one will have, unless another thread is quicker; <see cref="int.MaxValue"/> where there is none left.</summary>
    /// <param name="open">Any that is open.</param>
    internal static int NextOf(int open)
    {
        int next = Libc.fcntl(open, Libc.F_DUPFD_CLOEXEC, 0);
        if (next < 0)
        {
            return int.MaxValue;
        }

        Libc.close(next);
        return next;
    }

    private static int ReadLimit()
    {
        ulong* currentAndMaximum = stackalloc ulong[2];
        return Libc.getrlimit(Libc.RLIMIT_NOFILE, currentAndMaximum) < 0 ? int.MaxValue : (int)Math.Min(currentAndMaximum[0], int.MaxValue);
    }
}
