namespace Edge.Tests.Probes;

/// <summary>A request to a balancer with the routes of <see cref="RouteServices"/>, and who answers it.</summary>
/// <param name="Name">What is tried.</param>
/// <param name="Sends">The bytes of the client, as in <see cref="Probe"/>.</param>
/// <param name="Service">Whose replica answers; empty where none does.</param>
/// <param name="Sees">The target that it is asked for; where none is, the balancer's status.</param>
internal sealed record RouteProbe(string Name, string Sends, string Service, string Sees)
{
    /// <summary>The host that the replica sees.</summary>
    internal string Host { get; init; } = "";

    /// <summary>Whether the balancer ends the connection: it does so with what is malformed, since it cannot tell where the next request begins.</summary>
    internal bool Closes => Service.Length == 0 && Sees != "403";

    public override string ToString() => Name;
}
