using Docker.DotNet.Models;
using Edge.Config;
using Edge.Drivers;
using Edge.Fleet;

namespace Edge.Tests.Drivers;

public sealed class EngineEventsTests
{
    [Fact]
    public async Task Events_that_come_faster_than_they_are_read_end_as_a_lost_connection_does()
    {
        var events = new EngineEvents();
        for (int i = 0; i <= Limits.EngineEvents + 1; i++)
        {
            events.Report(new Message { Type = "container", Action = "start", Actor = new Actor { ID = $"c{i}" } });
        }

        var read = new List<string>();
        DriverException lost = await Assert.ThrowsAsync<DriverException>(async () =>
        {
            await foreach (ContainerEvent happened in events.Reader.ReadAllAsync(TestContext.Current.CancellationToken))
            {
                read.Add(happened.ContainerId);
            }
        });
        Assert.Equal(DriverFailure.Unavailable, lost.Kind);
        Assert.Equal(Enumerable.Range(0, Limits.EngineEvents).Select(i => $"c{i}"), read);
    }
}
