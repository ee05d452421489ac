using System.Runtime.InteropServices;

namespace Edge.Drivers;

/// <summary>Signals that the class library cannot send.</summary>
internal static partial class ChildSignals
{
    /// <summary>Stops a process; the same number on x86-64 and arm64 (signal(7)).</summary>
    internal const int SIGSTOP = 19;

    /// <summary>kill(2).</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int kill(int pid, int signal);
}
