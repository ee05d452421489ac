using System.Runtime.InteropServices;

namespace Edge.Io;

/// <summary>
/// The kernel's interface, in the kernel's own spelling (see section 2 of the manual). Calls on non-blocking
/// descriptors skip the garbage collector's transition: they return within microseconds. <see cref="epoll_wait"/>
/// blocks and therefore must not skip it, or a collection would wait for the next network event.
/// </summary>
internal static unsafe partial class Libc
{
    internal const int AF_INET = 2;
    internal const int AF_INET6 = 10;
    internal const int SOCK_STREAM = 1;
    internal const int SOCK_NONBLOCK = 0x800;
    internal const int SOCK_CLOEXEC = 0x80000;
    internal const int SOL_SOCKET = 1;
    internal const int SO_REUSEADDR = 2;
    internal const int SO_ERROR = 4;
    internal const int SO_SNDBUF = 7;
    internal const int SO_LINGER = 13;
    internal const int SO_PEERCRED = 17;
    internal const int SCM_RIGHTS = 1;
    internal const int SO_REUSEPORT = 15;
    internal const int IPPROTO_TCP = 6;
    internal const int TCP_NODELAY = 1;
    internal const int IPPROTO_IPV6 = 41;
    internal const int IPV6_V6ONLY = 26;
    internal const int MSG_NOSIGNAL = 0x4000;
    internal const int MSG_MORE = 0x8000;
    internal const int MSG_PEEK = 2;
    internal const int MSG_CTRUNC = 8;
    internal const int MSG_TRUNC = 0x20;
    internal const int MSG_DONTWAIT = 0x40;
    internal const int MSG_CMSG_CLOEXEC = 0x40000000;
    internal const int SHUT_WR = 1;
    internal const int O_WRONLY = 1;
    internal const int O_RDWR = 2;
    internal const int O_CREAT = 0x40;
    internal const int O_TRUNC = 0x200;
    internal const int LOCK_EX = 2;
    internal const int LOCK_NB = 4;

    /// <summary>ioctl of a socket: what it has sent and the peer has not acknowledged, and what it has not sent yet, in bytes (tcp(7)).</summary>
    internal const nuint SIOCOUTQ = 0x5411;

    internal const int EPOLL_CLOEXEC = 0x80000;
    internal const int EPOLL_CTL_ADD = 1;
    internal const int EPOLL_CTL_DEL = 2;
    internal const uint EPOLLIN = 0x1;
    internal const uint EPOLLOUT = 0x4;
    internal const uint EPOLLERR = 0x8;
    internal const uint EPOLLHUP = 0x10;
    internal const uint EPOLLRDHUP = 0x2000;
    internal const uint EPOLLET = 1u << 31;

    internal const int EFD_CLOEXEC = 0x80000;
    internal const int EFD_NONBLOCK = 0x800;
    internal const int O_CLOEXEC = 0x80000;
    internal const int O_NONBLOCK = 0x800;
    internal const int F_DUPFD_CLOEXEC = 1030;
    internal const int F_SETPIPE_SZ = 1031;
    internal const int F_GETPIPE_SZ = 1032;
    internal const uint SPLICE_F_MOVE = 1;
    internal const uint SPLICE_F_NONBLOCK = 2;
    internal const uint SPLICE_F_MORE = 4;
    internal const int RLIMIT_CORE = 4;
    internal const int RLIMIT_NOFILE = 7;
    internal const int PR_GET_DUMPABLE = 3;
    internal const int PR_SET_DUMPABLE = 4;
    internal const int PR_CAPBSET_DROP = 24;
    internal const int PR_SET_NO_NEW_PRIVS = 38;
    internal const int W_OK = 2;

    internal const int AT_FDCWD = -100;
    internal const uint STATX_BASIC_STATS = 0x7FF;

    internal const int PROT_READ = 1;
    internal const int PROT_WRITE = 2;
    internal const int MAP_SHARED = 1;
    internal const int MAP_POPULATE = 0x8000;
    internal const int MADV_DONTNEED = 4;

    internal const nuint AT_PHDR = 3;
    internal const nuint AT_PHNUM = 5;

