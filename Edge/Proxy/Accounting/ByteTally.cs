using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>Which of the bytes of a client's connection the loop's counters have already, and which belong to the request under way.</summary>
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

        // As the access log, with what the kernel has not taken yet; should it never, the sum does not go back.
        long sent = Math.Max(_countedSent, client.BytesSent + client.UnsentBytes);
        counters.ClientBytesSent += sent - _countedSent;
        _countedSent = sent;
    }

    /// <summary>Bytes of the request so far: what the client has sent ahead belongs to its next one.</summary>
    internal readonly long Received(ClientConnection client) => client.BytesReceived - client.BytesAhead - _receivedBefore;

    /// <summary>Bytes of its answer so far, with what the kernel has not taken yet.</summary>
    internal readonly long Sent(ClientConnection client) => client.BytesSent + client.UnsentBytes - _sentBefore;

    /// <summary>What comes from now on belongs to the next request.</summary>
    internal void Next(ClientConnection client)
    {
        _receivedBefore = client.BytesReceived - client.BytesAhead;
        _sentBefore = client.BytesSent + client.UnsentBytes;
    }
}
