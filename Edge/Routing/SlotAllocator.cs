using System.Diagnostics;
using Edge.Config;

namespace Edge.Routing;

/// <summary>
/// Hands out the indices of replicas into the loops' arrays. One for the process, since all services' replicas are in the same arrays; from
/// any thread.
/// </summary>
internal sealed class SlotAllocator
{
    private readonly Lock _lock = new();
    private readonly SortedSet<int> _free = [.. Enumerable.Range(0, Limits.Replicas)];

    /// <summary>The lowest free slot; null where all are held.</summary>
    internal int? Take()
    {
        lock (_lock)
        {
            if (_free.Count == 0)
            {
                return null;
            }

            int slot = _free.Min;
            _free.Remove(slot);
            return slot;
        }
    }

    /// <summary>No loop refers to the replica in this slot any more.</summary>
    internal void Free(int slot)
    {
        lock (_lock)
        {
            Debug.Assert(slot is >= 0 and < Limits.Replicas, "the slot is one of this allocator's");
            bool wasHeld = _free.Add(slot);
            Debug.Assert(wasHeld, "a slot is given back once, by the replica that holds it");
        }
    }
}
