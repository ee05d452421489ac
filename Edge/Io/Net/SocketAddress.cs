using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Edge.Io;

/// <summary>The kernel's sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)).</summary>
internal static unsafe class SocketAddress
{
    internal const int BytesAtMost = 28;

    /// <summary>Writes the address in the kernel's form and returns its length in bytes.</summary>
    internal static int Write(IPEndPoint endpoint, Span<byte> to)
    {
        to.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)endpoint.Port);
        if (endpoint.AddressFamily == AddressFamily.InterNetwork)
        {
            BitConverter.TryWriteBytes(to, (ushort)Libc.AF_INET);
            endpoint.Address.TryWriteBytes(to[4..], out _);
            return 16;
        }

        BitConverter.TryWriteBytes(to, (ushort)Libc.AF_INET6);
        endpoint.Address.TryWriteBytes(to[8..], out _);
        BitConverter.TryWriteBytes(to[24..], (uint)endpoint.Address.ScopeId);
        return 28;
    }

    internal static IPEndPoint Read(ReadOnlySpan<byte> from)
    {
        int port = BinaryPrimitives.ReadUInt16BigEndian(from[2..]);
        return BitConverter.ToUInt16(from) == Libc.AF_INET
            ? new IPEndPoint(new IPAddress(from.Slice(4, 4)), port)
            : new IPEndPoint(new IPAddress(from.Slice(8, 16), BitConverter.ToUInt32(from[24..])), port);
    }
}
