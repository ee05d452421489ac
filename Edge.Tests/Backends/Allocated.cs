namespace Edge.Tests.Backends;

/// <summary>What a piece of code allocates on the thread that runs it.</summary>
internal static class Allocated
{
    private const int Runs = 5;

    /// <summary>
    /// The bytes that each run allocates: the least of five. Code that allocates does so in every run. The runtime allocates on the same thread only
    /// once: where it compiles a method, also a loop that has gone round a thousand times, a table of the literals of the process may grow by 4 KB, at a
    /// moment that depends on all other tests.
    /// </summary>
    /// <param name="run">What is run; it has to do the same each time.</param>
    internal static long ByEachRun(Action run)
    {
        long least = long.MaxValue;
        for (int i = 0; i < Runs; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
