namespace Edge.Config;

/// <summary>One address of a static fleet.</summary>
/// <param name="Host">A name or an address, without brackets.</param>
/// <param name="Port">1 to 65,535.</param>
/// <param name="Weight">1 to <see cref="Limits.WeightAtMost"/>.</param>
/// <param name="Scheme">What the server speaks there.</param>
internal readonly record struct StaticAddress(string Host, int Port, int Weight, Scheme Scheme = Scheme.Http)
{
    /// <summary>The name of the replica: <c>host:port</c>.</summary>
    internal string Name => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
