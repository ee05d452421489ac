using Edge.Config;

namespace Edge.Io;

/// <summary>Makes the sockets of connections, with their options.</summary>
internal static unsafe class SocketOptions
{
    /// <summary>Sets the options of every connection. An accepted connection has them from its listener.</summary>
    internal static void Configure(int fd)
    {
        SendAtOnce(fd);
#pragma warning disable CS0162 // Unreachable where the limit is 0, as in Release builds.
        if (Limits.SendBufferBytes > 0)
        {
            int bytes = Limits.SendBufferBytes;
            Libc.setsockopt(fd, Libc.SOL_SOCKET, Libc.SO_SNDBUF, &bytes, sizeof(int));
        }
#pragma warning restore CS0162
    }

    /// <summary>Has the kernel hold nothing back. To set this option sends the waiting bytes, even if it was set before.</summary>
    internal static void SendAtOnce(int fd)
    {
        int one = 1;
        Libc.setsockopt(fd, Libc.IPPROTO_TCP, Libc.TCP_NODELAY, &one, sizeof(int));
    }

    /// <summary>Begins to connect; the result comes as an event. Returns the descriptor, or the negative errno.</summary>
    /// <param name="address">In the kernel's form, see <see cref="SocketAddress"/>.</param>
    /// <param name="below">If the descriptor would have this number or a higher one, none is taken, and the result is EMFILE.</param>
    internal static int Dial(ReadOnlySpan<byte> address, int below = int.MaxValue)
    {
        int fd = Libc.socket(BitConverter.ToUInt16(address), Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC, 0);
        if (fd < 0)
        {
            return -Libc.Errno;
        }

        if (fd >= below)
        {
            Libc.close(fd);
            return -Libc.EMFILE;
        }

        Configure(fd);
        fixed (byte* pointer = address)
        {
            if (Libc.connect(fd, pointer, (uint)address.Length) < 0 && Libc.Errno is var errno and not Libc.EINPROGRESS)
            {
                Libc.close(fd);
                return -errno;
            }
        }

        return fd;
    }
}
