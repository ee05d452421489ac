using Edge.Config;
using Edge.Drivers;
using Edge.Fleet;
using Edge.Tests.Backends;

namespace Edge.Tests.Drivers;

/// <summary>Several listeners to the events of one engine.</summary>
public sealed class SharedEventsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Event(int number) =>
        $"{{\"Type\":\"container\",\"Action\":\"start\",\"Actor\":{{\"ID\":\"c{number}\",\"Attributes\":{{}}}},\"time\":1,\"timeNano\":1}}\n";

    private static int Streams(FakeEngine fake) => fake.Requests.Count(request => request.EndsWith("/events", StringComparison.Ordinal));

    [Fact]
    public async Task All_listeners_get_all_events_over_one_connection_and_it_ends_with_the_last_of_them()
    {
        await using var fake = new FakeEngine();
        using var line = new EngineLine(fake.Endpoint);
        var listeners = new List<IAsyncEnumerator<ContainerEvent?>>();
        for (int i = 0; i < 5; i++)
        {
            listeners.Add(line.EventsAsync(Cancellation).GetAsyncEnumerator(Cancellation));
            Assert.True(await listeners[i].MoveNextAsync());
            Assert.Null(listeners[i].Current);
        }

        Task<bool>[] next = [.. listeners.Select(listener => listener.MoveNextAsync().AsTask())];
        fake.Events.Writer.TryWrite(Event(1));
        Assert.All(await Task.WhenAll(next), Assert.True);
        Assert.All(listeners, listener => Assert.Equal("c1", listener.Current!.ContainerId));
        Assert.Equal(1, Streams(fake));
        foreach (IAsyncEnumerator<ContainerEvent?> listener in listeners)
        {
            await listener.DisposeAsync();
        }

        await using IAsyncEnumerator<ContainerEvent?> later = line.EventsAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await later.MoveNextAsync());
        Task<bool> more = later.MoveNextAsync().AsTask();
        await Quiet.UntilAsync(() => Streams(fake) == 2, "it is asked for events anew");

        // The connection that has ended may take an event from the other one.
        await Quiet.UntilAsync(() => fake.Events.Writer.TryWrite(Event(2)) && more.IsCompleted, "an event comes over the new connection");
        Assert.True(await more);
    }

    [Fact]
    public async Task The_end_of_the_engine_ends_the_events_of_all_and_each_can_begin_anew()
    {
        await using var fake = new FakeEngine();
        using var line = new EngineLine(fake.Endpoint);
        await using IAsyncEnumerator<ContainerEvent?> one = line.EventsAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        await using IAsyncEnumerator<ContainerEvent?> other = line.EventsAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await one.MoveNextAsync());
        Assert.True(await other.MoveNextAsync());
        Task<bool>[] next = [one.MoveNextAsync().AsTask(), other.MoveNextAsync().AsTask()];
        fake.Events.Writer.Complete();
        Assert.All(next, task => Assert.ThrowsAsync<DriverException>(() => task).GetAwaiter().GetResult());
        await using IAsyncEnumerator<ContainerEvent?> again = line.EventsAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await again.MoveNextAsync());
        Assert.Null(again.Current);
    }

    [Fact]
    public async Task A_listener_that_takes_nothing_loses_the_events_and_the_others_do_not()
    {
        await using var fake = new FakeEngine();
        using var line = new EngineLine(fake.Endpoint);
        await using IAsyncEnumerator<ContainerEvent?> slow = line.EventsAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        await using IAsyncEnumerator<ContainerEvent?> fast = line.EventsAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await slow.MoveNextAsync());
        Assert.True(await fast.MoveNextAsync());
        for (int i = 0; i <= Limits.EngineEvents; i++)
        {
            fake.Events.Writer.TryWrite(Event(i));
            Assert.True(await fast.MoveNextAsync());
            Assert.Equal($"c{i}", fast.Current!.ContainerId);
        }

        DriverException lost = await Assert.ThrowsAsync<DriverException>(async () =>
        {
            while (await slow.MoveNextAsync())
            {
                Assert.NotNull(slow.Current);
            }
        });
        Assert.Contains("wait to be looked at", lost.Message, StringComparison.Ordinal);
    }
}
