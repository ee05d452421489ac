using Edge.Config;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// The end of a client connection, so that the client can read everything that was sent. First all bytes go out; then the bytes that the client still
/// sends are thrown away until it has seen the end (RFC 9112 §9.6). Both have bounds. If the end alone would make a response look whole that is not,
/// the end is a reset, once the client's kernel has all bytes.
/// </summary>
internal struct LingeringClose
{
    private int _bytes;
    private bool _isSent;
    private bool _resets;
    private int _queued;
    private long _givesUpAt;

    /// <summary>Begins; may close at once.</summary>
    /// <param name="loop">The loop of the client.</param>
    /// <param name="client">The connection that ends.</param>
    /// <param name="mayHaveMore">Whether the client may have sent bytes that nothing will read.</param>
    /// <param name="resets">Whether it ends with a reset.</param>
    internal void Begin(LoopContext loop, Connection client, bool mayHaveMore, bool resets)
    {
        _bytes = mayHaveMore ? Limits.LingerBytes : 0;
        _isSent = false;
        _resets = resets;
        _queued = int.MaxValue;
        ExpectProgress(loop, client);
        Pump(loop, client);
    }

    /// <summary>Goes on, when the connection can be read or written.</summary>
    internal void Pump(LoopContext loop, Connection client)
    {
        if (_isSent)
        {
            Discard(loop, client);
            return;
        }

        if (client.AwaitPosted())
        {
            return;
        }

        int unsent = client.UnsentBytes;
        if (!client.Flush())
        {
            client.Close();
            return;
        }

        if (client.UnsentBytes > 0)
        {
            if (client.UnsentBytes < unsent)
            {
                ExpectProgress(loop, client);
            }

            return;
        }

        if (_resets)
        {
            ResetOnceTaken(loop, client);
            return;
        }

        if (_bytes == 0 && !client.Readable)
        {
            client.Close();
            return;
        }

        // Unread bytes at a close make the kernel send a reset, which may overtake the response.
        _isSent = true;
        client.FinishSending();
        loop.Timers.Arm(client, loop.Now + Limits.LingerMilliseconds);
        Discard(loop, client);
    }

    /// <summary>The time is over, unless the client has taken bytes since.</summary>
    internal void OnDeadline(LoopContext loop, Connection client)
    {
        if (_resets && client.UnsentBytes == 0)
        {
            ResetOnceTaken(loop, client);
        }
        else if (_resets)
        {
            client.Abort();
        }
        else if (_isSent && loop.Now < _givesUpAt && TookSome(client, out int queued) && queued > 0)
        {
            // The client is slow, but reads. If the connection closed now, bytes that the client still sends would make the kernel reset it.
            loop.Timers.Arm(client, loop.Now + Limits.LingerMilliseconds);
        }
        else
        {
            client.Close();
        }
    }

    private void ExpectProgress(LoopContext loop, Connection client)
    {
        _givesUpAt = loop.Now + loop.Timeouts.BodyIdle;
        loop.Timers.Arm(client, _givesUpAt);
    }

    private void ResetOnceTaken(LoopContext loop, Connection client)
    {
        if (TookSome(client, out int queued))
        {
            _givesUpAt = loop.Now + loop.Timeouts.BodyIdle;
        }

        if (queued == 0 || loop.Now >= _givesUpAt)
        {
            client.Abort();
        }
        else
        {
            loop.Timers.Arm(client, loop.Now + Limits.TakenPollMilliseconds);
        }
    }

    // Since the last call.
    private bool TookSome(Connection client, out int queued)
    {
        int before = _queued;
        queued = _queued = SocketQueue.UnacknowledgedBytes(client.Fd);
        return queued < before;
    }

    private void Discard(LoopContext loop, Connection client)
    {
        for (int round = 0; round < Limits.RelayRounds; round++)
        {
            if (!client.Readable)
            {
                return;
            }

            int got = client.Receive(loop.ReadArea.Span);
            _bytes -= Math.Max(got, 0);
            if (got == Connection.WouldBlock)
            {
                return;
            }

            if (got <= 0 || _bytes <= 0)
            {
                client.Close();
                return;
            }
        }

        loop.Defer(client);
    }
}
