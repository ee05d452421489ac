namespace Edge.Config;

internal static partial class OptionsCatalog
{
    // Edge:Deploy: how a new version takes the place of the old one.
    private static readonly OptionEntry[] s_deploy =
    [
        Integer("Edge:Deploy:Canary", o => o.Deploy.Canary, 0, Limits.CanaryPercent,
            "How many percent of the GET and HEAD requests the first replica of a new version gets, while it is compared with the old ones; 0 is "
            + "to compare nothing."),
        Time("Edge:Deploy:Judge", o => o.Deploy.Judge, "How long it is compared at most."),
        Choice("Edge:Deploy:Undecided", o => o.Deploy.Undecided.ToString(), "Promote, Pause or Revert",
            "What follows if it was found neither good nor bad by then: the deploy goes on, waits for a person, or is taken back."),
        Choice("Edge:Deploy:By", o => o.Deploy.By.ToString(), "Client or Request",
            "What is divided: clients, by their addresses, so that a page and what belongs to it are of one version; or single requests."),
        Integer("Edge:Deploy:Surge", o => o.Deploy.Surge, 0, FleetAtMost,
            "How many more replicas than before may run at a time, which are then replaced one after the other; 0 starts all new ones "
            + "beside the old ones, and switches all requests by one swap."),
        Time("Edge:Deploy:Bake", o => o.Deploy.Bake,
            "How long the old replicas run on after all requests go to the new ones, which go back to them if the new ones fail.", mayBeOff: true),
        Time("Edge:Deploy:Keep", o => o.Deploy.Keep,
            "How long the old replicas are kept after that, stopped, so that a rollback takes a second.", mayBeOff: true),
        List("Edge:Deploy:Smoke", o => o.Deploy.Smoke, "a path that starts with /",
            "What the first replica of a new version is asked for before any client gets to it, beside its health check; each has to answer as a health check does.",
            OptionValues.IsPath),
    ];
}
