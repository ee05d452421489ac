using Edge.Io;
using Edge.Options;

namespace Edge.Proxy;

/// <summary>
/// The end of a client's connection, such that the client gets to read everything that was sent: first that goes out, then
/// what the client still sends is thrown away until it has seen the end (RFC 9112 §9.6). Both within bounds.
/// </summary>
internal unsafe struct LingeringClose
{
    private int _bytes;
    private bool _isSent;

    /// <summary>Begins; may close at once.</summary>
    /// <param name="loop">The client's.</param>
    /// <param name="client">Whose connection ends.</param>
    /// <param name="mayHaveMore">Whether the client may have sent what nobody will read.</param>
    internal void Begin(ProxyLoop loop, Connection client, bool mayHaveMore)
    {
        _bytes = mayHaveMore ? Limits.LingerBytes : 0;
        _isSent = false;
        loop.Timers.Arm(client, loop.Now + loop.Timeouts.BodyIdle);
        Pump(loop, client);
    }

    /// <summary>Goes on, when the connection can be read or written.</summary>
    internal void Pump(ProxyLoop loop, Connection client)
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

        if (!client.Flush())
        {
            client.Close();
            return;
        }

        if (client.UnsentBytes > 0)
        {
            return;
        }

        if (_bytes == 0 && !client.Readable)
        {
            client.Close();
            return;
        }

        // Unread bytes at a close make the kernel send a reset, and that may overtake the response.
        _isSent = true;
        client.FinishSending();
        loop.Timers.Arm(client, loop.Now + Limits.LingerMilliseconds);
        Discard(loop, client);
    }

    private void Discard(ProxyLoop loop, Connection client)
    {
        for (int round = 0; round < Limits.RelayRounds; round++)
        {
            if (!client.Readable)
            {
                return;
            }

            int got = client.Receive(loop.ReadArea, ProxyLoop.ReceiveBytes);
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
