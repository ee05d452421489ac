using Edge.Config;
using Edge.Proxy;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

public class ReconfigureTests
{
    private static readonly string s_request = "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n";

    [Fact]
    public async Task Other_settings_hold_for_the_next_request_on_a_connection_that_stays_open()
    {
        await using var balancer = new TestBalancer(s => s with { Forwarding = new() { Via = "" } }, null, new Backend(Scripts.Echo));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(s_request);
        Message before = await client.ReadMessageAsync();
        Assert.Equal(("server_1", null), (before.Field("X-Edge-Replica"), before.Field("Via")));

        balancer.Plane.Reconfigure(Options() with { Forwarding = new() { NameReplica = false, Via = "gate", TrustedProxies = ["127.0.0.0/8"] } });
        Message after = before;
        await Quiet.UntilAsync(
            async () =>
            {
                await client.SendAsync(s_request);
                after = await client.ReadMessageAsync();
                return after.Field("Via") is not null;
            },
            "the loop has got the settings",
            TimeSpan.FromSeconds(20));
        Assert.Equal((null, "1.1 gate"), (after.Field("X-Edge-Replica"), after.Field("Via")));
        Assert.Contains("X-Forwarded-For: 127.0.0.1", after.Text);

        // Whom to believe is decided when a connection comes in.
        Assert.Contains("X-Forwarded-For: 6.6.6.6, 127.0.0.1", (await balancer.AskAsync(s_request)).Text);
    }

    [Fact]
    public async Task A_shorter_timeout_holds_for_the_next_request()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.NeverAnswers));
        balancer.Plane.Reconfigure(Options() with { Timeouts = new() { ResponseHead = TimeSpan.FromMilliseconds(20) }, Retries = new() { Attempts = 1 } });
        Message answer = await balancer.AskAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(504, answer.Status);
    }

    [Fact]
    public async Task A_lower_limit_holds_for_the_next_request_on_a_connection_that_stays_open()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        using Wire client = await balancer.ConnectAsync();
        string request = $"GET /{new string('t', 100)} HTTP/1.1\r\nHost: h\r\n\r\n";
        await client.SendAsync(request);
        Assert.Equal(200, (await client.ReadMessageAsync()).Status);
        balancer.Plane.Reconfigure(Options() with { Limits = new() { TargetBytes = 64 } });
        await Quiet.UntilAsync(async () => (await balancer.AskAsync(request)).Status == 414, "a loop has got it", TimeSpan.FromSeconds(20));
        await Quiet.UntilAsync(
            async () =>
            {
                await client.SendAsync(request);
                return (await client.ReadMessageAsync()).Status == 414;
            },
            "its loop has got it",
            TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Room_that_is_made_goes_to_those_that_wait()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int reached = 0;
        await using var balancer = new TestBalancer(
            s => s with { Loops = 1, Overload = new() { PerReplica = 1, Queue = 10 } }, null,
            new Backend(async wire =>
            {
                await wire.ReadMessageAsync();
                Interlocked.Increment(ref reached);
                await release.Task;
                await wire.SendAsync(Scripts.Ok);
            }));
        Task<Message>[] requests = [balancer.GetAsync(), balancer.GetAsync(), balancer.GetAsync()];
        await Quiet.UntilAsync(() => Volatile.Read(ref reached) == 1 && balancer.Plane.Report()[0].Waiting == 2, "one is served, two wait");
        balancer.Plane.Reconfigure(Options() with { Overload = new() { Queue = 10 } });
        await Quiet.UntilAsync(() => Volatile.Read(ref reached) == 3, "all are served");
        release.SetResult();
        Assert.All(await Task.WhenAll(requests), answer => Assert.Equal(200, answer.Status));
    }

    private static EdgeOptions Options() => new() { Listen = "127.0.0.1:0", Loops = 2 };
}
