using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Edge.Io;

/// <summary>
/// The pages of the program's own file that are in the process's memory. The start goes through most of it once: options, JSON, what
/// the runtime unpacks. Serving needs a fraction, and has what it needs mapped again by the next use, from the kernel's page cache.
/// </summary>
internal static unsafe class ProgramPages
{
    // elf(5)
    private const uint PT_LOAD = 1;
    private const uint PT_PHDR = 6;
    private const uint PF_W = 2;

    // Documentation/admin-guide/mm/pagemap.rst of the kernel
    private const ulong Present = 1UL << 63;
    private const ulong Swapped = 1UL << 62;
    private const ulong OfFile = 1UL << 61;

    /// <summary>Lets go of all that were never written to, which are code and constants; of the native program alone.</summary>
    /// <exception cref="IOException">The kernel does not tell which those are.</exception>
    /// <exception cref="UnauthorizedAccessException">Nor will it.</exception>
    internal static void Release()
    {
        if (RuntimeFeature.IsDynamicCodeSupported)
        {
            // The program is the runtime's host then, and the code elsewhere.
            return;
        }

        using SafeFileHandle pages = File.OpenHandle("/proc/self/pagemap");
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
            // What is writable has been written to, if only by the relocations at the start.
            if (header.Type == PT_LOAD && (header.Flags & PF_W) == 0)
            {
                Release(pages, (moved + header.Address + page - 1) / page, (moved + header.Address + header.MemoryBytes) / page, page);
            }
        }
    }

    // Among the constants is one that the runtime writes at its start, and protects again: the secret that guards the stack. Pages
    // that are not the file's any more stay.
    private static void Release(SafeFileHandle pages, nuint first, nuint end, nuint pageBytes)
    {
        var entries = new ulong[end - first];
        int read = RandomAccess.Read(pages, MemoryMarshal.AsBytes(entries.AsSpan()), (long)first * sizeof(ulong)) / sizeof(ulong);
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
