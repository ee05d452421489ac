using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Edge.Config;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Control;
using Edge.Tests.Native;

namespace Edge.Tests.Browser;

/// <summary>The page at /edge/, in a real browser.</summary>
public class LivePageTests
{
    private const string Names = "[...document.querySelectorAll('#rows .name')].map(n => n.textContent).join(' ')";
    private const string Fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth";

    [Fact]
    public async Task It_shows_the_fleet_and_asks_nobody_but_the_balancer()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        await using Chromium browser = await OpenAsync(server);
        Assert.Equal("server_1 server_2 server_3", (await browser.ValueAsync(Names)).GetString());
        Assert.Equal("3 of 3", await browser.TextAsync("#rotation"));
        Assert.Equal("Edge: edge, 3 of 3 in rotation", (await browser.ValueAsync("document.title")).GetString());
        await browser.UntilAsync("document.querySelector('#link').textContent === 'live'");
        IReadOnlyList<string> asked = await browser.RequestsAsync();
        Assert.NotEmpty(asked);
        Assert.All(asked, url => Assert.Matches($"^(http://{server.Front.Plane.Endpoint}/edge/|data:)", url));
        Assert.Empty(await browser.ComplaintsAsync());
    }

    [Fact]
    public async Task Its_policy_lets_nothing_else_run()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        await using Chromium browser = await OpenAsync(server);
        await browser.ValueAsync("void document.body.append(Object.assign(document.createElement('script'), { textContent: 'globalThis.intruder = 1' }))");
        Assert.Equal(JsonValueKind.Null, (await browser.ValueAsync("globalThis.intruder ?? null")).ValueKind);
        Assert.Contains(await browser.ComplaintsAsync(), c => c.Contains("Content Security Policy", StringComparison.Ordinal));
        Message page = await server.CallAsync("GET /edge/");
        string policy = page.Field("Content-Security-Policy")!;
        Assert.Contains("default-src 'none'; script-src 'sha256-", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("innerHTML", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_follows_what_happens_without_being_loaded_again()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        await using Chromium browser = await OpenAsync(server);
        await browser.ValueAsync("void (globalThis.marker = 1)");
        await server.CallAsync("POST /add", body: """{"n": 1, "hostnames": ["blue"], "weight": 2}""");
        await browser.UntilAsync($"{Names} === 'blue server_1 server_2 server_3'");
        await browser.UntilAsync("document.querySelector('#events').innerText.includes('1 (blue), weight 2 by 127.0.0.1: done')");
        server.Fleet.Driver.Kill("server_2", "exit code 137");
        await browser.UntilAsync("document.querySelector('tr[data-name=server_2] .why').textContent.includes('exit code 137')");
        Assert.Equal("gone", await browser.TextAsync("tr[data-name=server_2] .state"));
        await browser.UntilAsync("document.querySelector('#events').innerText.includes('exit code 137')");
        await server.CallAsync("DELETE /rm", body: """{"n": 1, "hostnames": ["server_3"]}""");
        await browser.UntilAsync($"{Names} === 'blue server_1 server_2'");
        server.Fleet.Driver.OnList = () => new TaskCompletionSource().Task;
        server.Fleet.Driver.LoseSight();
        await browser.UntilAsync("document.querySelector('#notice').innerText.includes('connection lost')");
        Assert.Equal(1, (await browser.ValueAsync("globalThis.marker")).GetInt32());
        Assert.Empty(await browser.ComplaintsAsync());
    }

    [Fact]
    public async Task It_shows_certificates_with_what_somebody_should_look_at_first()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        LoopCounters counted = default;
        counted.HandshakesTls13 = 4;
        counted.HandshakesResumed = 3;
        counted.HandshakeFailures[(int)Edge.Io.TlsFailure.Refused] = 2;
        server.Fleet.Plane.Counted = counted;
        await using Chromium browser = await OpenAsync(server);
        const string Cells = "r => [...r.querySelectorAll('.name, .where, .state, .why')].map(c => c.textContent).join('|')";
        Assert.Equal(
            "|/none.pem|none|there is no such file\nshop.test, *.shop.test|/shop.pem|ended|\nacme.test|acme|ended|the authority is away",
            (await browser.ValueAsync($"[...document.querySelectorAll('#certificate-rows tr')].map({Cells}).join('\\n')")).GetString());
        Assert.Equal("4 handshakes · 75 % resumed · 2 failed", await browser.TextAsync("#certificates-note"));
        Assert.Equal("gone", (await browser.ValueAsync("document.querySelector('#certificate-rows .state').dataset.is")).GetString());
        Assert.Empty(await browser.ComplaintsAsync());
    }

    [Fact]
    public async Task It_follows_an_add_and_a_kill_of_real_replicas()
    {
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(2);
        await using Chromium browser = await Chromium.StartAsync();
        await browser.GoAsync($"http://{edge.Endpoint}/edge/");
        await browser.UntilAsync($"{Names} === 'server_1 server_2'");
        Assert.Equal(200, (await edge.AskAsync("POST", "/add", """{"n": 1}""")).Status);
        await browser.UntilAsync($"{Names} === 'server_1 server_2 server_3'");
        using Process kill = Process.Start("kill", ["-KILL", edge.Children()[0].ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await browser.UntilAsync("[...document.querySelectorAll('#rows tr[data-name] td:nth-child(9)')].some(t => t.textContent === '1')");
        await browser.UntilAsync("document.querySelector('#events').innerText.includes('signal 9')");
        await browser.UntilAsync("document.querySelector('#rotation').innerText === '3 of 3'");
        Assert.Empty(await browser.ComplaintsAsync());
    }

    [Fact]
    public async Task Without_the_right_token_it_says_so_and_with_it_it_shows_the_fleet()
    {
        await using ControlServer server = await ControlServer.StartAsync("secret");
        await using Chromium browser = await Chromium.StartAsync();
        await browser.GoAsync($"http://{server.Front.Plane.Endpoint}/edge/");
        await browser.UntilAsync("document.querySelector('#problem').innerText.includes('needs its token')");
        Assert.False(await browser.IsShownAsync("#replicas"));
        await browser.ClickAsync("#problem-token");
        await browser.FillAsync("#token", "wrong");
        await browser.KeysAsync("\uE007");
        await browser.UntilAsync("document.querySelector('#asking-error').innerText === 'The token was not accepted.'");
        await browser.FillAsync("#token", "secret");
        await browser.ClickAsync("#token-form .first");
        await browser.UntilAsync($"{Names} === 'server_1 server_2 server_3'");
        Assert.False(await browser.IsShownAsync("#problem"));
        Assert.False(await browser.IsShownAsync("#asking"));
        await browser.UntilAsync("document.querySelector('#link').textContent === 'live'");

        // The browser itself notes each answer that is none, and nothing else may be amiss.
        Assert.All(await browser.ComplaintsAsync(), c => Assert.Contains("401 (Unauthorized)", c, StringComparison.Ordinal));
        await browser.ClickAsync("#token-open");
        await browser.ClickAsync("#token-forget");
        await browser.UntilAsync("document.querySelector('#problem').innerText.includes('needs its token')");
        Assert.Equal(0, (await browser.ValueAsync("sessionStorage.length")).GetInt32());
    }

    [Fact]
    public async Task What_is_added_is_told_before_and_so_is_what_came_of_it()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        await using Chromium browser = await OpenAsync(server);
        await browser.FillAsync("#names", "blue, server_1");
        await browser.UntilAsync("document.querySelector('#add-says').innerText.startsWith('This starts blue, server_1, weight 1.')");
        Assert.Equal("Add 2 replicas", await browser.TextAsync("#add-go"));
        await browser.ClickAsync("#add-go");
        await browser.UntilAsync("""document.querySelector('#add-says').innerText === "Nothing was added: hostname 'server_1' is taken by another replica" """);
        Assert.Equal(["server_1", "server_2", "server_3"], server.Running);

        // By keyboard alone: from the names to the weight, and Enter.
        await browser.FillAsync("#names", "blue");
        await browser.FillAsync("#count", "2");
        await browser.ValueAsync("void document.querySelector('#names').focus()");
        await browser.KeysAsync("\uE004");
        Assert.Equal("weight", (await browser.ValueAsync("document.activeElement.id")).GetString());
        await browser.KeysAsync("\uE007");
        await browser.UntilAsync("document.querySelector('#add-says').innerText === 'In rotation: blue, server_4.'");
        Assert.Equal(["blue", "server_1", "server_2", "server_3", "server_4"], server.Running);
    }

    [Fact]
    public async Task A_version_is_deployed_promoted_and_rolled_back_and_only_what_is_possible_is_offered()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        await using Chromium browser = await OpenAsync(server);
        const string Offered = "[...document.querySelectorAll('#deploying button')].filter(b => b.offsetParent).map(b => b.innerText).join()";
        Assert.Equal("", (await browser.ValueAsync(Offered)).GetString());
        await browser.FillAsync("#image", "app:2");
        await browser.ClickAsync("#deploy-go");
        await browser.UntilAsync("document.querySelector('#deploy-state').innerText.startsWith('app:2, canary: the first new replica is well')");
        Assert.Equal("Pause,Promote,Abort", (await browser.ValueAsync(Offered)).GetString());
        await browser.ClickAsync("#deploying [data-does=pause]");
        await browser.UntilAsync($"{Offered} === 'Resume,Promote,Abort'");
        await browser.ClickAsync("#deploying [data-does=promote]");
        await browser.UntilAsync("document.querySelector('#deploy-state').innerText.startsWith('app:2, switched')");
        await browser.ClickAsync("#deploying [data-does=promote]");
        await browser.UntilAsync($"document.querySelector('#deploy-state').innerText.startsWith('app:2, done') && {Offered} === 'Roll back'");
        Assert.Equal(["server_4", "server_5", "server_6"], server.Running);
        await browser.FillAsync("#image", "app:2");
        await browser.ClickAsync("#deploy-go");
        await browser.UntilAsync("document.querySelector('#deploy-state').innerText.includes('this image serves already')");
        Assert.Equal("Roll back", (await browser.ValueAsync(Offered)).GetString());
        await browser.FillAsync("#image", "two words");
        await browser.ClickAsync("#deploy-go");
        await browser.UntilAsync("document.querySelector('#deploy-says').innerText.startsWith('Nothing was done: image is no name of an image')");
    }

    [Fact]
    public async Task A_removal_is_told_before_and_asked_back()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        await using Chromium browser = await OpenAsync(server);
        await browser.ClickAsync("tr[data-name=server_2] .act button");
        Assert.Equal("Remove server_2?", await browser.TextAsync("#removing-title"));
        Assert.Contains("The fleet will have 2 replicas.", await browser.TextAsync("#removing-text"));
        await browser.KeysAsync("\uE00C");
        await browser.UntilAsync("!document.querySelector('#removing').open");
        Assert.Equal(3, server.Running.Count);
        server.Fleet.Driver.OnStop = _ => throw new Edge.Fleet.DriverException(Edge.Fleet.DriverFailure.Failed, "no permission");
        await browser.ClickAsync("tr[data-name=server_2] .act button");
        await browser.ClickAsync("#removing-yes");
        await browser.UntilAsync("document.querySelector('#removing-error').innerText.includes('no permission')");
        server.Fleet.Driver.OnStop = _ => Task.CompletedTask;
        await browser.ClickAsync("#removing-yes");
        await browser.UntilAsync($"{Names} === 'server_1 server_3'");
        await browser.UntilAsync("!document.querySelector('#removing').open");
    }

    [Fact]
    public async Task A_weight_can_be_typed_after_a_click_is_told_meanwhile_and_set_when_it_is_confirmed()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        await using Chromium browser = await OpenAsync(server);
        await browser.ClickAsync("tr[data-name=server_2] .weight button");
        Assert.Equal("1", (await browser.ValueAsync("document.activeElement.value")).GetString());

        // What slips does nothing: neither the wheel nor an arrow key is a change.
        await browser.KeysAsync("\uE013");
        Assert.Equal("1", (await browser.ValueAsync("document.activeElement.value")).GetString());
        Assert.True((await browser.ValueAsync("document.querySelector('tr[data-name=server_2] + .plan .first').disabled")).GetBoolean());
        await browser.FillAsync("tr[data-name=server_2] + .plan input", "2");
        Assert.StartsWith(
            "server_2 gets weight 2 instead of 1: about 50 % of the requests, not 33 %.", await browser.TextAsync("tr[data-name=server_2] + .plan p"));
        await browser.KeysAsync("\uE00C");
        Assert.False(await browser.IsShownAsync("tr[data-name=server_2] + .plan"));
        await browser.ClickAsync("tr[data-name=server_2] .weight button");
        await browser.FillAsync("tr[data-name=server_2] + .plan input", "300");
        Assert.Equal("A weight is a whole number from 1 to 256.", await browser.TextAsync("tr[data-name=server_2] + .plan p"));
        Assert.Equal([1, 1, 1], server.Fleet.Manager.Snapshot.Replicas.Select(r => r.Weight));
        await browser.FillAsync("tr[data-name=server_2] + .plan input", "2");
        await browser.ClickAsync("tr[data-name=server_2] + .plan .first");
        await browser.UntilAsync("document.querySelector('tr[data-name=server_2] .share').innerText.includes('due 50 %')");
        Assert.Equal([1, 2, 1], server.Fleet.Manager.Snapshot.Replicas.Select(r => r.Weight));
        await browser.UntilAsync("document.querySelector('#events').innerText.includes('now 2')");
    }

    [Fact]
    public async Task It_fits_a_screen_and_a_phone_in_light_and_dark()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        await using Chromium browser = await OpenAsync(server);
        await browser.PreferAsync("light");
        Assert.Equal("rgb(245, 246, 244)", (await browser.ValueAsync("getComputedStyle(document.body).backgroundColor")).GetString());
        Assert.True((await browser.ValueAsync(Fits)).GetBoolean());
        await browser.PreferAsync("dark");
        Assert.Equal("rgb(18, 22, 20)", (await browser.ValueAsync("getComputedStyle(document.body).backgroundColor")).GetString());
        await browser.ResizeAsync(360, 740, mobile: true);
        await browser.UntilAsync(Fits);
        await browser.ClickAsync("tr[data-name=server_1] .act button");
        Assert.True(await browser.IsShownAsync("#removing-yes"));
        Assert.True((await browser.ValueAsync("document.querySelector('#removing').getBoundingClientRect().right <= innerWidth")).GetBoolean());
    }

    [Fact]
    public async Task With_a_thousand_events_a_second_it_answers_and_holds_no_more_than_it_may()
    {
        TimeSpan length = TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("EDGE_PAGE_SECONDS") ?? "10", CultureInfo.InvariantCulture));
        await using ControlServer server = await ControlServer.StartAsync();
        await using Chromium browser = await OpenAsync(server);
        await browser.UntilAsync("document.querySelector('#link').textContent === 'live'");
        await browser.ValueAsync("void (globalThis.worst = 0, globalThis.frames = 0, function watch(before) { requestAnimationFrame(now => { worst = "
            + "Math.max(worst, now - before); frames++; watch(now); }); }(performance.now()))");
        (double memory, double nodes) = await HeapAsync(browser);
        Task<int> publishing = PublishAsync(server, length);
        int clicks = 0;
        while (!publishing.IsCompleted)
        {
            await browser.ClickAsync("#token-open");
            Assert.True(await browser.IsShownAsync("#asking"));
            await browser.ClickAsync("#token-no");
            Assert.False(await browser.IsShownAsync("#asking"));
            clicks++;
        }

        int published = await publishing;
        await browser.UntilAsync($"document.querySelector('#events').innerText.includes('event number {published}.')");
        JsonElement holds = await browser.ValueAsync("edgeHolds()");
        Assert.InRange(holds.GetProperty("events").GetInt32(), 1, 200);
        Assert.InRange(holds.GetProperty("incoming").GetInt32(), 0, 200);
        Assert.InRange(holds.GetProperty("rates").GetInt32(), 0, 300);
        (double memoryAfter, double nodesAfter) = await HeapAsync(browser);
        JsonElement frames = await browser.ValueAsync("[frames, worst]");
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{published} events in {length.TotalSeconds} s, {holds.GetProperty("heard")} heard, {clicks} dialogs opened and closed; "
                + $"{frames[0]} frames, the longest {frames[1].GetDouble():0} ms; heap {memory / 1e6:0.0} MB before, {memoryAfter / 1e6:0.0} MB after; "
                    + $"{nodes} nodes before, {nodesAfter} after"));
        Assert.InRange(memoryAfter - memory, double.MinValue, 10e6);
        Assert.InRange(nodesAfter, 0, 5000);
        Assert.Empty(await browser.ComplaintsAsync());
    }

    /// <summary>
    /// A fleet under load, one replica just killed. EDGE_SCREENSHOTS names a folder for the pictures of the README; with it,
    /// there is enough to see before they are taken.
    /// </summary>
    [Fact]
    public async Task It_can_be_pictured_in_light_and_dark_and_on_a_phone()
    {
        string? wanted = Environment.GetEnvironmentVariable("EDGE_SCREENSHOTS");
        string folder = wanted ?? Directory.CreateTempSubdirectory("edge-pictures-").FullName;
        int rates = wanted is null ? 2 : 40;
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(3, ("Fleet:SlowStart", "00:00:08"));
        await using Chromium browser = await Chromium.StartAsync(1200, 1010);
        await browser.GoAsync($"http://{edge.Endpoint}/edge/");
        using Process load =
            Process.Start(new ProcessStartInfo("wrk", ["-t1", "-c8", "-d100", $"http://{edge.Endpoint}/home"]) { RedirectStandardOutput = true })!;
        await browser.UntilAsync("edgeHolds().rates > " + rates, TimeSpan.FromMinutes(2));
        await edge.AskAsync("POST", "/add", """{"n": 1, "hostnames": ["blue"], "weight": 2}""");
        await browser.UntilAsync("edgeHolds().rates > " + (rates += wanted is null ? 1 : 10));
        using Process kill = Process.Start("kill", ["-KILL", edge.Children()[1].ToString(CultureInfo.InvariantCulture)]);
        await browser.UntilAsync("edgeHolds().rates > " + (rates += wanted is null ? 1 : 5));
        await browser.PreferAsync("light");
        await File.WriteAllBytesAsync(Path.Combine(folder, "page-light.png"), await browser.PictureAsync(), TestContext.Current.CancellationToken);
        await browser.PreferAsync("dark");
        await browser.UntilAsync("edgeHolds().rates > " + (rates + 2));
        await File.WriteAllBytesAsync(Path.Combine(folder, "page-dark.png"), await browser.PictureAsync(), TestContext.Current.CancellationToken);
        await browser.ResizeAsync(390, 1200, mobile: true);
        await browser.UntilAsync("edgeHolds().rates > " + (rates + 4));
        await File.WriteAllBytesAsync(Path.Combine(folder, "page-phone.png"), await browser.PictureAsync(), TestContext.Current.CancellationToken);
        load.Kill();
        await load.WaitForExitAsync(TestContext.Current.CancellationToken);
        string[] pictures = Directory.GetFiles(folder, "*.png");
        Assert.Equal(3, pictures.Length);
        Assert.All(pictures, p => Assert.True(new FileInfo(p).Length > 10_000, $"{p} shows nothing"));
        if (wanted is null)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Chromium> OpenAsync(ControlServer server)
    {
        Chromium browser = await Chromium.StartAsync();
        await browser.GoAsync($"http://{server.Front.Plane.Endpoint}/edge/");
        await browser.UntilAsync("document.querySelectorAll('#rows .name').length > 0");
        return browser;
    }

    // As many as are due by the clock, however late the timer rings.
    private static async Task<int> PublishAsync(ControlServer server, TimeSpan length)
    {
        var since = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        int published = 0;
        while (since.Elapsed < length)
        {
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            for (int due = Math.Min((int)since.Elapsed.TotalMilliseconds, published + Limits.EventsKept / 2); published < due;)
            {
                server.Events.Publish("drill", $"event number {++published}.");
            }
        }

        return published;
    }

    private static async Task<(double Bytes, double Nodes)> HeapAsync(Chromium browser)
    {
        await browser.DevToolsAsync("HeapProfiler.collectGarbage", []);
        JsonElement usage = await browser.DevToolsAsync("Runtime.getHeapUsage", []);
        JsonElement counters = await browser.DevToolsAsync("Memory.getDOMCounters", []);
        return (usage.GetProperty("usedSize").GetDouble(), counters.GetProperty("nodes").GetDouble());
    }
}
