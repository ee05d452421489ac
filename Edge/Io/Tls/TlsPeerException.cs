namespace Edge.Io;

/// <summary>The handshake with a server failed.</summary>
/// <param name="fault">Why, for the code.</param>
/// <param name="message">Why, in OpenSSL's words.</param>
internal sealed class TlsPeerException(TlsPeerFault fault, string message) : IOException(message)
{
    internal TlsPeerFault Fault { get; } = fault;
}
