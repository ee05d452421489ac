namespace Edge.Drivers;

/// <summary>How the program that serves as a replica is run.</summary>
/// <param name="File">The executable.</param>
/// <param name="PrefixArguments">What comes before the arguments of the replica, where the executable runs others: a host, a script's interpreter.</param>
internal sealed record ReplicaProgram(string File, IReadOnlyList<string> PrefixArguments)
{
    /// <summary>This very program, whether it runs natively or under the dotnet host.</summary>
    internal static ReplicaProgram Itself()
    {
        string self = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is unknown.");
        bool hosted = Path.GetFileNameWithoutExtension(self) == "dotnet";
        return new ReplicaProgram(self, hosted ? [Path.Combine(AppContext.BaseDirectory, "edge.dll")] : []);
    }
}
