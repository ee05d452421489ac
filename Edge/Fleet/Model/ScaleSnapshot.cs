namespace Edge.Fleet;

/// <summary>How the size of a fleet follows the load, at one instant.</summary>
/// <param name="State">What it is at.</param>
/// <param name="Since">When that began.</param>
/// <param name="Minimum">So many there are in any case while it is awake; 0 lets it sleep.</param>
/// <param name="Maximum">So many there are at most; 0 if the size does not follow the load.</param>
/// <param name="Target">How many are needed now; 0 while it is asleep.</param>
/// <param name="Why">The reason of that, for people.</param>
/// <param name="Next">What happens next, for people; empty if nothing does.</param>
internal sealed record ScaleSnapshot(ScaleState State, DateTimeOffset Since, int Minimum, int Maximum, int Target, string Why, string Next)
{
    /// <summary>Of a fleet whose size does not follow the load.</summary>
    internal static readonly ScaleSnapshot Fixed = new(ScaleState.Fixed, default, 0, 0, 0, "", "");

    /// <summary>Whether the size follows the load.</summary>
    internal bool IsOn => State != ScaleState.Fixed;
}
