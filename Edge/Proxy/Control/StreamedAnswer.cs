using Edge.Config;
using Edge.Contract;
using Edge.Http;

namespace Edge.Proxy;

/// <summary>
/// An answer of the control plane whose body comes piece by piece. The next piece is asked for when the kernel has taken the
/// last one, so that a client that reads slowly, or not at all, holds one piece here and keeps nobody else waiting.
/// </summary>
internal sealed class StreamedAnswer
{
    private static readonly KeyValuePair<string, string> s_chunked = new("Transfer-Encoding", "chunked");

    private readonly LoopContext _loop;
    private readonly ClientConnection _client;
    private readonly ControlStream _stream;
    private readonly bool _keepAlive;
    private readonly bool _isChunked;
    private bool _isFull;

    /// <param name="loop">That the client belongs to.</param>
    /// <param name="client">Who waits for the answer.</param>
    /// <param name="stream">Where the pieces come from.</param>
    /// <param name="keepAlive">Whether the client's connection may go on behind the answer.</param>
    /// <param name="isChunked">False for HTTP/1.0, where the end of the connection is the end of the body.</param>
    internal StreamedAnswer(LoopContext loop, ClientConnection client, ControlStream stream, bool keepAlive, bool isChunked)
    {
        (_loop, _client, _stream, _isChunked) = (loop, client, stream, isChunked);
        _keepAlive = keepAlive && isChunked;
    }

    /// <summary>Sends the head, and asks for the first piece.</summary>
    internal unsafe void Begin(int status, IReadOnlyList<KeyValuePair<string, string>> fields)
    {
        int length = HeadWriter.WriteOwn(_loop.Scratch, status, HeadWriter.NoLength, _isChunked ? [.. fields, s_chunked] : fields, new RelayContext
        {
            Date = _loop.Date,
            Close = !_keepAlive,
            SayKeepAlive = true,
        });
        if (_loop.Draining)
        {
            OnDraining();
        }

        Send(length);
    }

    /// <summary>The next piece is there; an empty one is the end.</summary>
    internal void OnPiece(ReadOnlySpan<byte> piece)
    {
        var writer = new ByteWriter(_loop.Scratch);
        if (_isChunked)
        {
            Span<byte> size = stackalloc byte[8];
            System.Buffers.Text.Utf8Formatter.TryFormat(piece.Length, size, out int digits, 'x');
            writer.Add(size[..digits]);
            writer.Add("\r\n"u8);
        }

        writer.Add(piece);
        if (_isChunked)
        {
            writer.Add("\r\n"u8);
        }

        if (!piece.IsEmpty)
        {
            Send(writer.Length);
        }
        else
        {
            _stream.Abandon();
            if (writer.Length == 0 || TrySend(writer.Length))
            {
                _client.OnAnswered(_keepAlive && !_loop.Draining, requestRead: true);
            }
        }
    }

    /// <summary>There is room for more, or the client is gone. One that sends no more is gone: it only wanted to listen.</summary>
    internal void OnClientReady()
    {
        if (_client.HungUp || _client.PeerFinished || !_client.Flush())
        {
            _client.Close();
        }
        else if (_isFull && _client.UnsentBytes == 0)
        {
            _isFull = false;
            _loop.Timers.Arm(_client, _loop.Draining ? _loop.Now + Limits.NewcomerMilliseconds : Io.Pollable.Never);
            Ask();
        }
    }

    /// <summary>The process ends: a client that has not taken the last piece is cut, the others have a moment for the end.</summary>
    internal void OnDraining()
    {
        if (_isFull)
        {
            _client.Close();
        }
        else
        {
            _loop.Timers.Arm(_client, _loop.Now + Limits.NewcomerMilliseconds);
        }
    }

    /// <summary>The client is gone.</summary>
    internal void Abandon() => _stream.Abandon();

    private void Send(int length)
    {
        if (!TrySend(length))
        {
            return;
        }

        if (_client.UnsentBytes == 0)
        {
            Ask();
            return;
        }

        _isFull = true;
        _loop.Timers.Arm(_client, _loop.Now + _loop.Timeouts.BodyIdle);
    }

    // What was written to the loop's scratch.
    private unsafe bool TrySend(int length)
    {
        bool sent;
        fixed (byte* bytes = _loop.Scratch)
        {
            sent = _client.Send(bytes, length);
        }

        if (!sent)
        {
            _client.Close();
        }

        return sent;
    }

    private void Ask()
    {
        (LoopContext loop, ControlStream stream, int slot, uint generation) = (_loop, _stream, _client.Slot, _client.Generation);
        ThreadPool.UnsafeQueueUserWorkItem(_ => AskForPiece(loop, stream, slot, generation), null);
    }

    // An exception is a bug of the control plane, as with the answer itself: it ends the process.
    private static async void AskForPiece(LoopContext loop, ControlStream stream, int slot, uint generation)
    {
        ReadOnlyMemory<byte> piece = await stream.Next().ConfigureAwait(false);
        loop.Post(() => loop.FindLocal(slot, generation)?.OnPiece(stream, piece.Span));
    }

    /// <summary>Whether pieces of a stream are meant for this answer: the connection may have begun another since.</summary>
    internal bool IsOf(ControlStream stream) => ReferenceEquals(_stream, stream);
}
