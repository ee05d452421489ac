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

    /// <summary>The target after the image of a new member is known: the same image keeps the generation, another one begins the next.</summary>
    internal FleetTarget Towards(ReplicaImage image) =>
        Image is { } known && known.IsSameAs(image) ? this with { Image = image } : this with { Generation = Generation + 1, Image = image };

    /// <summary>The target after a member was found that this process or another one has made: the newest generation shows what was wanted last.</summary>
    /// <param name="generation">Of the member; null if it has none.</param>
    /// <param name="image">Of the member; null if it is not known.</param>
    internal FleetTarget Past(int? generation, ReplicaImage? image) =>
        generation is { } its && (its > Generation || (its == Generation && Image?.Id is null)) ? this with { Generation = its, Image = image ?? Image } : this;
}
