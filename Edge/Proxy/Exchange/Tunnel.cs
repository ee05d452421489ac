using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>
/// The connections of a client and a replica after a 101 (RFC 9110 §7.8). Bytes go both ways until both sides have ended, one side is reset, the
/// replica is let go of, or nothing has moved for the time of the options. While one side is full, the other is not read. The end of one direction is
/// passed on, and the other direction stays open. A tunnel is in flight on its replica as a request is, but the time for a whole request does not
/// apply. While no bytes wait, it holds no buffer.
/// </summary>
internal sealed class Tunnel : UpstreamUser
{
    private readonly LoopContext _loop;
    private readonly ClientStream _client;
    private readonly UpstreamStream _upstream;

    /// <param name="loop">Of both streams.</param>
    /// <param name="client">Has been told of the switch.</param>
    /// <param name="upstream">In the pool's list of those in use, and without an exchange.</param>
    internal Tunnel(LoopContext loop, ClientStream client, UpstreamStream upstream)
    {
        _loop = loop;
        _client = client;
        _upstream = upstream;
        client.BeginTunnel();
        upstream.BeginTunnel();
        upstream.User = this;
        Counters.Tunnels++;
    }

    // Those of its service: the queue of its pool is one service's.
    private ref ServiceCounters Counters => ref _upstream.Pool.Queue.Counters;

    /// <summary>Begins with the bytes that the client sent behind its request, which could have been its next request.</summary>
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

    // It was connected before.
    internal override void OnConnected()
    {
    }

    internal override void OnUpstreamReady() => OnReady();

    /// <summary>One of the streams can be read or written.</summary>
    internal void OnReady()
    {
        // The replica's side first: its last bytes may lie before a reset, which sending to it would cause.
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

    // Nothing has moved for too long.
    internal override void OnUpstreamTimer() => End(Ending.Finished);

    internal override void OnReplicaGone(ConnectFault fault) => Break(Ending.Failed);

    // No other replica could go on with it.
    internal override void OnReplicaUnwell()
    {
    }

    internal override void OnReplicaReleased(bool isLost) => Cut();

    /// <summary>The replica is let go of, or the process ends, and the time to wait is over.</summary>
    internal void Cut() => End(Ending.Failed);

    private void Arm() => _upstream.SetTimer(_loop.Now + _upstream.Pool.Queue.Settings.Timeouts.Tunnel);

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

    // Closes in order: the client gets the bytes that were taken for it. So does the replica, or it is told that bytes are missing.
    private void End(Ending ending)
    {
        if (_upstream.UnsentBytes > 0)
        {
            _upstream.Abort();
        }

        LeavePool(ending);
        _client.End();
    }

    // A reset of one side resets the other at once. Bytes that it has not taken are lost, as with any reset.
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
        Counters.Tunnels--;
        UpstreamPool pool = _upstream.Pool;
        pool.Leave();
        pool.Return(_upstream, ending, reusable: false);
    }
}
