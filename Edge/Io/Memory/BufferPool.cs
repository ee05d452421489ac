using System.Numerics;
using System.Runtime.InteropServices;

namespace Edge.Io;

/// <summary>
/// The buffers of one loop, in sizes that are powers of two. The buffer that was returned last is rented first, because it is still in the
/// processor's cache. The memory is native, so the collector neither moves nor scans it. Not thread-safe.
/// </summary>
internal sealed unsafe class BufferPool : IDisposable
{
    private const int SmallestShift = 9;
    private const int Classes = 14;

    /// <summary>How many bytes of one size are kept for the next use; the rest goes back to the system.</summary>
    private const int KeptBytesPerClass = 1024 * 1024;

    private readonly byte*[] _free = new byte*[Classes];
    private readonly int[] _freeCount = new int[Classes];

    /// <summary>The smallest buffer, in bytes: a head of the usual size fits.</summary>
    internal const int SmallestBytes = 1 << SmallestShift;

    /// <summary>The largest buffer that can be rented, in bytes.</summary>
    internal const int LargestBytes = 1 << (SmallestShift + Classes - 1);

    /// <summary>Buffers on loan.</summary>
    internal int Outstanding { get; private set; }

    internal NativeBuffer Rent(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, LargestBytes);
        int sizeClass = ClassOf(bytes);
        int capacity = 1 << (SmallestShift + sizeClass);
        byte* pointer = _free[sizeClass];
        if (pointer != null)
        {
            _free[sizeClass] = *(byte**)pointer;
            _freeCount[sizeClass]--;
        }
        else
        {
            pointer = (byte*)NativeMemory.Alloc((nuint)capacity);
        }

        Outstanding++;
        return new NativeBuffer { Pointer = pointer, Capacity = capacity };
    }

    /// <summary>Takes a buffer back and clears the caller's reference to it. A reference without a buffer is fine.</summary>
    internal void Return(ref NativeBuffer buffer)
    {
        // Inlined: a caller that returns everything that it may hold mostly holds nothing.
        if (buffer.Pointer != null)
        {
            TakeBack(ref buffer);
        }
    }

    private void TakeBack(ref NativeBuffer buffer)
    {
        byte* pointer = buffer.Pointer;
        int sizeClass = ClassOf(buffer.Capacity);
        buffer = default;
        Outstanding--;
        if ((_freeCount[sizeClass] + 1) << (SmallestShift + sizeClass) > KeptBytesPerClass)
        {
            NativeMemory.Free(pointer);
            return;
        }

        *(byte**)pointer = _free[sizeClass];
        _free[sizeClass] = pointer;
        _freeCount[sizeClass]++;
    }

    public void Dispose()
    {
        for (int i = 0; i < Classes; i++)
        {
            while (_free[i] != null)
            {
                byte* pointer = _free[i];
                _free[i] = *(byte**)pointer;
                NativeMemory.Free(pointer);
            }

            _freeCount[i] = 0;
        }
    }

    private static int ClassOf(int bytes) =>
        Math.Max(0, 32 - BitOperations.LeadingZeroCount((uint)Math.Max(1, bytes) - 1) - SmallestShift);
}
