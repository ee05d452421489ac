namespace Edge.Io;

/// <summary>What the kernel holds of a connection's bytes.</summary>
internal static unsafe class SocketQueue
{
    /// <summary>Bytes that were handed to the kernel, and that the peer's has not acknowledged; 0 where the socket is broken.</summary>
    internal static int UnacknowledgedBytes(int fd)
    {
        int bytes;
        return Libc.ioctl(fd, Libc.SIOCOUTQ, &bytes) < 0 ? 0 : bytes;
    }
}
