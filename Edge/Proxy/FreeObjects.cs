namespace Edge.Proxy;

/// <summary>
/// The unused objects of one loop, so that in the long run none is allocated for a request or a connection. The last returned is lent first.
/// </summary>
internal sealed class FreeObjects(LoopContext loop)
{
    private readonly Stack<ClientConnection> _clients = new();
    private readonly Stack<UpstreamConnection> _upstreams = new();
    private readonly Stack<Http1ClientStream> _streams = new();

    internal ClientConnection NewClient() => _clients.TryPop(out ClientConnection? free) ? free : new ClientConnection(loop);

    internal void Recycle(ClientConnection connection) => _clients.Push(connection);

    internal UpstreamConnection NewUpstream() => _upstreams.TryPop(out UpstreamConnection? free) ? free : new UpstreamConnection(loop);

    internal void Recycle(UpstreamConnection connection) => _upstreams.Push(connection);

    /// <summary>Lends a client the context of a request.</summary>
    internal Http1ClientStream Lend(ClientConnection client)
    {
        Http1ClientStream stream = _streams.TryPop(out Http1ClientStream? free) ? free : new Http1ClientStream(loop);
        stream.Lend(client);
        return stream;
    }

    /// <summary>The request is over, or the client has gone. A client that has borrowed nothing returns nothing.</summary>
    internal void TakeBack(ref Http1ClientStream? borrowed)
    {
        if (borrowed is { } stream)
        {
            borrowed = null;
            stream.TakeBack();
            _streams.Push(stream);
        }
    }
}
