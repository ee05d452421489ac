using Edge.Config;

namespace Edge.Fleet;

/// <summary>How a deploy goes about it. It does not change while the deploy is under way, whatever becomes of the options.</summary>
/// <param name="Image">The name of the image that the new replicas are made of.</param>
internal sealed record DeployPlan(string Image)
{
    /// <summary>Of a hundred requests that may go to the first new replica, how many do; 0 for none.</summary>
    internal int CanaryPercent { get; init; }

    /// <summary>Whether the new version is compared with the old one.</summary>
    internal bool IsJudged { get; init; } = true;

    /// <summary>
    /// Whether replicas that the balancer has made like those that somebody else started are made anew, because those are of another image now. Nobody has
    /// asked for it, and no other process has to go on with it: that one sees the same difference.
    /// </summary>
    internal bool IsFollowing { get; init; }

    /// <summary>Whether it goes on where the image is the one that serves already.</summary>
    internal bool IsForced { get; init; }

    /// <summary>Whether the image is pulled, though the driver has one of this name.</summary>
    internal bool Pulls { get; init; }

    /// <summary>How long the canary lasts at most.</summary>
    internal TimeSpan Judge { get; init; }

    /// <summary>What follows if nothing is decided by then.</summary>
    internal UndecidedRule Undecided { get; init; }

    /// <summary>Whether the canary gets clients or single requests.</summary>
    internal CanaryBy By { get; init; }

    /// <summary>How many more replicas than before may run at a time; 0 for as many as there are.</summary>
    internal int Surge { get; init; }

    /// <summary>How long the old replicas run on after all requests go to the new ones.</summary>
    internal TimeSpan Bake { get; init; }

    /// <summary>How long the old replicas are kept after that.</summary>
    internal TimeSpan Keep { get; init; }

    /// <summary>How long a replica that is kept may take to become well again.</summary>
    internal TimeSpan Start { get; init; }

    /// <summary>Paths that the first new replica has to answer before it gets requests; the health check comes before them.</summary>
    internal IReadOnlyList<string> Smoke { get; init; } = [];

    /// <summary>
    /// The plan of replicas that follow those that somebody else started: one by one, as they do it themselves, and without a version to go back to.
    /// </summary>
    /// <param name="image">The image of those.</param>
    /// <param name="options">Of the service.</param>
    internal static DeployPlan Following(string image, ServiceOptions options) => Of(image, options) with
    {
        IsFollowing = true,
        IsForced = true,
        CanaryPercent = 0,
        Surge = 1,
        Bake = TimeSpan.Zero,
        Keep = TimeSpan.Zero,
    };

    /// <summary>The plan of a deploy that begins now.</summary>
    /// <param name="image">The image.</param>
    /// <param name="options">Of the service.</param>
    internal static DeployPlan Of(string image, ServiceOptions options) => new(image)
    {
        CanaryPercent = options.Deploy.Canary,
        Judge = options.Deploy.Judge,
        Undecided = options.Deploy.Undecided,
        By = options.Deploy.By,
        Surge = options.Deploy.Surge,
        Bake = options.Deploy.Bake,
        Keep = options.Deploy.Keep,
        Start = options.Timeouts.Start,
        Smoke = options.Deploy.Smoke,
    };
}
