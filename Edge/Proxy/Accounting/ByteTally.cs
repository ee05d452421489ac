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
    internal void Count(ref LoopCounters counters, ClientConnection client)
    {
        counters.ClientBytesReceived += client.BytesReceived - _countedReceived;
        _countedReceived = client.BytesReceived;

        // As in the access log, with bytes that the kernel has not taken yet. If it never takes them, the sum does not go back.
        long sent = Math.Max(_countedSent, client.BytesSent + client.UnsentBytes);
        counters.ClientBytesSent += sent - _countedSent;
        _countedSent = sent;
    }

    /// <summary>Bytes of the request so far. Bytes that the client has sent ahead belong to its next request.</summary>
    internal readonly long Received(ClientConnection client) => client.BytesReceived - client.BytesAhead - _receivedBefore;

    /// <summary>Bytes of the response so far, with those that the kernel has not taken yet.</summary>
    internal readonly long Sent(ClientConnection client) => client.BytesSent + client.UnsentBytes - _sentBefore;

    /// <summary>Bytes from now on belong to the next request.</summary>
    internal void Next(ClientConnection client)
    {
        _receivedBefore = client.BytesReceived - client.BytesAhead;
        _sentBefore = client.BytesSent + client.UnsentBytes;
    }
}
