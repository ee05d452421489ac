namespace Edge.Fleet;

/// <summary>
/// What the fleet should be. A member that has run once is healed with its own image, even if the target has another one; only new members follow the
/// target. Immutable; the fleet manager's actor keeps the present one.
/// </summary>
/// <param name="Size">The number of members that the fleet is filled up to after the driver's first list.</param>
/// <param name="Generation">The generation of new members: a number that grows by one when new members are made of another image; 0 before the first.</param>
/// <param name="Image">The image of that generation; null before the first.</param>
internal sealed record FleetTarget(int Size, int Generation = 0, ReplicaImage? Image = null)
{
    /// <summary>
    /// Whether replicas of the balancer that do not run at its start stay so until they are needed: the fleet may sleep, and was stopped because nobody asked.
    /// </summary>
    internal bool KeepsEnded { get; init; }

    /// <summary>With what the names begin that new members get.</summary>
    internal string Prefix { get; init; } = ReplicaNames.DefaultPrefix;

    /// <summary>
    /// The image that the options named when a person deployed <see cref="Image"/>; null if none was deployed. What was deployed is wanted until the options
    /// name yet another image.
    /// </summary>
    internal string? Configured { get; init; }

    /// <summary>The target after the image of a new member is known: the same image keeps the generation, another one begins the next.</summary>
    /// <param name="image">Of the options.</param>
    internal FleetTarget Towards(ReplicaImage image) =>
        Image is { } known && (Configured == image.Name || known.IsSameAs(image))
            ? Configured == image.Name ? this : this with { Image = image }
            : this with { Generation = Generation + 1, Image = image, Configured = null };

    /// <summary>The target after a member was found that this process or another one has made: the newest generation shows what was wanted last.</summary>
    /// <param name="generation">Of the member; null if it has none.</param>
    /// <param name="image">Of the member; null if it is not known.</param>
    /// <param name="mark">The deploy that made it; null if none did.</param>
    internal FleetTarget Past(int? generation, ReplicaImage? image, DeployMark? mark = null) =>
        generation is { } its && (its > Generation || (its == Generation && (Image?.Id is null || (Configured is null && mark is not null))))
            ? this with { Generation = its, Image = image ?? Image, Configured = mark?.Configured ?? (its > Generation ? null : Configured) }
            : this;
}
