using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Edge.Tests.Backends;

/// <summary>A network for one thread alone (network_namespaces(7)), with nothing in it but loopback. For root.</summary>
internal static partial class OwnNetwork
{
    private const int CLONE_NEWNET = 0x40000000;
    private const nuint SIOCSIFFLAGS = 0x8914;
    private const int FirstPort = 40000;

    /// <summary>Runs it, synchronously, in a network where so many ports are to be had for outgoing connections.</summary>
    internal static Task RunAsync(int ports, Action action) => OwnThread.RunAsync(() =>
    {
        Enter(ports);
        action();
    });

    // The thread's own, which ends with it.
    private static void Enter(int ports)
    {
        Assert.Equal(0, unshare(CLONE_NEWNET));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

        // struct ifreq (netdevice(7)): the name in 16 bytes, then the flags.
        byte[] request = new byte[40];
        "lo"u8.CopyTo(request);
        request[16] = 1;
        Assert.Equal(0, ioctl((int)socket.Handle, SIOCSIFFLAGS, request));
        File.WriteAllText("/proc/sys/net/ipv4/ip_local_port_range", string.Create(CultureInfo.InvariantCulture, $"{FirstPort} {FirstPort + ports - 1}"));
    }

    [LibraryImport("libc")]
    private static partial int unshare(int flags);

    [LibraryImport("libc")]
    private static partial int ioctl(int fd, nuint request, byte[] argument);
}
