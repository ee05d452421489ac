using System.Diagnostics;
using System.Text.Json;
using Edge.Tests.Backends;

namespace Edge.Tests.Native;

/// <summary>The published binary with child processes whose number follows the load, and that sleep.</summary>
public sealed class ScaleTests
{
    internal const string Tunnel = "GET /echo HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    private static Task<NativeEdge> StartAsync(params (string Key, string Value)[] options) => NativeEdge.StartAsync(
        [("Fleet:Driver", "process"), ("Fleet:Replicas", "1"), ("Scale:Maximum", "4"), ("Scale:Minimum", "0"), ("Loops", "2"), .. options]);

    internal static async Task<JsonElement> ScaleAsync(NativeEdge edge) => (await edge.StatusAsync()).GetProperty("fleet").GetProperty("scale");

    internal static Task StateAsync(NativeEdge edge, string state) => Quiet.UntilAsync(
        async () => (await ScaleAsync(edge)).GetProperty("state").GetString() == state, $"it is {state}", TimeSpan.FromSeconds(60));

    internal static async Task SleepAsync(NativeEdge edge)
    {
        await edge.HealthyAsync(1);
        Message asleep = await edge.AskAsync("POST", "/edge/sleep");
        Assert.True(asleep.Status == 200, asleep.Text);
        Assert.Contains("\"state\":\"asleep\"", asleep.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_nobody_asks_sleeps_and_the_first_request_wakes_it()
    {
        await using NativeEdge edge = await StartAsync(("Scale:Sleep", "2s"));
        await StateAsync(edge, "asleep");
        await Quiet.UntilAsync(() => edge.Children().Length == 0, "no child process is left");
        var time = Stopwatch.StartNew();
        Message answer = await edge.AskAsync("GET", "/home");
        TestContext.Current.TestOutputHelper!.WriteLine($"from no replica to the first answer: {time.ElapsedMilliseconds} ms");
        Assert.True(answer.Status == 200, answer.Text);
        Assert.Single(edge.Children());
        await StateAsync(edge, "asleep");
        Message page = await edge.AskAsync("GET", "/home", null);
        Assert.Equal(200, page.Status);
    }

    [Fact]
    public async Task A_thousand_requests_that_come_while_it_sleeps_are_all_answered_by_one_replica()
    {
        await using NativeEdge edge = await StartAsync(("Scale:Maximum", "1"));
        await SleepAsync(edge);
        Wire[] clients = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => edge.ConnectAsync()));
        await Task.WhenAll(clients.Select(client => client.SendAsync("GET /home HTTP/1.1\r\nHost: h\r\n\r\n")));
        Message[] answers = await Task.WhenAll(clients.Select(client => client.ReadMessageAsync()));
        Assert.All(answers, answer => Assert.Equal((200, "server_1"), (answer.Status, answer.Field("X-Edge-Replica"))));
        Assert.All(clients, client => client.Dispose());
    }

    [Fact]
    public async Task A_tunnel_that_is_idle_keeps_it_awake()
    {
        await using NativeEdge edge = await StartAsync(("Scale:Sleep", "2s"));
        using Wire client = await edge.ConnectAsync();
        await client.SendAsync(Tunnel);
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        long began = Environment.TickCount64;
        await Quiet.UntilAsync(() => Environment.TickCount64 - began > 5000, "twice the time has passed after which it would sleep");
        Assert.NotEqual("asleep", (await ScaleAsync(edge)).GetProperty("state").GetString());
        Assert.Single(edge.Children());
        client.Dispose();
        await StateAsync(edge, "asleep");
    }

    [Fact]
    public async Task A_larger_load_gets_more_replicas_and_a_smaller_one_fewer_and_no_request_fails()
    {
        await using NativeEdge edge = await StartAsync(
            ("Scale:Minimum", "1"), ("Scale:Maximum", "2"), ("Scale:InFlight", "1"), ("Scale:Percent", "50"), ("Scale:Window", "2s"), ("Scale:Burst", "1s"),
            ("Scale:Down", "3s"));
        await edge.HealthyAsync(1);
        var load = new MixedLoad(edge.Endpoint, posts: false);
        await Quiet.UntilAsync(async () => (await ScaleAsync(edge)).GetProperty("inRotation").GetInt32() == 2, "there are two", TimeSpan.FromSeconds(30));
        await load.MoreAsync(500);
        Assert.Empty(await load.StopAsync());
        await Quiet.UntilAsync(() => Task.FromResult(edge.Children().Length == 1), "there is one again", TimeSpan.FromSeconds(60));
        Assert.Equal(200, (await edge.AskAsync("GET", "/home")).Status);
    }

    [Fact]
    public async Task A_service_that_is_sent_to_sleep_again_and_again_under_load_fails_no_request()
    {
        await using NativeEdge edge = await StartAsync(("Scale:Maximum", "2"), ("Fleet:Replicas", "2"));
        await edge.HealthyAsync(2);
        var load = new MixedLoad(edge.Endpoint, posts: false);
        for (int round = 0; round < 5; round++)
        {
            await load.MoreAsync(200);
            Message asleep = await edge.AskAsync("POST", "/edge/sleep");

            // It is asleep for a moment, or a request has woken it before all of it was.
            Assert.True(asleep.Status is 200 or 409, asleep.Text);
            await StateAsync(edge, "awake");
        }

        Assert.Empty(await load.StopAsync());
    }

    [Fact]
    public async Task Verbs_show_and_change_it()
    {
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(1);
        Assert.Equal((0, "the number of replicas does not follow the load"), await RunAsync(edge, "scale"));
        Assert.Equal((1, "edge: <Error> the size of the fleet does not follow the load, so that nothing would wake it: Edge:Scale:Maximum, or a call of scale, "
            + "has it do that (409)"), await RunAsync(edge, "sleep"));
        (int code, string said) = await RunAsync(edge, "scale", "0-3");
        Assert.True(code == 0 && said.StartsWith("awake, 1 of 0 to 3: ", StringComparison.Ordinal), said);
        Assert.Equal((0, "asleep, 0 of 0 to 3: a call asked for it; the first request wakes it"), await RunAsync(edge, "sleep"));
        (code, said) = await RunAsync(edge, "wake", "--service", "default");
        Assert.True(code == 0 && said.StartsWith("awake, 1 of 0 to 3: ", StringComparison.Ordinal), said);
        Assert.Equal((0, "the number of replicas does not follow the load"), await RunAsync(edge, "scale", "off"));
        (code, said) = await RunAsync(edge, "scale", "3-1");
        Assert.True(code == 64 && said.Contains("the bounds are \"3-1\"", StringComparison.Ordinal), said);
    }

    private static async Task<(int Code, string Said)> RunAsync(NativeEdge edge, params string[] arguments)
    {
        (int code, string output) = await NativeEdge.RunAsync(new Dictionary<string, string>(), [.. arguments, "--url", $"http://{edge.Endpoint}"]);
        return (code, output.Trim());
    }
}
