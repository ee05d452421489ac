namespace Edge.Io;

/// <summary>A user that the process can become; by numbers, because an empty image has no list of names.</summary>
/// <param name="User">The user, not 0.</param>
/// <param name="Group">The group of the files that it makes.</param>
/// <param name="Groups">Further groups, for example the one that may use the Docker engine's socket.</param>
internal sealed record ProcessUser(uint User, uint Group, IReadOnlyList<uint> Groups);
