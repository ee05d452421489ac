using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Edge.Tests.Fuzz;

/// <summary>Memory directly before a page that can't be read: a read past its end ends the process.</summary>
internal sealed unsafe partial class GuardedPage
{
    private const int PageBytes = 4096;
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private readonly int _bytes;
    private readonly byte* _start;

    internal GuardedPage(int bytes)
    {
        _bytes = (bytes + PageBytes - 1) / PageBytes * PageBytes;
        nint start = Map(0, _bytes + PageBytes, ReadWrite, PrivateAnonymous, -1, 0);
        if (start == -1 || Protect(start + _bytes, PageBytes, 0) != 0)
        {
            throw new Win32Exception("no memory before a guarded page");
        }

        _start = (byte*)start;
    }

    /// <summary>A copy of these bytes, the last of which is the last that can be read.</summary>
    internal Span<byte> Place(ReadOnlySpan<byte> bytes)
    {
        var end = new Span<byte>(_start + _bytes - bytes.Length, bytes.Length);
        bytes.CopyTo(end);
        return end;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nint length, int protection);
}
