using System.Net.Sockets;
using System.Text;

namespace Edge.Io;

/// <summary>
/// The socket by which a service manager such as systemd is told the state of a service (sd_notify(3)): a Unix datagram socket that the environment
/// names, by a path or, after <c>@</c>, in the abstract namespace.
/// </summary>
internal sealed class NotifySocket : IDisposable
{
    /// <summary>The variable of the environment that names the socket.</summary>
    internal const string Variable = "NOTIFY_SOCKET";

    // A service manager reads at most this many bytes of a message (NOTIFY_BUFFER_MAX in systemd's sources).
    private const int BytesAtMost = 4096;

    // For a manager whose queue is full; it empties the queue within milliseconds.
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(1);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = (int)SendTimeout.TotalMilliseconds };
    private readonly UnixDomainSocketEndPoint _manager;

    private NotifySocket(string name)
    {
        Name = name;
        _manager = new UnixDomainSocketEndPoint(name[0] == '@' ? "\0" + name[1..] : name);
    }

    /// <summary>As in the environment.</summary>
    internal string Name { get; }

    /// <summary>
    /// The socket that the environment of this process names; null if it names none. The variable is removed from the environment, so that no child
    /// process speaks in the place of this one.
    /// </summary>
    /// <exception cref="IOException">
    /// The name is not that of a Unix socket, for example the <c>vsock:</c> of a manager outside of a virtual machine.
    /// </exception>
    internal static NotifySocket? OfProcess()
    {
        string? name = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        return string.IsNullOrEmpty(name) ? null : Open(name);
    }

    /// <exception cref="IOException">The name is not that of a Unix socket.</exception>
    internal static NotifySocket Open(string name)
    {
        if (name[0] is not ('/' or '@') || name.Length == 1)
        {
            throw new IOException($"{Variable} is \"{name}\", and neither a path nor an abstract name of a Unix socket");
        }

        try
        {
            return new NotifySocket(name);
        }
        catch (Exception failed) when (failed is ArgumentException or SocketException)
        {
            throw new IOException($"{Variable} is \"{name}\": {failed.Message}", failed);
        }
    }

    /// <summary>Sends one message. Waits for at most a second if the manager's queue is full.</summary>
    /// <param name="assignments">Each <c>KEY=value</c> on a line of its own.</param>
    /// <exception cref="IOException">The manager is not there, or does not take the message.</exception>
    internal void Send(string assignments)
    {
        byte[] message = Encoding.UTF8.GetBytes(assignments);
        if (message.Length > BytesAtMost)
        {
            throw new IOException($"a message of {message.Length} bytes is longer than the {BytesAtMost} that a service manager reads");
        }

        try
        {
            _socket.SendTo(message, _manager);
        }
        catch (SocketException failed)
        {
            throw new IOException(failed.Message, failed);
        }
    }

    public void Dispose() => _socket.Dispose();
}
