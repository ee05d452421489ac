using System.ComponentModel;
using System.Net.Sockets;
using System.Text;

namespace Edge.Io;

/// <summary>
/// A connection to another process of this machine. It carries texts, and open descriptors with them (unix(7), SCM_RIGHTS): the receiver gets another
/// descriptor of the same open socket. Its names are abstract, so no file can be left behind. They belong to the network namespace, as listening
/// addresses do.
/// </summary>
internal sealed class DescriptorChannel(Socket socket) : IDisposable
{
    internal const int DescriptorsAtMost = 64;

    private const int TextBytesAtMost = 1024;

    /// <summary>Listens under an abstract name.</summary>
    /// <exception cref="SocketException">The name is taken.</exception>
    internal static Socket Listen(string name)
    {
        Socket listener = NewSocket();
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint("\0" + name));
            listener.Listen(8);
            return listener;
        }
        catch (SocketException)
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Connects to the process that listens under an abstract name; null if there is none.</summary>
    internal static async Task<DescriptorChannel?> ConnectAsync(string name, CancellationToken cancellation)
    {
        Socket connection = NewSocket();
        try
        {
            await connection.ConnectAsync(new UnixDomainSocketEndPoint("\0" + name), cancellation);
            return new DescriptorChannel(connection);
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            connection.Dispose();
            return null;
        }
        catch (Exception)
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The process and the user at the other end, from the kernel.</summary>
    internal unsafe (int Pid, uint User) Peer()
    {
        int* credentials = stackalloc int[3];
        uint length = 3 * sizeof(int);
        return Libc.getsockopt(Descriptor, Libc.SOL_SOCKET, Libc.SO_PEERCRED, credentials, &length) == 0
            ? (credentials[0], (uint)credentials[1])
            : throw Failure(Libc.Errno);
    }

    /// <summary>Sends one record. The caller keeps the descriptors, too.</summary>
    /// <exception cref="IOException">The other end has gone, or takes no more.</exception>
    internal unsafe void Send(string text, ReadOnlySpan<int> descriptors)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, DescriptorsAtMost);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, TextBytesAtMost);
        byte* control = stackalloc byte[sizeof(Libc.ControlHeader) + DescriptorsAtMost * sizeof(int)];
        fixed (byte* from = bytes)
        {
            var vector = new Libc.IoVector { Base = from, Length = (nuint)bytes.Length };
            var message = new Libc.MessageHeader { Vectors = &vector, VectorCount = 1 };
            if (!descriptors.IsEmpty)
            {
                int length = sizeof(Libc.ControlHeader) + descriptors.Length * sizeof(int);
                *(Libc.ControlHeader*)control = new Libc.ControlHeader { Length = (nuint)length, Level = Libc.SOL_SOCKET, Type = Libc.SCM_RIGHTS };
                descriptors.CopyTo(new Span<int>(control + sizeof(Libc.ControlHeader), descriptors.Length));
                message.Control = control;

                // CMSG_SPACE: in whole words.
                message.ControlLength = (nuint)((length + 7) & ~7);
            }

            if (Libc.sendmsg(Descriptor, &message, Libc.MSG_NOSIGNAL | Libc.MSG_DONTWAIT) < 0)
            {
                throw Failure(Libc.Errno);
            }
        }
    }

    /// <summary>The next record; null when the other end has closed.</summary>
    internal async Task<DescriptorRecord?> ReceiveAsync(CancellationToken cancellation)
    {
        // This only waits: the bytes that it looks at stay in the socket, with their descriptors.
        try
        {
            int there = await socket.ReceiveAsync(new byte[1], SocketFlags.Peek, cancellation);
            return there == 0 ? null : Receive();
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            return null;
        }
    }

    public void Dispose() => socket.Dispose();

    private int Descriptor => (int)socket.Handle;

    private static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);

    private unsafe DescriptorRecord? Receive()
    {
        byte* text = stackalloc byte[TextBytesAtMost];
        int controlLength = sizeof(Libc.ControlHeader) + DescriptorsAtMost * sizeof(int);
        byte* control = stackalloc byte[controlLength];
        var vector = new Libc.IoVector { Base = text, Length = TextBytesAtMost };
        var message = new Libc.MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = (nuint)controlLength };

        // Marked as close-on-exec at once: a replica that is being started on another thread must not inherit them.
        nint length = Libc.recvmsg(Descriptor, &message, Libc.MSG_CMSG_CLOEXEC | Libc.MSG_DONTWAIT);
        if (length <= 0)
        {
            return length == 0 ? null : throw Failure(Libc.Errno);
        }

        int[] descriptors = [];
        var header = (Libc.ControlHeader*)control;
        if (message.ControlLength >= (nuint)sizeof(Libc.ControlHeader) && header->Level == Libc.SOL_SOCKET && header->Type == Libc.SCM_RIGHTS)
        {
            int count = ((int)header->Length - sizeof(Libc.ControlHeader)) / sizeof(int);
            descriptors = new Span<int>(control + sizeof(Libc.ControlHeader), count).ToArray();
        }

        if ((message.Flags & (Libc.MSG_CTRUNC | Libc.MSG_TRUNC)) != 0)
        {
            Array.ForEach(descriptors, fd => Libc.close(fd));
            throw new IOException("A record was longer than allowed, or there are no descriptors left for what came with it.");
        }

        return new DescriptorRecord(Encoding.UTF8.GetString(text, (int)length), descriptors);
    }

    private static IOException Failure(int errno) => new(new Win32Exception(errno).Message);
}
