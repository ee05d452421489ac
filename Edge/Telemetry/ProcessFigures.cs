using System.Globalization;

namespace Edge.Telemetry;

/// <summary>What the operating system and the runtime say of this process.</summary>
/// <param name="CpuSeconds">Processor time of all threads, in user and kernel mode.</param>
/// <param name="ResidentBytes">Physical memory.</param>
/// <param name="Descriptors">Open descriptors.</param>
/// <param name="DescriptorsAtMost">How many there may be.</param>
/// <param name="HeapBytes">Managed memory in use.</param>
internal readonly record struct ProcessFigures(double CpuSeconds, long ResidentBytes, int Descriptors, long DescriptorsAtMost, long HeapBytes)
{
    internal static ProcessFigures Read() => new(
        Environment.CpuUsage.TotalTime.TotalSeconds,
        Environment.WorkingSet,
        // Without the one that this listing itself takes.
        Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() - 1,
        MostDescriptors(),
        GC.GetTotalMemory(forceFullCollection: false));

    // proc_pid_limits(5): "Max open files", then the soft limit.
    private static long MostDescriptors()
    {
        const string Name = "Max open files";
        string line = File.ReadLines("/proc/self/limits").First(l => l.StartsWith(Name, StringComparison.Ordinal));
        string soft = line[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return soft == "unlimited" ? long.MaxValue : long.Parse(soft, CultureInfo.InvariantCulture);
    }
}
