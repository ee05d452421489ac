using System.Reflection;
using Edge.Io;

namespace Edge.Control;

/// <summary>The version of the program, for edge_build_info and edge --version.</summary>
/// <param name="Version">Of the program.</param>
/// <param name="Commit">Of its sources; "unknown" if it was not known at build time.</param>
internal sealed record Build(string Version, string Commit)
{
    /// <summary>The name and version of the TLS library that is linked in.</summary>
    internal string Tls { get; init; } = "unknown";

    /// <summary>Of this program, as its assembly has it.</summary>
    internal static Build Current { get; } = new(
        typeof(Build).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
        typeof(Build).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(m => m.Key == "Commit")?.Value is { Length: > 0 } commit ? commit : "unknown")
    {
        Tls = OpenSsl.Version,
    };
}
