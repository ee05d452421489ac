namespace Edge.Tests.Backends;

/// <summary>What a piece of code allocates on the thread that runs it.</summary>
internal static class Allocated
{
    /// <summary>
    /// The bytes that a second run allocates. The first one is not counted: where a method is compiled or a type is initialised for the first time, the runtime
    /// itself may allocate on the same thread (a table of the literals of the process grows by 4 KB, at a moment that depends on all other tests).
    /// </summary>
    /// <param name="run">What is run, twice.</param>
    internal static long BySecond(Action run)
    {
        run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        run();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
