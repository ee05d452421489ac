using Edge.Fleet;
using Edge.Tests.Backends;
using Edge.Tests.Fleet;

namespace Edge.Tests.Control;

// The calls about the size of a fleet.
public partial class OpenApiTests
{
    private async Task AskForSizesAsync()
    {
        await using ControlServer server = await StartAsync();
        await AskAsync(server, "GET", "/edge/scale", 200, "");
        await AskAsync(server, "POST", "/edge/sleep", 409);
        await AskAsync(server, "POST", "/edge/wake", 409);
        await AskAsync(server, "POST", "/edge/scale", 200);
        await AskAsync(server, "POST", "/edge/sleep", 200);
        await AskAsync(server, "GET", "/edge/status", 200);
        await AskAsync(server, "GET", "/edge/metrics", 200);
        await AskAsync(server, "POST", "/edge/wake", 200);
        var stopped = new TaskCompletionSource();
        FakeDriver[] drivers = [server.Fleet.Driver, server.ServiceDriver];
        Array.ForEach(drivers, driver => driver.OnStop = _ => stopped.Task);
        await EndsAsync(server, AskAsync(server, "POST", "/edge/sleep", 502));
        stopped.SetResult();
        await Quiet.UntilAsync(
            () => server.Fleets.All(fleet => fleet.Snapshot.Replicas.All(one => one.State == ReplicaState.Kept)), "both services sleep");
        Array.ForEach(drivers, driver => driver.OnStart = (_, _) => throw new DriverException(DriverFailure.Failed, "no such image"));
        await EndsAsync(server, AskAsync(server, "POST", "/edge/wake", 502));
    }

    // With the clock going on, because when its timers are armed cannot be seen from here.
    private static async Task EndsAsync(ControlServer server, Task call)
    {
        await Quiet.UntilAsync(
            () =>
            {
                server.Time.Advance(TimeSpan.FromSeconds(1));
                return call.IsCompleted;
            },
            "the call is answered");
        await call;
    }
}
