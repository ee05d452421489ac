namespace Edge.Proxy;

/// <summary>The objects of one loop that nobody uses now, so that none is allocated for a request or a connection in the long run; the last that came back goes out first.</summary>
internal sealed class FreeObjects(ProxyLoop loop)
{
    private readonly Stack<ClientConnection> _clients = new();
    private readonly Stack<UpstreamConnection> _upstreams = new();
    private readonly Stack<Transaction> _transactions = new();

    internal ClientConnection NewClient() => _clients.TryPop(out ClientConnection? free) ? free : new ClientConnection(loop);

    internal void Recycle(ClientConnection connection) => _clients.Push(connection);

    internal UpstreamConnection NewUpstream() => _upstreams.TryPop(out UpstreamConnection? free) ? free : new UpstreamConnection(loop);

    internal void Recycle(UpstreamConnection connection) => _upstreams.Push(connection);

    /// <summary>What a client needs while it has a request.</summary>
    internal Transaction Lend(ClientConnection client)
    {
        Transaction transaction = _transactions.TryPop(out Transaction? free) ? free : new Transaction(loop);
        transaction.Lend(client);
        return transaction;
    }

    /// <summary>The request is over, or the client has gone; whoever has borrowed nothing gives nothing back.</summary>
    internal void TakeBack(ref Transaction? borrowed)
    {
        if (borrowed is { } transaction)
        {
            borrowed = null;
            transaction.Return();
            _transactions.Push(transaction);
        }
    }
}
