using System.Runtime.InteropServices;

namespace Edge.Telemetry;

/// <summary>
/// Structs that consist of counters, each a long: read from another thread number by number, and summed. Each number is
/// exact, a set of them is not one instant's.
/// </summary>
internal static class Counters
{
    /// <summary>Adds each counter of a block, which its thread may go on writing, to the same one of a sum.</summary>
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
