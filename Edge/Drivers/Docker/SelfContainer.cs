using System.Text.RegularExpressions;

namespace Edge.Drivers;

/// <summary>The container in which the balancer itself runs.</summary>
internal static partial class SelfContainer
{
    private const string MountInfo = "/proc/self/mountinfo";

    /// <summary>
    /// The id of the container in which this process runs; null if it runs in none. The engine mounts some files into each container from a folder
    /// that has the container's id as its name (proc_pid_mountinfo(5)). The host name is not used, because it can be chosen.
    /// </summary>
    internal static string? FindId() => File.Exists(MountInfo) ? FindId(File.ReadLines(MountInfo)) : null;

    internal static string? FindId(IEnumerable<string> mountInfo) =>
        mountInfo.Select(line => MountedFile().Match(line)).FirstOrDefault(m => m.Success)?.Groups[1].Value;

    [GeneratedRegex(@"/containers/([0-9a-f]{64})/(?:hostname|hosts|resolv\.conf) /etc/")]
    private static partial Regex MountedFile();
}
