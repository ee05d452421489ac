using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Edge.Observability;

/// <summary>Keeps what one thread writes off the cache lines of its neighbours.</summary>
[InlineArray(8)]
internal struct CacheLine
{
    private long _first;
}

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

/// <summary>What a method promises (RFC 9110 §9.2): all that figures tell apart, so that a client cannot make up series.</summary>
internal enum MethodClass
{
    /// <summary>GET, HEAD, OPTIONS, TRACE: asks for nothing to change.</summary>
    Safe,

    /// <summary>PUT, DELETE: twice is as good as once.</summary>
    Idempotent,

    /// <summary>POST and all others.</summary>
    Other,
}

/// <summary>Answers by method and status: 1xx to 5xx, none, and what no class has.</summary>
[InlineArray(Methods * Classes)]
internal struct AnswerCounts
{
    internal const int Methods = 3;

    /// <summary>0 is no answer, 1 to 5 the classes of RFC 9110 §15, 6 a status of none of them.</summary>
    internal const int Classes = 7;

    private long _first;

    /// <param name="method">Of the request.</param>
    /// <param name="status">0 where there was no answer.</param>
    internal void Count(MethodClass method, int status) => this[(int)method * Classes + Math.Min(status / 100, Classes - 1)]++;

    internal readonly long Of(MethodClass method, int statusClass) => this[(int)method * Classes + statusClass];

    /// <summary>Over all methods.</summary>
    internal readonly long Of(int statusClass) =>
        this[statusClass] + this[Classes + statusClass] + this[2 * Classes + statusClass];

    internal readonly long Sum
    {
        get
        {
            long sum = 0;
            foreach (long count in (ReadOnlySpan<long>)this)
            {
                sum += count;
            }

            return sum;
        }
    }
}
