namespace Edge.Proxy;

/// <summary>Who has a stream to a replica for the present: an exchange, or the tunnel that it has become. The stream tells it what happens.</summary>
internal abstract class UpstreamUser
{
    /// <summary>The stream has just been connected; <see cref="OnUpstreamReady"/> follows.</summary>
    internal abstract void OnConnected();

    /// <summary>The stream can be read or written, or may be.</summary>
    internal abstract void OnUpstreamReady();

    /// <summary>The stream's own timer has fired (<see cref="MessageStream.SetTimer"/>).</summary>
    internal abstract void OnUpstreamTimer();

    /// <summary>The stream could not be connected.</summary>
    /// <param name="fault">Why.</param>
    internal abstract void OnReplicaGone(ConnectFault fault);

    /// <summary>The replica is out of rotation, and may never answer.</summary>
    internal abstract void OnReplicaUnwell();

    /// <summary>The replica is let go of, and the time for its remaining requests is over.</summary>
    /// <param name="isLost">Whether it is let go of because it has died.</param>
    internal abstract void OnReplicaReleased(bool isLost);
}
