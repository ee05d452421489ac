namespace Edge.Drivers;

/// <summary>
/// A socket that was mounted as a single file and has been replaced on the host: an engine that restarts makes a new file, and the mount still shows
/// the old one, at which nobody listens.
/// </summary>
internal static class StaleSocket
{
    private const string MountInfo = "/proc/self/mountinfo";

    // The kernel writes this behind the root of a mount whose file has been deleted; a path itself has no empty part.
    private const string Deleted = "//deleted";

    /// <summary>Whether this process sees such a file at the path.</summary>
    internal static bool IsAt(string path)
    {
        string folder = Path.GetDirectoryName(path) ?? "/";
        string? real = Directory.Exists(folder) ? new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName : null;
        return File.Exists(MountInfo) && IsAt(Path.Combine(real ?? folder, Path.GetFileName(path)), File.ReadLines(MountInfo));
    }

    /// <summary>The same, from the lines of a mountinfo (proc_pid_mountinfo(5)).</summary>
    internal static bool IsAt(string path, IEnumerable<string> mountInfo)
    {
        // If several mounts have one path, the last one is visible.
        string written = Written(path);
        string? root = mountInfo.Select(line => line.Split(' ')).LastOrDefault(fields => fields is [_, _, _, _, var at, ..] && at == written)?[3];
        return root is not null && root.EndsWith(Deleted, StringComparison.Ordinal);
    }

    // A mountinfo writes the characters that separate its fields as octal numbers.
    private static string Written(string path) => path
        .Replace("\\", "\\134", StringComparison.Ordinal)
        .Replace(" ", "\\040", StringComparison.Ordinal)
        .Replace("\t", "\\011", StringComparison.Ordinal)
        .Replace("\n", "\\012", StringComparison.Ordinal);
}
