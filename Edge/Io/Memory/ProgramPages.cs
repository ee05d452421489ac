using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Edge.Io;

/// <summary>
/// The pages of the program's own file that are in the process's memory. The start goes through most of them once: options, JSON, what the runtime
/// unpacks. Serving needs only a part; the kernel maps that part again from its page cache when it is used.
/// </summary>
internal sealed unsafe class ProgramPages : IDisposable
{
    // elf(5)
    private const uint PT_LOAD = 1;
    private const uint PT_PHDR = 6;
    private const uint PF_W = 2;

    // Documentation/admin-guide/mm/pagemap.rst of the kernel
    private const ulong Present = 1UL << 63;
    private const ulong Swapped = 1UL << 62;
    private const ulong OfFile = 1UL << 61;

    private readonly SafeFileHandle _pages;

    private ProgramPages(SafeFileHandle pages) => _pages = pages;

    /// <summary>
    /// Opens the list of pages. To be called before the process becomes another user or hides its memory: both keep it from opening files of its own. Null
    /// if this is not the native program.
    /// </summary>
    /// <exception cref="IOException">The kernel does not say which pages these are.</exception>
    /// <exception cref="UnauthorizedAccessException">The process may not ask for them.</exception>
    internal static ProgramPages? Open() =>
        // Otherwise the program's file is only the runtime's host, and the code is elsewhere.
        RuntimeFeature.IsDynamicCodeSupported ? null : new ProgramPages(File.OpenHandle("/proc/self/pagemap"));

    /// <summary>Lets go of all pages that were never written to: code and constants.</summary>
    /// <exception cref="IOException">The kernel does not say which pages these are.</exception>
    internal void Release()
    {
        var headers = new ReadOnlySpan<ProgramHeader>((void*)Libc.getauxval(Libc.AT_PHDR), (int)Libc.getauxval(Libc.AT_PHNUM));
        nuint moved = 0;
        foreach (ref readonly ProgramHeader header in headers)
        {
            if (header.Type == PT_PHDR)
            {
                moved = Libc.getauxval(Libc.AT_PHDR) - header.Address;
            }
        }

        nuint page = (nuint)Environment.SystemPageSize;
        foreach (ref readonly ProgramHeader header in headers)
        {
            // Writable pages have been written to, at least by the relocations at the start.
            if (header.Type == PT_LOAD && (header.Flags & PF_W) == 0)
            {
                Release((moved + header.Address + page - 1) / page, (moved + header.Address + header.MemoryBytes) / page, page);
            }
        }
    }

    public void Dispose() => _pages.Dispose();

    // The runtime writes to one page among the constants at its start, and protects it again: it holds the secret that guards the stack. Pages that
    // differ from the file stay.
    private void Release(nuint first, nuint end, nuint pageBytes)
    {
        var entries = new ulong[end - first];
        int read = RandomAccess.Read(_pages, MemoryMarshal.AsBytes(entries.AsSpan()), (long)first * sizeof(ulong)) / sizeof(ulong);
        for (int i = 0; i < read;)
        {
            int start = i;
            while (i < read && ((entries[i] & (Present | Swapped)) == 0 || (entries[i] & OfFile) != 0))
            {
                i++;
            }

            if (i > start)
            {
                Libc.madvise((void*)((first + (nuint)start) * pageBytes), (nuint)(i - start) * pageBytes, Libc.MADV_DONTNEED);
            }

            i++;
        }
    }

    // Elf64_Phdr
    [StructLayout(LayoutKind.Sequential)]
    private struct ProgramHeader
    {
        internal uint Type;
        internal uint Flags;
        internal nuint Offset;
        internal nuint Address;
        internal nuint PhysicalAddress;
        internal nuint FileBytes;
        internal nuint MemoryBytes;
        internal nuint Alignment;
    }
}
