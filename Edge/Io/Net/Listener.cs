using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using Edge.Config;

namespace Edge.Io;

/// <summary>
/// A listening socket of one loop. Each loop has its own on the same address (SO_REUSEPORT, socket(7)), and the kernel distributes the connections.
/// </summary>
internal sealed unsafe class Listener : Pollable
{
    private const int RetryMilliseconds = 100;

    private readonly EventLoop _loop;
    private readonly Action<int, PeerAddress> _accepted;

    /// <param name="loop">Accepts and calls back on its thread.</param>
    /// <param name="endpoint">Port 0 takes a free one.</param>
    /// <param name="accepted">Gets each new descriptor, non-blocking and configured, and owns it from then on.</param>
    /// <exception cref="SocketException">The address cannot be used.</exception>
    internal Listener(EventLoop loop, IPEndPoint endpoint, Action<int, PeerAddress> accepted)
    {
        _loop = loop;
        _accepted = accepted;
        Fd = Bind(endpoint, shared: true);
        try
        {
            SocketOptions.Configure(Fd);
            Check(Libc.listen(Fd, Limits.ListenBacklog));
            Endpoint = EndpointOf(Fd);
        }
        catch (SocketException)
        {
            Libc.close(Fd);
            throw;
        }
    }

    /// <summary>Takes over a socket that listens already, from another process that accepts at it, too.</summary>
    /// <param name="loop">As above.</param>
    /// <param name="descriptor">Of the socket; belongs to the listener from now on.</param>
    /// <param name="accepted">As above.</param>
    internal Listener(EventLoop loop, int descriptor, Action<int, PeerAddress> accepted)
    {
        _loop = loop;
        _accepted = accepted;
        Fd = descriptor;
        Endpoint = EndpointOf(descriptor);
    }

    /// <summary>
    /// The listener pauses when a connection gets a descriptor with this number or a higher one. The default leaves some descriptors that are not for
    /// clients.
    /// </summary>
    internal int DescriptorsBelow { get; init; } = Descriptors.ForClients;

    /// <summary>The address with the port that was really taken.</summary>
    internal IPEndPoint Endpoint { get; }

    /// <summary>
    /// Makes sure that nobody listens at an address yet. SO_REUSEPORT would let a second balancer join the first one and take half of its clients,
    /// and neither balancer would notice.
    /// </summary>
    /// <exception cref="SocketException">The address cannot be used.</exception>
    internal static void CheckFree(IPEndPoint endpoint)
    {
        if (endpoint.Port != 0)
        {
            Libc.close(Bind(endpoint, shared: false));
        }
    }

    /// <summary>Begins to accept. On the loop's thread, or before it runs.</summary>
    internal void Open() => _loop.Register(this, Libc.EPOLLIN);

    /// <summary>Accepts all connections in the kernel's queue, then closes, so that no client in the queue is reset.</summary>
    internal void Close()
    {
        if (Slot < 0)
        {
            Libc.close(Fd);
            return;
        }

        while (!Closed && Accept())
        {
        }

        LetGo();
    }

    /// <summary>
    /// Accepts no more, and leaves the connections in the queue to another process that has the same socket. The socket and its queue stay as long as
    /// one of the two processes has it open.
    /// </summary>
    internal void LetGo()
    {
        if (Slot < 0)
        {
            Libc.close(Fd);
            return;
        }

        // epoll(7) watches open sockets, not descriptors. While another process has this socket, closing the descriptor does not end the watch, and
        // each new connection would wake the loop for nothing, without end.
        if (IsWatched && !Closed)
        {
            _loop.Watch(this, 0);
        }

        _loop.Close(this);
    }

    internal override void OnReady(uint events)
    {
        for (int i = 0; i < Limits.AcceptsPerTurn && Accept(); i++)
        {
        }
    }

    internal override void OnDeadline()
    {
        if (Descriptors.NextOf(Fd) < DescriptorsBelow)
        {
            _loop.Watch(this, Libc.EPOLLIN);
        }
        else
        {
            _loop.Timers.Arm(this, _loop.Now + RetryMilliseconds);
        }
    }

    private bool Accept()
    {
        byte* address = stackalloc byte[SocketAddress.BytesAtMost];
        uint length = SocketAddress.BytesAtMost;
        int fd = Libc.accept4(Fd, address, &length, Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC);
        if (fd >= 0)
        {
            _accepted(fd, PeerAddress.FromSocketAddress(new ReadOnlySpan<byte>(address, (int)length)));
            if (fd < DescriptorsBelow)
            {
                return true;
            }

            Pause();
            return false;
        }

        switch (Libc.Errno)
        {
            case Libc.ECONNABORTED or Libc.EINTR:
                return true;
            case Libc.EMFILE or Libc.ENFILE or Libc.ENOBUFS or Libc.ENOMEM:
                Pause();
                return false;
            default:
                return false;
        }
    }

    // No descriptor or memory is left for clients. The socket stays readable, so without a pause the loop would spin. Clients that wait in the
    // kernel's queue are accepted when others have gone.
    private void Pause()
    {
        if (IsWatched)
        {
            _loop.Watch(this, 0);
            _loop.Timers.Arm(this, _loop.Now + RetryMilliseconds);
        }
    }

    private static IPEndPoint EndpointOf(int fd)
    {
        byte* address = stackalloc byte[SocketAddress.BytesAtMost];
        uint length = SocketAddress.BytesAtMost;
        Check(Libc.getsockname(fd, address, &length));
        return SocketAddress.Read(new ReadOnlySpan<byte>(address, (int)length));
    }

    private static int Bind(IPEndPoint endpoint, bool shared)
    {
        bool ipv6 = endpoint.AddressFamily == AddressFamily.InterNetworkV6;
        int fd = Check(Libc.socket(ipv6 ? Libc.AF_INET6 : Libc.AF_INET, Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC, 0));
        try
        {
            int one = 1, zero = 0;
            Check(Libc.setsockopt(fd, Libc.SOL_SOCKET, Libc.SO_REUSEADDR, &one, sizeof(int)));
            if (shared)
            {
                Check(Libc.setsockopt(fd, Libc.SOL_SOCKET, Libc.SO_REUSEPORT, &one, sizeof(int)));
            }

            if (ipv6)
            {
                Check(Libc.setsockopt(fd, Libc.IPPROTO_IPV6, Libc.IPV6_V6ONLY, &zero, sizeof(int)));
            }

            byte* address = stackalloc byte[SocketAddress.BytesAtMost];
            uint length = (uint)SocketAddress.Write(endpoint, new Span<byte>(address, SocketAddress.BytesAtMost));
            Check(Libc.bind(fd, address, length));
            return fd;
        }
        catch (SocketException)
        {
            Libc.close(fd);
            throw;
        }
    }

    // SocketException needs the framework's own error numbers; its constructor does not take errno.
    private static int Check(int result) => result >= 0 ? result : throw ToException(Libc.Errno);

    private static SocketException ToException(int errno) => errno switch
    {
        Libc.EADDRINUSE => new SocketException((int)SocketError.AddressAlreadyInUse),
        Libc.EADDRNOTAVAIL => new SocketException((int)SocketError.AddressNotAvailable),
        Libc.EACCES => new SocketException((int)SocketError.AccessDenied),
        Libc.EMFILE => new SocketException((int)SocketError.TooManyOpenSockets),
        _ => new SocketException((int)SocketError.SocketError, new Win32Exception(errno).Message),
    };
}
