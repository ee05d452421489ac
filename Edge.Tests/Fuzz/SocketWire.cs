using System.Net.Sockets;

namespace Edge.Tests.Fuzz;

/// <summary>A connection over loopback.</summary>
internal sealed class SocketWire : IPeerWire
{
    private readonly Socket _socket;

    internal SocketWire(Socket socket)
    {
        _socket = socket;
        socket.Blocking = false;
        socket.NoDelay = true;
    }

    public int Send(ReadOnlySpan<byte> bytes, out SocketError error) => _socket.Send(bytes, SocketFlags.None, out error);

    public int Receive(Span<byte> to, out SocketError error) => _socket.Receive(to, SocketFlags.None, out error);

    public bool TryFinish()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void ResetWithEnd() => _socket.LingerState = new LingerOption(true, 0);

    public void Dispose() => _socket.Dispose();
}
