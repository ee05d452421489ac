using System.Text;
using Edge.Config;
using Edge.Fleet;

namespace Edge.Hosting;

/// <summary>The text that is printed when the balancer listens. Pure.</summary>
internal static class StartMessage
{
    /// <param name="version">Of the balancer.</param>
    /// <param name="listen">Where clients connect.</param>
    /// <param name="control">Where its own paths are; one of those, if they are not apart.</param>
    /// <param name="driver">The driver that runs the replicas.</param>
    /// <param name="capabilities">What the driver can do.</param>
    /// <param name="why">Why this driver.</param>
    /// <param name="hasToken">Whether callers of its own paths need a token.</param>
    internal static string Of(
        string version, IReadOnlyList<ListenAddress> listen, ListenAddress control, string driver, DriverCapabilities capabilities, string why, bool hasToken)
    {
        string own = control.Url();
        string curl = Insecure(control) + (hasToken ? "-H 'Authorization: Bearer …' " : "");
        var text = new StringBuilder($"edge {version} listens at {string.Join(", ", listen.Select(address => address.Url()))}");
        text.Append(listen is [var only] && only == control ? "\n" : $", its own paths at {own}\n");
        text.Append($"replicas: {driver} ({why})\ntry:\n");

        // Of the built-in replica alone it is known what it answers.
        ListenAddress first = listen.FirstOrDefault(address => !address.IsTls) ?? listen[0];
        text.Append($"  curl {Insecure(first)}-i {first.Url()}{(capabilities.IsBuiltInReplica ? "/home" : "/")}\n  curl {curl}{own}/rep\n");
        text.Append(capabilities.StartsReplicas ? $"  curl {curl}-X POST {own}/add -d '{{\"n\": 1}}'\n" : $"  curl {curl}{own}/edge/status\n");
        return text.ToString();
    }

    // The certificate is for a name, and the URL has an address.
    private static string Insecure(ListenAddress address) => address.IsTls ? "-k " : "";
}
