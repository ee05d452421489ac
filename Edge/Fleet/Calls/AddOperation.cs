namespace Edge.Fleet;

/// <summary>A call of /add. It waits until each new member is in rotation; once one has failed, until all of them are gone.</summary>
internal sealed class AddOperation(int count, IReadOnlyList<string> names, int weight) : FleetOperation(count, names)
{
    internal int Weight { get; } = weight;

    internal List<Member> Members { get; } = [];

    /// <summary>How much longer it waits than the options allow, because a replica says that it needs longer to become well.</summary>
    internal TimeSpan Extension { get; set; }

    internal void Replace(Member old, Member other)
    {
        Members[Members.IndexOf(old)] = other;
        Waiting.Remove(old);
        Waiting.Add(other);
    }
}
