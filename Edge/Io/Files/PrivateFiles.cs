using System.Runtime.InteropServices;

namespace Edge.Io;

/// <summary>Files and folders for nobody but their owner.</summary>
internal static class PrivateFiles
{
    /// <summary>Of a file: 0600.</summary>
    internal const uint Mode = 0x180;

    // 0700.
    private const uint FolderMode = 0x1C0;

    /// <summary>Makes a folder with mode 0700 where there is none; one that is there keeps its mode. The folder above it has to be there.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    internal static void MakeFolder(string path)
    {
        if (Libc.mkdir(path, FolderMode) != 0 && Libc.Errno != Libc.EEXIST)
        {
            throw new IOException(Describe(path, "mkdir"));
        }
    }

    /// <summary>The last error of the C library in words.</summary>
    internal static string Describe(string path, string call) => $"{path}: {Marshal.GetPInvokeErrorMessage(Libc.Errno)} ({call}(2))";
}
