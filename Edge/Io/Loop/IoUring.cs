using System.Runtime.InteropServices;

namespace Edge.Io;

/// <summary>The kernel's interface of io_uring(7), as far as it is used here, in the kernel's own spelling.</summary>
internal static unsafe partial class IoUring
{
    internal const uint IORING_SETUP_SUBMIT_ALL = 1 << 7;
    internal const uint IORING_SETUP_SINGLE_ISSUER = 1 << 12;
    internal const uint IORING_SETUP_DEFER_TASKRUN = 1 << 13;
    internal const nint IORING_OFF_SQ_RING = 0;
    internal const nint IORING_OFF_SQES = 0x10000000;
    internal const byte IORING_OP_CLOSE = 19;
    internal const byte IORING_OP_SEND = 26;

    private const uint IORING_ENTER_GETEVENTS = 1;

    // The numbers are the same on all architectures.
    private const nint SYS_io_uring_setup = 425;
    private const nint SYS_io_uring_enter = 426;

    /// <summary>io_uring_setup(2): the descriptor, or -1 with errno in <see cref="Marshal.GetLastPInvokeError"/>.</summary>
    internal static int Setup(uint entries, Parameters* parameters) =>
        (int)syscall(SYS_io_uring_setup, (nint)entries, (nint)parameters, 0, 0, 0, 0);

    /// <summary>io_uring_enter(2): how many entries were submitted, or -1. Returns when <paramref name="complete"/> of them have completed.</summary>
    internal static int Enter(int fd, uint submit, uint complete) =>
        (int)syscall(SYS_io_uring_enter, fd, (nint)submit, (nint)complete, (nint)IORING_ENTER_GETEVENTS, 0, 0);

    // Neither has a function of its own in the C library. A batch may take long enough to keep a collection waiting.
    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second, nint third, nint fourth, nint fifth, nint sixth);

    /// <summary>struct io_uring_params.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Parameters
    {
        internal uint SubmissionEntries;
        internal uint CompletionEntries;
        internal uint Flags;
        internal uint ThreadProcessor;
        internal uint ThreadIdle;
        internal uint Features;
        internal uint WorkQueueFd;
        internal uint Reserved1;
        internal uint Reserved2;
        internal uint Reserved3;
        internal SubmissionOffsets Submission;
        internal CompletionOffsets Completion;
    }

    /// <summary>struct io_sqring_offsets.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct SubmissionOffsets
    {
        internal uint Head;
        internal uint Tail;
        internal uint RingMask;
        internal uint RingEntries;
        internal uint Flags;
        internal uint Dropped;
        internal uint Array;
        internal uint Reserved;
        internal ulong UserAddress;
    }

    /// <summary>struct io_cqring_offsets.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct CompletionOffsets
    {
        internal uint Head;
        internal uint Tail;
        internal uint RingMask;
        internal uint RingEntries;
        internal uint Overflow;
        internal uint Cqes;
        internal uint Flags;
        internal uint Reserved;
        internal ulong UserAddress;
    }

    /// <summary>struct io_uring_sqe.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    internal struct Entry
    {
        internal byte Opcode;
        internal byte Flags;
        internal ushort Priority;
        internal int Fd;
        internal ulong Offset;
        internal ulong Address;
        internal uint Length;
        internal uint OpFlags;
        internal ulong UserData;
    }

    /// <summary>struct io_uring_cqe.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Completion
    {
        internal ulong UserData;
        internal int Result;
        internal uint Flags;
    }
}
