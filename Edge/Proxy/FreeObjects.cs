namespace Edge.Proxy;

/// <summary>The objects of one loop that nobody uses now, so that none is allocated for a request or a connection in the long run; the last that came back goes out first.</summary>
internal sealed class FreeObjects(LoopContext loop)
{
    private readonly Stack<ClientConnection> _clients = new();
    private readonly Stack<UpstreamConnection> _upstreams = new();
    private readonly Stack<RequestContext> _transactions = new();

    internal ClientConnection NewClient() => _clients.TryPop(out ClientConnection? free) ? free : new ClientConnection(loop);

    internal void Recycle(ClientConnection connection) => _clients.Push(connection);

    internal UpstreamConnection NewUpstream() => _upstreams.TryPop(out UpstreamConnection? free) ? free : new UpstreamConnection(loop);

    internal void Recycle(UpstreamConnection connection) => _upstreams.Push(connection);

    /// <summary>What a client needs while it has a request.</summary>
    internal RequestContext Lend(ClientConnection client)
    {
        RequestContext context = _transactions.TryPop(out RequestContext? free) ? free : new RequestContext(loop);
        context.Lend(client);
        return context;
    }

    /// <summary>The request is over, or the client has gone; whoever has borrowed nothing gives nothing back.</summary>
    internal void TakeBack(ref RequestContext? borrowed)
    {
        if (borrowed is { } context)
        {
            borrowed = null;
            context.Return();
            _transactions.Push(context);
        }
    }
}
