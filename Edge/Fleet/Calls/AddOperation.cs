namespace Edge.Fleet;

/// <summary>An addition waits for each member to be in rotation; once one failed, for each member to be gone.</summary>
internal sealed class AddOperation(int count, IReadOnlyList<string> names, int weight) : FleetOperation(count, names)
{
    internal int Weight { get; } = weight;

    internal List<Member> Members { get; } = [];

    /// <summary>How much longer than the options allow it waits, since a replica says that it may take longer to become well.</summary>
    internal TimeSpan Extension { get; set; }

    internal void Replace(Member old, Member other)
    {
        Members[Members.IndexOf(old)] = other;
        Waiting.Remove(old);
        Waiting.Add(other);
    }
}
