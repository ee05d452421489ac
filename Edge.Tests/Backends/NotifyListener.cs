using System.Net.Sockets;
using System.Text;

namespace Edge.Tests.Backends;

/// <summary>A service manager's ear: a Unix datagram socket, by a path or an abstract name, and all messages that came in.</summary>
internal sealed class NotifyListener : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-notify-");
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    internal NotifyListener(bool isAbstract = false)
    {
        Name = isAbstract ? $"@edge-test/{Guid.NewGuid():N}" : Path.Combine(_folder.FullName, "notify");
        _socket.Bind(new UnixDomainSocketEndPoint(isAbstract ? "\0" + Name[1..] : Name));
    }

    /// <summary>What belongs into NOTIFY_SOCKET.</summary>
    internal string Name { get; }

    /// <summary>The next message, as its lines.</summary>
    internal async Task<string[]> NextAsync()
    {
        byte[] buffer = new byte[8192];
        using var bound = new CancellationTokenSource(s_patience);
        try
        {
            int length = await _socket.ReceiveAsync(buffer, SocketFlags.None, bound.Token);
            return Encoding.UTF8.GetString(buffer, 0, length).Split('\n');
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"no message came to {Name} within {s_patience.TotalSeconds} s");
        }
    }

    /// <summary>The next message that begins so; those before it may only be about the fleet.</summary>
    internal async Task<string[]> NextAsync(string begin)
    {
        while (true)
        {
            string[] message = await NextAsync();
            if (message[0].StartsWith(begin, StringComparison.Ordinal))
            {
                return message;
            }

            Assert.StartsWith("STATUS=", Assert.Single(message), StringComparison.Ordinal);
        }
    }

    /// <summary>Whether there is nothing more to read.</summary>
    internal bool IsSilent => _socket.Available == 0;

    public void Dispose()
    {
        _socket.Dispose();
        if (Directory.Exists(_folder.FullName))
        {
            _folder.Delete(recursive: true);
        }
    }
}
