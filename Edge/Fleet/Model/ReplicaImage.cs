namespace Edge.Fleet;

/// <summary>What a replica is made of.</summary>
/// <param name="Name">As the options or a person wrote it: a name can mean another image later.</param>
/// <param name="Id">Which image that was; null where the driver has no ids, or does not know it yet.</param>
internal sealed record ReplicaImage(string Name, string? Id = null)
{
    /// <summary>Whether both are the same image: by their ids, or by their names where one has no id.</summary>
    internal bool IsSameAs(ReplicaImage other) => Id is { } id && other.Id is { } its ? id == its : Name == other.Name;
}
