using System.Globalization;

namespace Edge.Fleet;

/// <summary>The memory of the machine that is left for new processes (proc(5), MemAvailable).</summary>
internal static class HostMemory
{
    private const string File = "/proc/meminfo";

    /// <summary>In MiB; null if the kernel does not say it.</summary>
    internal static long? AvailableMiB()
    {
        try
        {
            return Parse(System.IO.File.ReadAllText(File));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // A machine that hides it has no such bound.
            return null;
        }
    }

    /// <summary>Reads the text of that file.</summary>
    internal static long? Parse(string text)
    {
        const string Key = "MemAvailable:";
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(Key, StringComparison.Ordinal) && line.EndsWith(" kB", StringComparison.Ordinal)
                && long.TryParse(line[Key.Length..^3].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes))
            {
                return kibibytes / 1024;
            }
        }

        return null;
    }
}