    internal const int EINTR = 4;
    internal const int ENOENT = 2;
    internal const int EACCES = 13;
    internal const int ENOTDIR = 20;
    internal const int EADDRINUSE = 98;
    internal const int EADDRNOTAVAIL = 99;
    internal const int EAGAIN = 11;
    internal const int EEXIST = 17;
    internal const int ENFILE = 23;
    internal const int EMFILE = 24;
    internal const int ENOBUFS = 105;
    internal const int ENOMEM = 12;
    internal const int ECONNABORTED = 103;
    internal const int EINPROGRESS = 115;

    /// <summary>The calling thread's errno; valid directly after a call that failed.</summary>
    internal static int Errno => *__errno_location();

    [LibraryImport("libc"), SuppressGCTransition]
    private static partial int* __errno_location();

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int bind(int fd, byte* address, uint length);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int listen(int fd, int backlog);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int accept4(int fd, byte* address, uint* length, int flags);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int connect(int fd, byte* address, uint length);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int getsockname(int fd, byte* address, uint* length);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int setsockopt(int fd, int level, int name, void* value, uint length);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int getsockopt(int fd, int level, int name, void* value, uint* length);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial nint recv(int fd, byte* buffer, nuint length, int flags);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial nint send(int fd, byte* buffer, nuint length, int flags);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial nint sendmsg(int fd, MessageHeader* message, int flags);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial nint recvmsg(int fd, MessageHeader* message, int flags);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial uint geteuid();

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial nint splice(int from, long* fromOffset, int to, long* toOffset, nuint length, uint flags);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int pipe2(int* fds, int flags);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int fcntl(int fd, int command, nint argument);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int ioctl(int fd, nuint request, int* argument);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int shutdown(int fd, int how);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int close(int fd);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial nint read(int fd, void* buffer, nuint length);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial nint write(int fd, void* buffer, nuint length);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int epoll_create1(int flags);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int epoll_ctl(int epoll, int operation, int fd, byte* eventRecord);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int epoll_wait(int epoll, byte* events, int count, int timeoutMilliseconds);

    [LibraryImport("libc")]
    internal static partial byte* mmap(void* address, nuint length, int protection, int flags, int fd, nint offset);

    [LibraryImport("libc")]
    internal static partial int munmap(void* address, nuint length);

    [LibraryImport("libc")]
    internal static partial int madvise(void* address, nuint length, int advice);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial nuint getauxval(nuint type);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial byte* inet_ntop(int family, void* address, byte* text, uint length);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int inet_pton(int family, byte* text, void* address);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int __nss_configure_lookup(string database, string services);

    // The C library carries out these calls on every thread and waits for them. So they do not skip the transition, and the collector can run
    // meanwhile.
    [LibraryImport("libc")]
    internal static partial int setgroups(nuint count, uint* groups);

    [LibraryImport("libc")]
    internal static partial int setresgid(uint real, uint effective, uint saved);

    [LibraryImport("libc")]
    internal static partial int setresuid(uint real, uint effective, uint saved);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int capget(uint* header, uint* sets);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int capset(uint* header, uint* sets);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int access(string path, int mode);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int open(string path, int flags, uint mode);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mkdir(string path, uint mode);

    [LibraryImport("libc")]
    internal static partial int fsync(int fd);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int flock(int fd, int operation);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int statx(int folder, string path, int flags, uint mask, byte* to);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int getrlimit(int resource, ulong* currentAndMaximum);

    [LibraryImport("libc"), SuppressGCTransition]
    internal static partial int setrlimit(int resource, ulong* currentAndMaximum);

    /// <summary>struct msghdr of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct MessageHeader
    {
        internal void* Name;
        internal uint NameLength;
        internal IoVector* Vectors;
        internal nuint VectorCount;
        internal void* Control;
        internal nuint ControlLength;
        internal int Flags;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct IoVector
    {
        internal void* Base;
        internal nuint Length;
    }

    /// <summary>struct cmsghdr of 64-bit Linux; its data stands right behind it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ControlHeader
    {
        internal nuint Length;
        internal int Level;
        internal int Type;
    }
}
