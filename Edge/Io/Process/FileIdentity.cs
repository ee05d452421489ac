using System.ComponentModel;

namespace Edge.Io;

/// <summary>
/// What tells a file from the one that was at its path before: which file it is (statx(2)), and when it was changed last. Links are followed, so that a
/// link to another file is another one, too.
/// </summary>
/// <param name="Inode">Its number.</param>
/// <param name="Device">The file system.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Modified">When its content was changed, in nanoseconds since 1970.</param>
/// <param name="Changed">When its content, owner or permissions were changed, in nanoseconds since 1970.</param>
internal readonly unsafe record struct FileIdentity(ulong Inode, ulong Device, ulong Bytes, long Modified, long Changed)
{
    // struct statx
    private const int StructureBytes = 256;
    private const int InodeAt = 32;
    private const int BytesAt = 40;
    private const int ChangedAt = 96;
    private const int ModifiedAt = 112;
    private const int DeviceAt = 136;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Of the file or folder at a path; null if there is none.</summary>
    /// <exception cref="IOException">It cannot be looked at, as for a folder on the way that may not be searched.</exception>
    internal static FileIdentity? Of(string path)
    {
        byte* found = stackalloc byte[StructureBytes];
        if (Libc.statx(Libc.AT_FDCWD, path, 0, Libc.STATX_BASIC_STATS, found) == 0)
        {
            return new FileIdentity(
                *(ulong*)(found + InodeAt), *(ulong*)(found + DeviceAt), *(ulong*)(found + BytesAt), TimeAt(found + ModifiedAt), TimeAt(found + ChangedAt));
        }

        int errno = Libc.Errno;
        return errno is Libc.ENOENT or Libc.ENOTDIR ? null : throw new IOException(new Win32Exception(errno).Message);
    }

    // struct statx_timestamp: seconds, then nanoseconds.
    private static long TimeAt(byte* time) => *(long*)time * NanosecondsPerSecond + *(uint*)(time + sizeof(long));
}
