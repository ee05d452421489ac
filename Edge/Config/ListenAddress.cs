using System.Net;

namespace Edge.Config;

/// <summary>An address at which clients come in.</summary>
/// <param name="Scheme">What they speak there.</param>
/// <param name="Endpoint">With port 0 the kernel chooses one.</param>
internal sealed record ListenAddress(Scheme Scheme, IPEndPoint Endpoint)
{
    internal bool IsTls => Scheme == Scheme.Https;

    /// <summary>A URL at which this machine can reach it: an address that stands for all of them is shown as loopback.</summary>
    internal string Url()
    {
        // A socket for every address takes IPv4, too, and a container may have no ::1.
        bool isAny = Endpoint.Address.Equals(IPAddress.Any) || Endpoint.Address.Equals(IPAddress.IPv6Any);
        return $"{(IsTls ? "https" : "http")}://{(isAny ? new IPEndPoint(IPAddress.Loopback, Endpoint.Port) : Endpoint)}";
    }
}
