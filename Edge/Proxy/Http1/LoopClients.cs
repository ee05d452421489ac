using System.Diagnostics;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// The clients' connections of one loop, and the streams that they borrow for a request. What is unused is kept, so that in the long run nothing is
/// allocated for a request or a connection. The last returned is lent first.
/// </summary>
/// <param name="loop">Whose clients they are.</param>
/// <param name="counts">The connections that each client has, on all loops.</param>
/// <param name="handshakeCounts">The TLS handshakes that each client has under way, on all loops.</param>
/// <param name="newHandlers">Makes what answers the requests of a stream.</param>
internal sealed class LoopClients(
    LoopContext loop, ClientCounts counts, ClientCounts handshakeCounts, Func<ClientStream, RequestHandlers> newHandlers)
{
    private readonly Stack<ClientConnection> _free = new();
    private readonly Stack<Http1ClientStream> _streams = new();
    private readonly TaskCompletionSource _emptied = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The TLS handshakes of the loop.</summary>
    internal Handshakes Handshakes { get; } = new(loop);

    /// <summary>Those that each client has under way, on all loops.</summary>
    internal ClientCounts HandshakeCounts => handshakeCounts;

    /// <summary>A client has come: returns a connection object for it.</summary>
    /// <param name="hasRoom">Whether the loop has room for one more connection, of any client.</param>
    internal ClientConnection New(out bool hasRoom)
    {
        hasRoom = loop.Counters.Clients++ < loop.Settings.ConnectionsAtMost;
        return _free.TryPop(out ClientConnection? free) ? free : new ClientConnection(loop, this);
    }

    /// <summary>Counts a connection for its client; false if the client has as many as it may.</summary>
    internal bool TryCount(PeerAddress client) => counts.TryEnter(client);

    /// <summary>A client has gone.</summary>
    internal void Recycle(ClientConnection connection)
    {
        if (connection.IsCounted)
        {
            counts.Leave(connection.Peer);
        }

        _free.Push(connection);
        Debug.Assert(loop.Counters.Clients > 0, "each client goes once");
        if (--loop.Counters.Clients == 0 && loop.Draining)
        {
            _emptied.TrySetResult();
        }
    }

    /// <summary>Lends a client a stream for a request.</summary>
    internal Http1ClientStream Lend(ClientConnection client)
    {
        Http1ClientStream stream = _streams.TryPop(out Http1ClientStream? free) ? free : new Http1ClientStream(loop, newHandlers);
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

    /// <summary>Completes when the last client has gone. The loop's drain has begun.</summary>
    internal Task EmptiedAsync()
    {
        Debug.Assert(loop.Draining, "as long as new clients come, none is the last");
        if (loop.Counters.Clients == 0)
        {
            _emptied.TrySetResult();
        }

        return _emptied.Task;
    }
}
