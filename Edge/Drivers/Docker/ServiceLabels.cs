using Edge.Config;
using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>What the labels of a container say of its service: its name, and the requests that are for it. Pure.</summary>
internal static class ServiceLabels
{
    /// <summary>
    /// The name of the service that a container with hosts belongs to: that of its label <see cref="ContainerLabels.Fleet"/>; else the Compose project and
    /// the service in it, as <c>project-service</c>; else the container's own. It may be none that a service can have.
    /// </summary>
    /// <param name="labels">Of the container.</param>
    /// <param name="container">Its name.</param>
    internal static string NameOf(IReadOnlyDictionary<string, string> labels, string container) =>
        labels.GetValueOrDefault(ContainerLabels.Fleet) ?? Written(
            labels.TryGetValue(ContainerLabels.ComposeProject, out string? project) && labels.TryGetValue(ContainerLabels.ComposeService, out string? service)
                ? $"{project}-{service}" : container);

    /// <summary>What a container with hosts in its labels claims; null for one of a single command of Compose.</summary>
    internal static RouteClaim? ClaimOf(ContainerFacts container)
    {
        if (ContainerLabels.AreOfOneCommand(container.Labels))
        {
            return null;
        }

        string[] hosts = ItemsOf(container, ContainerLabels.Host), paths = ItemsOf(container, ContainerLabels.Path);
        string[] others = ItemsOf(container, ContainerLabels.Redirect);
        string? sticky = container.Labels.GetValueOrDefault(ContainerLabels.Sticky);
        var claim = new RouteClaim(NameOf(container.Labels, container.Name), container.Id, container.Name, container.Created)
        {
            Group = container.Labels.GetValueOrDefault(ContainerLabels.Group) ?? container.Labels.GetValueOrDefault(ContainerLabels.ComposeProject, ""),
            IsMade = ContainerLabels.MakerOf(container.Labels) == ReplicaOrigin.Made,
            Strips = container.Labels.GetValueOrDefault(ContainerLabels.Strip) == "true",
            IsSticky = sticky is null ? null : sticky == "true",
        };
        return MistakeOf(container, claim.Service, hosts, paths, others) is { } mistake ? claim with { Mistake = mistake }
            : claim with
            {
                Hosts = [.. hosts.Select(host => OptionValues.ParseHost(host)!).Distinct()],
                OtherNames = [.. others.Select(host => OptionValues.ParseHost(host)!).Distinct()],
                Paths = [.. paths.Select(path => OptionValues.ParsePath(path)!).Distinct()],
            };
    }

    private static string? MistakeOf(ContainerFacts container, string service, string[] hosts, string[] paths, string[] others)
    {
        if (!OptionValues.IsServiceName(service))
        {
            return $"its service would be named \"{service}\": the label {ContainerLabels.Fleet} has to give it a name of 1 to "
                + $"{OptionValues.ServiceNameChars} lower-case letters, digits and -, the first a letter";
        }

        if (hosts.Length + others.Length > Limits.LabelledRoutes || paths.Length > Limits.LabelledRoutes)
        {
            return $"it names {hosts.Length + others.Length} hosts and {paths.Length} paths: allowed are {Limits.LabelledRoutes} of each";
        }

        (string Label, string? Wrong, string Allowed)[] labels =
        [
            (ContainerLabels.Host, hosts.Length == 0 ? "" : Array.Find(hosts, host => OptionValues.ParseHost(host) is null),
                "a host name, or *. and a name for the names one level below it, without a port; several with commas"),
            (ContainerLabels.Path, Array.Find(paths, path => OptionValues.ParsePath(path) is null), "a path as /api; several with commas"),
            (ContainerLabels.Redirect, Array.Find(others, host => OptionValues.ParseHost(host) is null), "as in edge.host"),
            (ContainerLabels.Redirect, others.Length > 0 && hosts.All(host => host.StartsWith('*')) ? others[0] : null,
                "none where edge.host has no name that these could lead to"),
            (ContainerLabels.Strip, WrongSwitch(container, ContainerLabels.Strip), "true or false"),
            (ContainerLabels.Sticky, WrongSwitch(container, ContainerLabels.Sticky), "true or false"),
        ];
        (string label, string? wrong, string allowed) = Array.Find(labels, one => one.Wrong is not null);
        return wrong is null ? null : $"its label {label} has \"{wrong}\": allowed is {allowed}";
    }

    private static string? WrongSwitch(ContainerFacts container, string label) =>
        container.Labels.TryGetValue(label, out string? value) && value is not ("true" or "false") ? value : null;

    private static string[] ItemsOf(ContainerFacts container, string label) =>
        container.Labels.GetValueOrDefault(label, "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    // Compose's projects and services have _, and containers . and capitals, too.
    private static string Written(string name) => name.ToLowerInvariant().Replace('_', '-').Replace('.', '-');
}
