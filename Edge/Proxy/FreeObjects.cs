namespace Edge.Proxy;

/// <summary>The objects of one loop that nobody uses now, so that none is allocated for a request or a connection in the long run.</summary>
internal sealed class FreeObjects(ProxyLoop loop)
{
    private ClientConnection? _clients;
    private UpstreamConnection? _upstreams;
    private Transaction? _transactions;

    internal ClientConnection NewClient()
    {
        if (_clients is not { } connection)
        {
            return new ClientConnection(loop);
        }

        _clients = connection.FreeNext;
        connection.FreeNext = null;
        return connection;
    }

    internal void Recycle(ClientConnection connection)
    {
        connection.FreeNext = _clients;
        _clients = connection;
    }

    internal UpstreamConnection NewUpstream()
    {
        if (_upstreams is not { } connection)
        {
            return new UpstreamConnection(loop);
        }

        _upstreams = connection.FreeNext;
        connection.FreeNext = null;
        return connection;
    }

    internal void Recycle(UpstreamConnection connection)
    {
        connection.FreeNext = _upstreams;
        _upstreams = connection;
    }

    /// <summary>What a client needs while it has a request.</summary>
    internal Transaction Lend(ClientConnection client)
    {
        Transaction transaction = _transactions ?? new Transaction(loop);
        _transactions = transaction.FreeNext;
        transaction.FreeNext = null;
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
            transaction.FreeNext = _transactions;
            _transactions = transaction;
        }
    }
}
