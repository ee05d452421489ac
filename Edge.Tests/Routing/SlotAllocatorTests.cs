using Edge.Config;
using Edge.Routing;

namespace Edge.Tests.Routing;

public class SlotAllocatorTests
{
    [Fact]
    public void The_lowest_free_slot_is_next_and_there_are_as_many_as_replicas()
    {
        var slots = new SlotAllocator();
        Assert.Equal(Enumerable.Range(0, Limits.Replicas), Enumerable.Range(0, Limits.Replicas).Select(_ => slots.Take()!.Value));
        Assert.Null(slots.Take());
        slots.Free(7);
        slots.Free(3);
        Assert.Equal([3, 7, null], new[] { slots.Take(), slots.Take(), slots.Take() });
    }

    [Fact]
    public async Task No_two_fleets_ever_hold_the_same_slot()
    {
        const int Fleets = 4, Rounds = 5000;
        var slots = new SlotAllocator();
        int[] holders = new int[Limits.Replicas];
        await Task.WhenAll(Enumerable.Range(0, Fleets).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                int slot = slots.Take()!.Value;
                Assert.Equal(1, Interlocked.Increment(ref holders[slot]));
                Interlocked.Decrement(ref holders[slot]);
                slots.Free(slot);
            }
        })));
        Assert.Equal(0, slots.Take());
    }
}
