using System.Net;
using System.Text;
using Edge.Fleet;

namespace Edge.Hosting;

/// <summary>The text that is printed when the balancer listens. Pure.</summary>
internal static class StartMessage
{
    /// <param name="version">Of the balancer.</param>
    /// <param name="listen">Where clients connect.</param>
    /// <param name="control">Where its own paths are.</param>
    /// <param name="driver">The driver that runs the replicas.</param>
    /// <param name="capabilities">What the driver can do.</param>
    /// <param name="why">Why this driver.</param>
    /// <param name="hasToken">Whether callers of its own paths need a token.</param>
    internal static string Of(string version, IPEndPoint listen, IPEndPoint control, string driver, DriverCapabilities capabilities, string why, bool hasToken)
    {
        string own = Url(control);
        string token = hasToken ? "-H 'Authorization: Bearer …' " : "";
        var text = new StringBuilder($"edge {version} listens at {Url(listen)}");
        text.Append(control.Equals(listen) ? "\n" : $", its own paths at {own}\n");
        text.Append($"replicas: {driver} ({why})\ntry:\n");

        // Of the built-in replica alone it is known what it answers.
        text.Append($"  curl -i {Url(listen)}{(capabilities.IsBuiltInReplica ? "/home" : "/")}\n  curl {token}{own}/rep\n");
        text.Append(capabilities.StartsReplicas ? $"  curl {token}-X POST {own}/add -d '{{\"n\": 1}}'\n" : $"  curl {token}{own}/edge/status\n");
        return text.ToString();
    }

    private static string Url(IPEndPoint endpoint)
    {
        bool isAny = endpoint.Address.Equals(IPAddress.Any) || endpoint.Address.Equals(IPAddress.IPv6Any);
        return $"http://{(isAny ? new IPEndPoint(IPAddress.Loopback, endpoint.Port) : endpoint)}";
    }
}
