namespace Edge.Drivers;

/// <summary>The program that runs as a replica.</summary>
/// <param name="File">The executable.</param>
/// <param name="PrefixArguments">Arguments before those of the replica, if the executable is the host of a program or the interpreter of a script.</param>
internal sealed record ReplicaProgram(string File, IReadOnlyList<string> PrefixArguments)
{
    /// <summary>This program itself, natively or under the dotnet host.</summary>
    internal static ReplicaProgram Itself()
    {
        string self = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is unknown.");
        bool hosted = Path.GetFileNameWithoutExtension(self) == "dotnet";
        return new ReplicaProgram(self, hosted ? [Path.Combine(AppContext.BaseDirectory, "edge.dll")] : []);
    }
}
