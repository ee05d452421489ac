using System.Net.Sockets;

namespace Edge.Tests.Fuzz;

/// <summary>The end of a connection that a <see cref="Peer"/> has; nothing of it waits.</summary>
internal interface IPeerWire : IDisposable
{
    /// <summary>Sends what can be sent; returns how much.</summary>
    int Send(ReadOnlySpan<byte> bytes, out SocketError error);

    /// <summary>Reads what is there; 0 at the end.</summary>
    int Receive(Span<byte> to, out SocketError error);

    /// <summary>Sends no more. False where the other end was faster, with a reset.</summary>
    bool TryFinish();

    /// <summary>Has <see cref="IDisposable.Dispose"/> reset the connection.</summary>
    void ResetWithEnd();
}
