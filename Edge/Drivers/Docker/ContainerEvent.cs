namespace Edge.Drivers;

/// <summary>One event of the engine.</summary>
/// <param name="Type">container or network.</param>
/// <param name="Action">die, start, kill …; for a health check with its result behind a colon.</param>
/// <param name="ContainerId">The container.</param>
/// <param name="Attributes">exitCode, signal, name …, as the engine gives them.</param>
internal sealed record ContainerEvent(
    string Type,
    string Action,
    string ContainerId,
    IReadOnlyDictionary<string, string> Attributes)
{
    internal string Attribute(string name) => Attributes.GetValueOrDefault(name, "");
}
