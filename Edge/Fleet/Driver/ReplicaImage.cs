namespace Edge.Fleet;

/// <summary>The image of a replica.</summary>
/// <param name="Name">Its name, as the options or a person wrote it. A name can mean another image later.</param>
/// <param name="Id">Its id; null if the driver has no ids, or does not know it yet.</param>
internal sealed record ReplicaImage(string Name, string? Id = null)
{
    /// <summary>Whether both are the same image: by their ids, or by their names if one has no id.</summary>
    internal bool IsSameAs(ReplicaImage other) => Id is { } id && other.Id is { } its ? id == its : Name == other.Name;
}
