using System.Net;
using Edge.Tests.Backends;

namespace Edge.Tests.Native;

public class TakeoverTests
{
    [Theory]
    [InlineData("static")]
    [InlineData("process")]
    public async Task Five_takeovers_in_a_row_lose_no_request_and_no_connection(string driver)
    {
        await using var backend = new Backend(Scripts.Echo);
        (string, string)[] fleet = driver == "static"
            ? [("Fleet:Driver", driver), ("Fleet:Addresses:0", backend.Address.ToString())]
            : [("Fleet:Driver", driver), ("Fleet:Replicas", "2")];
        NativeEdge edge = await NativeEdge.StartAsync(fleet);
        if (driver == "process")
        {
            await edge.HealthyAsync(2);
        }

        var load = new MixedLoad(edge.Endpoint, posts: driver == "static");
        await load.MoreAsync(2000);

        // More loops than sockets, fewer, and as many.
        foreach (string loops in new[] { "1", "3", "2", "2", "4" })
        {
            NativeEdge old = edge;
            edge = await NativeEdge.TakeOverAsync(old, [.. fleet, ("Loops", loops)]);
            Assert.Equal(0, await old.ExitAsync());
            Assert.Contains("taken_over", old.Output);
            await old.DisposeAsync();
            await load.MoreAsync(2000);
        }

        string[] failures = await load.StopAsync();
        TestContext.Current.TestOutputHelper!.WriteLine($"{driver}: {load}");
        Assert.Empty(failures);
        await edge.DisposeAsync();
    }

