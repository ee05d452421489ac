using Microsoft.Win32.SafeHandles;

namespace Edge.Io;

/// <summary>
/// A lock that one holder has at a time, of all processes that name the same file (flock(2)). The kernel frees it when its holder ends, however it ends.
/// The file stays: to remove it would give two holders a lock each.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private readonly SafeFileHandle _file;

    private FileLock(SafeFileHandle file) => _file = file;

    /// <summary>Takes the lock, or returns null if another one has it.</summary>
    /// <param name="path">The file; made with mode 0600 where it is not there.</param>
    /// <exception cref="IOException">The file cannot be made, opened or locked.</exception>
    internal static FileLock? TryTake(string path)
    {
        int fd = Libc.open(path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_CLOEXEC, PrivateFiles.Mode);
        if (fd < 0)
        {
            throw new IOException(PrivateFiles.Describe(path, "open"));
        }

        var file = new SafeFileHandle(fd, ownsHandle: true);
        if (Libc.flock(fd, Libc.LOCK_EX | Libc.LOCK_NB) == 0)
        {
            return new FileLock(file);
        }

        bool isTaken = Libc.Errno == Libc.EAGAIN;
        string why = PrivateFiles.Describe(path, "flock");
        file.Dispose();
        return isTaken ? null : throw new IOException(why);
    }

    public void Dispose() => _file.Dispose();
}
