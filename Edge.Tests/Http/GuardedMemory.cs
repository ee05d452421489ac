using System.Runtime.InteropServices;

namespace Edge.Tests.Http;

/// <summary>Memory directly before a page that can't be read: a read past its end ends the process.</summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int PageBytes = 4096;
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private readonly int _bytes;
    private readonly nint _total;
    private readonly byte* _start;

    internal GuardedMemory(int bytes)
    {
        _bytes = (bytes + PageBytes - 1) / PageBytes * PageBytes;
        _total = _bytes + PageBytes;
        nint start = Map(0, _total, ReadWrite, PrivateAnonymous, -1, 0);
        Assert.NotEqual(-1, start);
        _start = (byte*)start;
        Assert.Equal(0, Protect(start + _bytes, PageBytes, 0));
    }

    /// <summary>A copy of these bytes, the last of which is the last that can be read.</summary>
    internal ReadOnlySpan<byte> Place(ReadOnlySpan<byte> bytes)
    {
        var end = new Span<byte>(_start + _bytes - bytes.Length, bytes.Length);
        bytes.CopyTo(end);
        return end;
    }

    public void Dispose() => _ = Unmap((nint)_start, _total);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nint length);
}
