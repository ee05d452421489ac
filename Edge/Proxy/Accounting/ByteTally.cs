using Edge.Io;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>Which bytes of a client connection the loop's counters contain already, and which belong to the present request.</summary>
internal struct ByteTally
{
    private long _countedReceived;
    private long _countedSent;
    private long _receivedBefore;
    private long _sentBefore;

    /// <summary>Brings the loop's counters up to date.</summary>
    internal void Count(ref LoopCounters counters, Connection client)
    {
        counters.ClientBytesReceived += client.BytesReceived - _countedReceived;
        _countedReceived = client.BytesReceived;

        // As in the access log, with bytes that the kernel has not taken yet. If it never takes them, the sum does not go back.
        long sent = Math.Max(_countedSent, client.BytesSent + client.UnsentBytes);
        counters.ClientBytesSent += sent - _countedSent;
        _countedSent = sent;
    }

    /// <summary>Bytes of the request so far.</summary>
    /// <param name="client">The connection.</param>
    /// <param name="ahead">Bytes that the client has sent ahead: they belong to its next request.</param>
    internal readonly long Received(Connection client, int ahead) => client.BytesReceived - ahead - _receivedBefore;

    /// <summary>Bytes of the response so far, with those that the kernel has not taken yet.</summary>
    internal readonly long Sent(Connection client) => client.BytesSent + client.UnsentBytes - _sentBefore;

    /// <summary>Bytes from now on belong to the next request.</summary>
    internal void Next(Connection client, int ahead)
    {
        _receivedBefore = client.BytesReceived - ahead;
        _sentBefore = client.BytesSent + client.UnsentBytes;
    }
}
