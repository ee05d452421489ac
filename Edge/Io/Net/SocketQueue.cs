namespace Edge.Io;

/// <summary>How many bytes of a connection the kernel holds.</summary>
internal static unsafe class SocketQueue
{
    /// <summary>Bytes that the kernel has and that the peer's kernel has not acknowledged; 0 if the socket is broken.</summary>
    internal static int UnacknowledgedBytes(int fd)
    {
        int bytes;
        return Libc.ioctl(fd, Libc.SIOCOUTQ, &bytes) < 0 ? 0 : bytes;
    }
}
