using Microsoft.Win32.SafeHandles;

namespace Edge.Io;

/// <summary>
/// Writes files that are whole or not there, whatever ends the process or the machine: under another name first, then on the disk, then renamed (rename(2)
/// replaces at once), then the name on the disk. With mode 0600.
/// </summary>
internal static class DurableFile
{
    /// <summary>What the file is called until it is whole. One writer at a time; what a writer that ended has left is written over.</summary>
    internal const string Unfinished = ".new";

    /// <param name="path">The file.</param>
    /// <param name="bytes">All of it.</param>
    /// <param name="step">Is told after each step, for tests that end there; null outside of tests.</param>
    /// <exception cref="IOException">The disk is full, or broken, or the folder may not be written to.</exception>
    internal static void Write(string path, ReadOnlySpan<byte> bytes, Action<string>? step)
    {
        string unfinished = path + Unfinished;
        string name = Path.GetFileName(path);
        using (SafeFileHandle file = Open(unfinished, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_TRUNC))
        {
            step?.Invoke($"{name} begun");
            RandomAccess.Write(file, bytes[..(bytes.Length / 2)], 0);
            step?.Invoke($"{name} half written");
            RandomAccess.Write(file, bytes[(bytes.Length / 2)..], bytes.Length / 2);
            RandomAccess.FlushToDisk(file);
        }

        step?.Invoke($"{name} written");
        File.Move(unfinished, path, overwrite: true);
        step?.Invoke($"{name} renamed");
        using SafeFileHandle folder = Open(Path.GetDirectoryName(path)!, 0);
        if (Libc.fsync((int)folder.DangerousGetHandle()) != 0)
        {
            throw new IOException(PrivateFiles.Describe(path, "fsync"));
        }
    }

    private static SafeFileHandle Open(string path, int flags)
    {
        int fd = Libc.open(path, flags | Libc.O_CLOEXEC, PrivateFiles.Mode);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw new IOException(PrivateFiles.Describe(path, "open"));
    }
}
