using System.Runtime.InteropServices;

namespace Edge.Io;

/// <summary>
/// Sends to many sockets, and closes many, by one system call, through an io_uring(7). This saves some calls, and above all changes of context: each
/// send and each close wakes the receiver, which would otherwise run before the next send. Nothing waits in the ring: each send takes what the socket
/// has room for, as send(2) does with MSG_DONTWAIT. Belongs to the thread that made it.
/// </summary>
internal sealed unsafe class SocketRing : IDisposable
{
    /// <summary>How many entries fit into one call; a power of two.</summary>
    internal const int Capacity = 256;

    private const int EntryBytes = 64;
    private const int CompletionBytes = 16;

    private readonly int _fd;
    private readonly byte* _rings;
    private readonly nuint _ringsBytes;
    private readonly byte* _entries;
    private readonly uint* _submissionTail;
    private readonly uint* _completionHead;
    private readonly uint* _completionTail;
    private readonly uint _completionMask;
    private readonly byte* _completions;
    private readonly int[] _results = new int[Capacity];
    private uint _tail;

    private SocketRing(int fd, in IoUring.Parameters parameters, byte* rings, nuint ringsBytes, byte* entries)
    {
        _fd = fd;
        _rings = rings;
        _ringsBytes = ringsBytes;
        _entries = entries;
        _submissionTail = (uint*)(rings + parameters.Submission.Tail);
        _completionHead = (uint*)(rings + parameters.Completion.Head);
        _completionTail = (uint*)(rings + parameters.Completion.Tail);
        _completionMask = *(uint*)(rings + parameters.Completion.RingMask);
        _completions = rings + parameters.Completion.Cqes;
        _tail = *_submissionTail;

        // The ring of indexes to entries never changes: each position stands for the entry with its number.
        uint* indexes = (uint*)(rings + parameters.Submission.Array);
        for (uint i = 0; i < Capacity; i++)
        {
            indexes[i] = i;
        }
    }

    /// <summary>How many entries were added since the last call.</summary>
    internal int Count { get; private set; }

    /// <summary>Makes a ring for the calling thread. Null if the kernel refuses; then <paramref name="errno"/> says why.</summary>
    internal static SocketRing? TryCreate(out int errno)
    {
        // Completions are picked up by the call that submits, so the kernel need not interrupt the thread for them. Linux 6.1
        // has this; what is older goes without a ring.
        var parameters = new IoUring.Parameters
        {
            Flags = IoUring.IORING_SETUP_SUBMIT_ALL | IoUring.IORING_SETUP_SINGLE_ISSUER | IoUring.IORING_SETUP_DEFER_TASKRUN,
        };
        errno = 0;
        int fd = IoUring.Setup(Capacity, &parameters);
        if (fd < 0)
        {
            errno = Marshal.GetLastPInvokeError();
            return null;
        }

        nuint ringsBytes = Math.Max(
            parameters.Submission.Array + parameters.SubmissionEntries * sizeof(uint),
            parameters.Completion.Cqes + parameters.CompletionEntries * CompletionBytes);
        byte* rings = Map(fd, ringsBytes, IoUring.IORING_OFF_SQ_RING);
        byte* entries = Map(fd, Capacity * EntryBytes, IoUring.IORING_OFF_SQES);
        if (rings != null && entries != null)
        {
            return new SocketRing(fd, parameters, rings, ringsBytes, entries);
        }

        errno = Libc.ENOMEM;
        Unmap(rings, ringsBytes);
        Unmap(entries, Capacity * EntryBytes);
        Libc.close(fd);
        return null;
    }

    /// <summary>Adds a send. The bytes must stay in place until <see cref="Submit"/>.</summary>
    /// <param name="fd">The socket.</param>
    /// <param name="from">The bytes.</param>
    /// <param name="length">How many.</param>
    /// <param name="isLast">As for <see cref="Connection.Send"/>.</param>
    internal void AddSend(int fd, byte* from, int length, bool isLast = false)
    {
        IoUring.Entry* send = Add(IoUring.IORING_OP_SEND, fd);
        send->Address = (ulong)from;
        send->Length = (uint)length;
        send->OpFlags = Libc.MSG_NOSIGNAL | Libc.MSG_DONTWAIT | (isLast ? Libc.MSG_MORE : 0u);
    }

    /// <summary>Adds a close. It is made after the sends that were added before.</summary>
    internal void AddClose(int fd) => Add(IoUring.IORING_OP_CLOSE, fd);

    /// <summary>Makes all sends and closes that were added.</summary>
    /// <returns>For each entry, in order: how many bytes the socket took, or the negative errno. Valid until the next call.</returns>
    internal ReadOnlySpan<int> Submit()
    {
        int count = Count;
        Count = 0;

        // The kernel did not take these entries because it lacked memory, so they were not executed and are tried again.
        Array.Fill(_results, -Libc.EAGAIN, 0, count);
        _tail += (uint)count;
        Volatile.Write(ref *_submissionTail, _tail);
        int submitted = IoUring.Enter(_fd, (uint)count, (uint)count);
        for (int completed = TakeCompletions(); completed < submitted; completed += TakeCompletions())
        {
            IoUring.Enter(_fd, 0, (uint)(submitted - completed));
        }

        if (submitted < count)
        {
            _tail -= (uint)(count - Math.Max(submitted, 0));
            Volatile.Write(ref *_submissionTail, _tail);
        }

        return _results.AsSpan(0, count);
    }

    public void Dispose()
    {
        Unmap(_rings, _ringsBytes);
        Unmap(_entries, Capacity * EntryBytes);
        Libc.close(_fd);
    }

    private IoUring.Entry* Add(byte operation, int fd)
    {
        var entry = (IoUring.Entry*)(_entries + (_tail + (uint)Count) % Capacity * EntryBytes);
        *entry = default;
        entry->Opcode = operation;
        entry->Fd = fd;
        entry->UserData = (ulong)Count++;
        return entry;
    }

    private int TakeCompletions()
    {
        uint head = *_completionHead;
        uint tail = Volatile.Read(ref *_completionTail);
        int count = (int)(tail - head);
        for (; head != tail; head++)
        {
            var completion = (IoUring.Completion*)(_completions + (head & _completionMask) * CompletionBytes);
            _results[completion->UserData] = completion->Result;
        }

        Volatile.Write(ref *_completionHead, head);
        return count;
    }

    private static byte* Map(int fd, nuint bytes, nint offset)
    {
        byte* area = Libc.mmap(null, bytes, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED | Libc.MAP_POPULATE, fd, offset);
        return (nint)area == -1 ? null : area;
    }

    private static void Unmap(byte* area, nuint bytes)
    {
        if (area != null)
        {
            Libc.munmap(area, bytes);
        }
    }
}
