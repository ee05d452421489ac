namespace Edge.Io;

/// <summary>
/// Divides the process's descriptors (RLIMIT_NOFILE, getrlimit(2)) between clients and everything else, so that clients cannot take those that are
/// needed to serve them. Nothing counts descriptors: a new one gets the lowest free number (open(2)), so its number shows how many are open.
/// </summary>
internal static unsafe class Descriptors
{
    private static readonly int s_limit = ReadLimit();

    /// <summary>Descriptors from this number on are not for clients, nor for anything else that can do without.</summary>
    internal static int ForClients { get; } = s_limit - s_limit / 8;

    /// <summary>How many of these are for connections to replicas; the rest is for health checks, files and the driver.</summary>
    internal static int ForReplicas { get; } = s_limit / 8 / 4 * 3;

    /// <summary>
    /// The number that the next new descriptor will have, unless another thread is quicker; <see cref="int.MaxValue"/> if there is none left.
    /// </summary>
    /// <param name="open">Any open descriptor.</param>
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
