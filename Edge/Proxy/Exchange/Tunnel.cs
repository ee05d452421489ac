namespace Edge.Proxy;

/// <summary>
/// What a client and a replica have after a 101 (RFC 9110 §7.8): bytes both ways, whatever they mean, until both sides have
/// ended, one is reset, the replica goes, or nothing has moved for the time of the options. A side that is full stops the
/// reading of the other; the end of one direction is passed on and leaves the other open. It is in flight on its replica as a
/// request is, but the time for a whole request is not its. While no bytes wait it holds no buffer.
/// </summary>
internal sealed class Tunnel
{
    private readonly LoopContext _loop;
    private readonly ClientStream _client;
    private readonly UpstreamStream _upstream;

    /// <param name="loop">Of both streams.</param>
    /// <param name="client">Has been told of the switch.</param>
    /// <param name="upstream">In the pool's list of those in use, but no exchange's any more.</param>
    internal Tunnel(LoopContext loop, ClientStream client, UpstreamStream upstream)
    {
        _loop = loop;
        _client = client;
        _upstream = upstream;
        client.BeginTunnel();
        upstream.BeginTunnel();
        upstream.Exchange = null;
        upstream.Tunnel = this;
        loop.Counters.Tunnels++;
    }

    /// <summary>Begins with what the client has sent behind its request, which until now might have been its next one.</summary>
    internal void Open()
    {
        _loop.Requests++;
        _client.EndAccounting();
        Arm();
        ReadOnlySpan<byte> ahead = _client.TakeAhead();
        if (!ahead.IsEmpty && !_upstream.Send(ahead))
        {
            Break(Ending.Failed);
            return;
        }

        OnReady();
    }

    /// <summary>One of the streams can be read or written.</summary>
    internal void OnReady()
    {
        // The replica's side first: its last words may lie before a reset that sending to it would meet.
        RelayResult down = Pump(_upstream, _client);
        RelayResult up = Pump(_client, _upstream);
        if (down == RelayResult.Yielded || up == RelayResult.Yielded)
        {
            _upstream.Defer();
        }
        else if (down == RelayResult.SourceEnded || up == RelayResult.SinkBroken || _upstream.IsReset())
        {
            Break(Ending.Failed);
            return;
        }
        else if (up == RelayResult.SourceEnded || down == RelayResult.SinkBroken || _client.IsReset())
        {
            Break(Ending.Finished);
            return;
        }
        else if (_upstream.IsBodyRead && _client.IsBodyRead)
        {
            End(Ending.Finished);
            return;
        }

        if (_upstream.TakeProgress() | _client.TakeProgress())
        {
            Arm();
            _client.CountBytes();
            _upstream.CountBytes();
        }
    }

    /// <summary>Nothing has moved for too long.</summary>
    internal void OnIdle() => End(Ending.Finished);

    /// <summary>The replica goes, or the process ends, and there is no more time to wait for an end.</summary>
    internal void Cut() => End(Ending.Failed);

    private void Arm() => _upstream.SetTimer(_loop.Now + _loop.Timeouts.Tunnel);

    private static RelayResult Pump(MessageStream source, MessageStream sink)
    {
        if (source.IsBodyRead)
        {
            return RelayResult.Done;
        }

        RelayResult result = source.MoveBody(sink);
        if (result == RelayResult.Done)
        {
            sink.FinishSending();
        }

        return result;
    }

    // In order: the client gets what was taken for it. So does the replica, or it is told that something is missing.
    private void End(Ending ending)
    {
        if (_upstream.UnsentBytes > 0)
        {
            _upstream.Abort();
        }

        LeavePool(ending);
        _client.End();
    }

    // A reset of one side is one of the other, at once: what that has not taken by then is lost, as it may be by any reset.
    private void Break(Ending ending)
    {
        _upstream.Abort();
        LeavePool(ending);
        _client.Abort();
    }

    private void LeavePool(Ending ending)
    {
        _upstream.ReleaseBody();
        _client.ReleaseBody();
        _loop.Counters.Tunnels--;
        UpstreamPool pool = _upstream.Pool;
        pool.Leave();
        pool.Return(_upstream, ending, reusable: false);
    }
}
