namespace Edge.Io;

/// <summary>Somebody that a process can run as; by numbers, since an empty image has no list of names.</summary>
/// <param name="User">The user, not 0.</param>
/// <param name="Group">The group of what it makes.</param>
/// <param name="Groups">Further groups, as the one that may use the Docker engine's socket.</param>
internal sealed record ProcessUser(uint User, uint Group, IReadOnlyList<uint> Groups);