    [Fact]
    public async Task What_is_in_flight_is_answered_by_the_old_one_and_kept_connections_are_told_to_close()
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new Backend(async wire =>
        {
            if ((await wire.ReadMessageAsync()).StartLine.Contains("/slow", StringComparison.Ordinal))
            {
                reached.SetResult();
                await go.Task;
            }

            await wire.SendAsync(Scripts.Ok);
        });
        (string, string)[] fleet = [("Fleet:Driver", "static"), ("Fleet:Addresses:0", backend.Address.ToString())];
        NativeEdge old = await NativeEdge.StartAsync(fleet);
        using Wire idle = await old.ConnectAsync(), silent = await old.ConnectAsync(), busy = await old.ConnectAsync();
        await idle.SendAsync("GET /heartbeat HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(200, (await idle.ReadMessageAsync()).Status);
        await busy.SendAsync("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
        await reached.Task;
        await using NativeEdge edge = await NativeEdge.TakeOverAsync(old, fleet);

        // The service goes on: who asks for it on a connection of the old one is not told otherwise.
        foreach (Wire client in new[] { idle, silent })
        {
            await client.SendAsync("GET /heartbeat HTTP/1.1\r\nHost: h\r\n\r\n");
            Message answer = await client.ReadMessageAsync();
            Assert.Equal((200, "close"), (answer.Status, answer.Field("Connection")));
        }

        Assert.Equal(edge.Pid, (await edge.StatusAsync()).GetProperty("process").GetProperty("pid").GetInt32());
        go.SetResult();
        Message last = await busy.ReadMessageAsync();
        Assert.Equal((200, "close"), (last.Status, last.Field("Connection")));
        Assert.Equal(0, await old.ExitAsync());
        await old.DisposeAsync();
    }

    [Fact]
    public async Task A_signal_ends_idle_connections_that_the_old_one_still_has()
    {
        (string, string)[] fleet = [("Fleet:Driver", "process"), ("Fleet:Replicas", "0")];
        NativeEdge old = await NativeEdge.StartAsync(fleet);
        using Wire idle = await old.ConnectAsync();
        await idle.SendAsync("GET /heartbeat HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(200, (await idle.ReadMessageAsync()).Status);
        await using NativeEdge edge = await NativeEdge.TakeOverAsync(old, fleet);
        Assert.Equal(0, await old.EndAsync("TERM"));
        Assert.Equal("", await idle.ReadToEndAsync());
        Assert.Equal(200, (await edge.AskAsync("GET", "/heartbeat")).Status);
        await old.DisposeAsync();
    }

    [Fact]
    public async Task Of_two_that_want_to_take_over_at_once_one_does_and_the_other_says_so()
    {
        await using var backend = new Backend(Scripts.Echo);
        (string, string)[] fleet = [("Fleet:Driver", "static"), ("Fleet:Addresses:0", backend.Address.ToString())];
        NativeEdge old = await NativeEdge.StartAsync(fleet);
        var load = new MixedLoad(old.Endpoint, posts: true);
        Task<NativeEdge>[] both = [NativeEdge.TakeOverAsync(old, fleet), NativeEdge.TakeOverAsync(old, fleet)];
        await ((Task)Task.WhenAll(both)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Assert.Equal(0, await old.ExitAsync());
        await load.MoreAsync(500);
        Assert.Empty(await load.StopAsync());
        await old.DisposeAsync();

        // The second may have come after the first was through: then it took over from that one.
        NativeEdge[] started = [.. both.Where(b => b.IsCompletedSuccessfully).Select(b => b.Result)];
        Assert.NotEmpty(started);
        if (started.Length == 2)
        {
            await Quiet.UntilAsync(() => started.Any(edge => edge.Output.Contains("taken_over", StringComparison.Ordinal)), "one has the other's place");
            Assert.Equal(0, await started.Single(edge => edge.Output.Contains("taken_over", StringComparison.Ordinal)).ExitAsync());
        }

        foreach (NativeEdge edge in started)
        {
            await edge.DisposeAsync();
        }

        // A third process that comes between the two finds no balancer to ask, and an address that is taken.
        Assert.All(both.Where(b => b.IsFaulted), b => Assert.Matches("cannot (take over the balancer|listen) at", b.Exception!.ToString()));
    }

    [Fact]
    public async Task With_nobody_to_take_over_from_it_just_starts()
    {
        await using NativeEdge edge = await NativeEdge.StartAsync(null, ["--takeover"], ("Fleet:Replicas", "0"), ("Fleet:Driver", "process"));
        Assert.Equal(200, (await edge.AskAsync("GET", "/heartbeat")).Status);
    }

    [Fact]
    public async Task One_that_does_not_become_ready_gives_up_and_the_old_one_goes_on()
    {
        await using NativeEdge old = await NativeEdge.StartWithReplicasAsync(1);
        (int exitCode, string output) = await NativeEdge.RunAsync(
            new Dictionary<string, string>
            {
                ["Listen"] = old.Endpoint.ToString(),
                ["Fleet:Driver"] = "process",
                ["Health:Path"] = "/no-such-path",
                ["Timeouts:Start"] = "00:00:02",
            },
            "--takeover");
        Assert.Equal(69, exitCode);
        Assert.Contains("goes on as it is: no replica is in rotation here within 2 s", output);
        await Quiet.UntilAsync(() => old.Output.Contains("takeover_abandoned"), "the old one notices");
        Message added = await old.AskAsync("POST", "/add", """{"n": 1}""");
        Assert.Equal(200, added.Status);
    }

    [Fact]
    public async Task Until_it_is_over_the_fleet_does_not_change_and_one_that_is_killed_leaves_all_as_it_was()
    {
        await using NativeEdge old = await NativeEdge.StartWithReplicasAsync(1);
        NativeEdge? never = null;
        Task<NativeEdge> starting = NativeEdge.TakeOverAsync(old, ("Fleet:Driver", "process"), ("Health:Path", "/no-such-path"));
        await Quiet.UntilAsync(() => old.Output.Contains("takeover_asked"), "it has asked");
        Message refused = await old.AskAsync("POST", "/add", """{"n": 1}""");
        Assert.Equal((503, "1"), (refused.Status, refused.Field("Retry-After")));
        Assert.Equal(200, (await old.AskAsync("GET", "/home")).Status);
        int pid = int.Parse(old.Output.Split("takeover_asked pid=")[1].Split('\n')[0], System.Globalization.CultureInfo.InvariantCulture);
        using (var process = System.Diagnostics.Process.GetProcessById(pid))
        {
            process.Kill();
        }

        await Assert.ThrowsAnyAsync<Exception>(async () => never = await starting);
        Assert.Null(never);
        await Quiet.UntilAsync(() => old.Output.Contains("takeover_abandoned"), "the old one notices");
        Assert.Equal(200, (await old.AskAsync("POST", "/add", """{"n": 1}""")).Status);
        Assert.Equal(200, (await old.AskAsync("GET", "/home")).Status);
    }

    [Fact]
    public async Task A_fleet_that_has_grown_stays_as_large()
    {
        NativeEdge old = await NativeEdge.StartWithReplicasAsync(1);
        Assert.Equal(200, (await old.AskAsync("POST", "/add", """{"n": 2}""")).Status);
        await using NativeEdge edge = await NativeEdge.TakeOverAsync(old, ("Fleet:Driver", "process"), ("Fleet:Replicas", "1"));
        await edge.HealthyAsync(3);
        Assert.Equal(0, await old.ExitAsync());
        Assert.Empty(old.Children());
        await old.DisposeAsync();
    }

    [Fact]
    public async Task A_removal_waits_until_the_old_one_has_ended()
    {
        NativeEdge old = await NativeEdge.StartWithReplicasAsync(2);
        Wire kept = await old.ConnectAsync();
        await using NativeEdge edge = await NativeEdge.TakeOverAsync(old, ("Fleet:Driver", "process"), ("Fleet:Replicas", "2"));
        Task<Message> removal = edge.AskAsync("DELETE", "/rm", """{"n": 1}""");
        Assert.Equal(200, (await edge.AskAsync("GET", "/home")).Status);
        Assert.False(removal.IsCompleted);
        kept.Dispose();
        Assert.Equal(0, await old.ExitAsync());
        Assert.Equal(200, (await removal).Status);
        await old.DisposeAsync();
    }

    /// <summary>The first address finds the old one; the next process has it in another place, and one address more.</summary>
    [Fact]
    public async Task The_sockets_of_all_addresses_are_handed_on_whatever_their_order_and_addresses_may_come()
    {
        await using var backend = new Backend(Scripts.Echo);
        (string, string)[] fleet = [("Fleet:Driver", "static"), ("Fleet:Addresses:0", backend.Address.ToString())];
        NativeEdge old = await NativeEdge.StartAsync([.. fleet, ("Listen", "127.0.0.1:0,127.0.0.1:0")]);
        IPEndPoint[] addresses = old.Endpoints;
        Assert.Equal(2, addresses.Length);
        MixedLoad[] loads = [.. addresses.Select(address => new MixedLoad(address, posts: true))];
        await Task.WhenAll(loads.Select(load => load.MoreAsync(500)));
        await using NativeEdge edge = await NativeEdge.TakeOverAsync(
            old, [.. fleet, ("Listen", ""), ("Listen:0", $"{addresses[1]}"), ("Listen:1", "127.0.0.1:0"), ("Listen:2", $"http://{addresses[0]}")]);
        Assert.Equal(0, await old.ExitAsync());
        Assert.Contains("taken_over", old.Output);
        await Task.WhenAll(loads.Select(load => load.MoreAsync(500)));
        foreach (MixedLoad load in loads)
        {
            Assert.Empty(await load.StopAsync());
        }

        Assert.Equal([addresses[1], addresses[0]], edge.Endpoints.Where(addresses.Contains));
        Assert.Equal(3, edge.Endpoints.Length);
        foreach (IPEndPoint address in edge.Endpoints)
        {
            using Wire client = await Wire.ConnectAsync(address);
            await client.SendAsync("GET /edge/status HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Contains($"\"pid\":{edge.Pid}", (await client.ReadMessageAsync()).Text, StringComparison.Ordinal);
        }

        await old.DisposeAsync();
    }

    [Fact]
    public async Task One_that_leaves_an_address_out_is_refused_and_the_old_one_goes_on()
    {
        await using NativeEdge old = await NativeEdge.StartAsync(("Fleet:Replicas", "0"), ("Fleet:Driver", "process"), ("Listen", "127.0.0.1:0,127.0.0.1:0"));
        (int exitCode, string output) = await NativeEdge.RunAsync(
            new Dictionary<string, string> { ["Listen"] = $"{old.Endpoints[0]}", ["Fleet:Driver"] = "process" }, "--takeover");
        Assert.Equal(69, exitCode);
        Assert.Contains($"it listens at {old.Endpoints[1]} too, and the options of this one do not say so", output);
        foreach (IPEndPoint address in old.Endpoints)
        {
            using Wire client = await Wire.ConnectAsync(address);
            await client.SendAsync("GET /heartbeat HTTP/1.1\r\nHost: h\r\n\r\n");
            Assert.Equal(200, (await client.ReadMessageAsync()).Status);
        }
    }

    [Fact]
    public async Task Addresses_that_it_would_not_listen_at_refuse_it()
    {
        await using NativeEdge old = await NativeEdge.StartAsync(("Fleet:Replicas", "0"), ("Fleet:Driver", "process"), ("Control:Listen", "127.0.0.2:0"));
        (int exitCode, string output) = await NativeEdge.RunAsync(
            new Dictionary<string, string> { ["Listen"] = old.Endpoint.ToString(), ["Fleet:Driver"] = "process" }, "--takeover");
        Assert.Equal(69, exitCode);
        Assert.Contains("too, and the options of this one do not say so", output);
        Assert.Equal(0, await old.EndAsync("TERM"));
    }
}
