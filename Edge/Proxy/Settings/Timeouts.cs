namespace Edge.Proxy;

/// <summary>The timeouts of the data path in the loops' own unit, milliseconds.</summary>
internal sealed class Timeouts(ProxySettings settings)
{
    internal readonly long RequestHead = (long)settings.RequestHead.TotalMilliseconds;
    internal readonly long ResponseHead = (long)settings.ResponseHead.TotalMilliseconds;
    internal readonly long Connect = (long)settings.Connect.TotalMilliseconds;
    internal readonly long ClientIdle = (long)settings.ClientIdle.TotalMilliseconds;
    internal readonly long PoolIdle = (long)settings.PoolIdle.TotalMilliseconds;
    internal readonly long BodyIdle = (long)settings.BodyIdle.TotalMilliseconds;
    internal readonly long Request = (long)settings.Request.TotalMilliseconds;
    internal readonly long HalfCloseGrace = (long)settings.HalfCloseGrace.TotalMilliseconds;
    internal readonly long Tunnel = (long)settings.Tunnel.TotalMilliseconds;
}
