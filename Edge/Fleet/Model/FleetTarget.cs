namespace Edge.Fleet;

/// <summary>
/// What the fleet is to be. A member that has run once is healed as what it is, whatever the target says by then; only new members follow it.
/// Immutable; the fleet manager's actor keeps the one that holds.
/// </summary>
/// <param name="Size">How many members the fleet is filled up to when its driver has said what runs.</param>
/// <param name="Generation">Of new members: a number that grows by one each time that new members are made of another image; 0 before the first.</param>
/// <param name="Image">What members of that generation are made of; null before the first.</param>
internal sealed record FleetTarget(int Size, int Generation = 0, ReplicaImage? Image = null)
{
    /// <summary>The target after it is known what a new member is made of now: of the same image it is of the same generation, of another one of the next.</summary>
    internal FleetTarget Towards(ReplicaImage image) =>
        Image is { } known && known.IsSameAs(image) ? this with { Image = image } : this with { Generation = Generation + 1, Image = image };

    /// <summary>The target after a member was found, which this process or another one has made: the newest generation says what was wanted last.</summary>
    /// <param name="generation">Of the member; null where it has none.</param>
    /// <param name="image">What it is made of; null where that is not known.</param>
    internal FleetTarget Past(int? generation, ReplicaImage? image) =>
        generation is { } its && (its > Generation || (its == Generation && Image?.Id is null)) ? this with { Generation = its, Image = image ?? Image } : this;
}
