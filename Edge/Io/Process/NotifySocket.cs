using System.Net.Sockets;
using System.Text;

namespace Edge.Io;

/// <summary>
/// The socket at which a service manager, such as systemd, hears of the state of a service (sd_notify(3)): a Unix datagram
/// socket that the environment names, by a path or, after <c>@</c>, in the abstract namespace.
/// </summary>
internal sealed class NotifySocket : IDisposable
{
    /// <summary>Names the socket in the environment.</summary>
    internal const string Variable = "NOTIFY_SOCKET";

    // What a service manager reads of a message at most, in bytes (NOTIFY_BUFFER_MAX in systemd's sources).
    private const int BytesAtMost = 4096;

    // Of a manager whose queue is full; it empties it within milliseconds.
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(1);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = (int)SendTimeout.TotalMilliseconds };
    private readonly UnixDomainSocketEndPoint _manager;

    private NotifySocket(string name)
    {
        Name = name;
        _manager = new UnixDomainSocketEndPoint(name[0] == '@' ? "\0" + name[1..] : name);
    }

    /// <summary>As the environment has it.</summary>
    internal string Name { get; }

    /// <summary>
    /// The socket that the environment of this process names; null where it names none. The variable is removed from the
    /// environment, so that no child process has it and speaks in the place of this one.
    /// </summary>
    /// <exception cref="IOException">What is named is no Unix socket, as a manager outside of a virtual machine has them (<c>vsock:</c>).</exception>
    internal static NotifySocket? OfProcess()
    {
        string? name = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        return string.IsNullOrEmpty(name) ? null : Open(name);
    }

    /// <exception cref="IOException">The name is none of a Unix socket.</exception>
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

    /// <summary>Sends one message; waits for at most a second where the manager's queue is full.</summary>
    /// <param name="assignments">Each <c>KEY=value</c> on a line of its own.</param>
    /// <exception cref="IOException">The manager is not there, or does not take it.</exception>
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
