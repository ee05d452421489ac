namespace Edge.Fleet;

/// <summary>
/// What a replica that a deploy has made says of that deploy, so that another process can go on with it. It never changes, since the labels of a container
/// do not.
/// </summary>
/// <param name="Replaces">The generation that it is to replace.</param>
/// <param name="Size">How many replicas the new generation is to have.</param>
/// <param name="IsLead">Whether it is the first of them, which a failed deploy removes before the others.</param>
/// <param name="Configured">The image that the options named then; empty if they named none.</param>
internal sealed record DeployMark(int Replaces, int Size, bool IsLead, string Configured);
