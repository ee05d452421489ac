using System.Runtime.InteropServices;

namespace Edge.Telemetry;

/// <summary>
/// Structs of counters, each a long. Another thread reads and sums them number by number: each number is exact, but they are not all from the same
/// instant.
/// </summary>
internal static class Counters
{
    /// <summary>Adds each counter of a block to the same counter of a sum. The block's thread may write meanwhile.</summary>
    internal static void AddTo<T>(ref T block, ref T sum) where T : unmanaged
    {
        Span<long> from = Numbers(ref block);
        Span<long> to = Numbers(ref sum);
        for (int i = 0; i < from.Length; i++)
        {
            to[i] += Volatile.Read(ref from[i]);
        }
    }

    private static Span<long> Numbers<T>(ref T block) where T : unmanaged =>
        MemoryMarshal.Cast<T, long>(MemoryMarshal.CreateSpan(ref block, 1));
}
