using Edge.Config;

namespace Edge.Proxy;

/// <summary>The timeouts of the data path, in milliseconds, the unit of the loops.</summary>
internal sealed class Timeouts(ServiceOptions options)
{
    internal readonly long RequestHead = (long)options.Timeouts.RequestHead.TotalMilliseconds;
    internal readonly long TlsHandshake = (long)options.Timeouts.TlsHandshake.TotalMilliseconds;
    internal readonly long ResponseHead = (long)options.Timeouts.ResponseHead.TotalMilliseconds;
    internal readonly long Connect = (long)options.Timeouts.Connect.TotalMilliseconds;
    internal readonly long ClientIdle = (long)options.Timeouts.ClientIdle.TotalMilliseconds;
    internal readonly long PoolIdle = (long)options.Timeouts.PoolIdle.TotalMilliseconds;
    internal readonly long BodyIdle = (long)options.Timeouts.BodyIdle.TotalMilliseconds;
    internal readonly long Request = (long)options.Timeouts.Request.TotalMilliseconds;
    internal readonly long HalfCloseGrace = (long)options.Forwarding.HalfCloseGrace.TotalMilliseconds;
    internal readonly long Tunnel = (long)options.Timeouts.Tunnel.TotalMilliseconds;
}
