using Edge.Config;
using Edge.Contract;

namespace Edge.Proxy;

/// <summary>
/// An answer of the control plane whose body comes piece by piece. The next piece is asked for when the kernel has taken the last one, so a client
/// that reads slowly, or not at all, holds one piece here and delays no other client.
/// </summary>
internal sealed class StreamedAnswer
{
    private readonly LoopContext _loop;
    private readonly ClientStream _client;
    private readonly ControlStream _stream;
    private readonly ControlExchange _exchange;
    private readonly long _number;
    private bool _isFull;

    /// <param name="loop">The loop of the client.</param>
    /// <param name="client">The client that waits for the answer.</param>
    /// <param name="stream">The source of the pieces.</param>
    /// <param name="exchange">Whose answer it is.</param>
    /// <param name="number">Of the request there.</param>
    internal StreamedAnswer(LoopContext loop, ClientStream client, ControlStream stream, ControlExchange exchange, long number) =>
        (_loop, _client, _stream, _exchange, _number) = (loop, client, stream, exchange, number);

    /// <summary>Sends the head, and asks for the first piece.</summary>
    internal void Begin(int status, IReadOnlyList<KeyValuePair<string, string>> fields)
    {
        if (_loop.Draining)
        {
            OnDraining();
        }

        GoOn(_client.BeginReply(status, fields, keepAlive: true));
    }

    /// <summary>The next piece has arrived; an empty one is the end.</summary>
    internal void OnPiece(ReadOnlySpan<byte> piece)
    {
        if (!piece.IsEmpty)
        {
            GoOn(_client.SendPiece(piece));
            return;
        }

        _stream.Abandon();
        if (_client.SendPiece(piece))
        {
            _client.OnAnswered(_client.KeepsAlive && !_loop.Draining, requestRead: true);
        }
        else
        {
            _client.Close();
        }
    }

    /// <summary>There is room for more, or the client is gone. A client that has sent its end is gone, because it only listened.</summary>
    internal void OnClientReady()
    {
        if (_client.HungUp || _client.PeerFinished || !_client.Flush())
        {
            _client.Close();
        }
        else if (_isFull && _client.UnsentBytes == 0)
        {
            _isFull = false;
            _client.SetTimer(_loop.Draining ? _loop.Now + Limits.NewcomerMilliseconds : Io.Pollable.Never);
            Ask();
        }
    }

    /// <summary>The process ends: a client that has not taken the last piece is cut; others have a moment for the end.</summary>
    internal void OnDraining()
    {
        if (_isFull)
        {
            _client.Close();
        }
        else
        {
            _client.SetTimer(_loop.Now + Limits.NewcomerMilliseconds);
        }
    }

    /// <summary>The client is gone.</summary>
    internal void Abandon() => _stream.Abandon();

    private void GoOn(bool isSent)
    {
        if (!isSent)
        {
            _client.Close();
        }
        else if (_client.UnsentBytes == 0)
        {
            Ask();
        }
        else
        {
            _isFull = true;
            _client.SetTimer(_loop.Now + _loop.Timeouts.BodyIdle);
        }
    }

    private void Ask()
    {
        (LoopContext loop, ControlStream stream, ControlExchange exchange, long number) = (_loop, _stream, _exchange, _number);
        ThreadPool.UnsafeQueueUserWorkItem(_ => AskForPiece(loop, stream, exchange, number), null);
    }

    // An exception is a mistake in the control plane, as for the answer itself: it ends the process.
    private static async void AskForPiece(LoopContext loop, ControlStream stream, ControlExchange exchange, long number)
    {
        ReadOnlyMemory<byte> piece = await stream.Next().ConfigureAwait(false);
        loop.Post(() => exchange.OnPiece(number, piece.Span));
    }
}
