using System.Globalization;
using System.Text.Json;
using Edge.Control;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Control;

namespace Edge.Tests.Browser;

/// <summary>The page at /edge/ with one and with many services, and what it shows of the time before it was opened.</summary>
public class ServicesPageTests
{
    private const string Fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth";
    private const string Shown = "[...document.querySelectorAll('#services > li')].filter(l => l.checkVisibility()).map(l => l.dataset.service).join(' ')";
    private const string Names = "[...document.querySelectorAll('#rows .name')].map(n => n.textContent).join(' ')";

    private static string[] Fifty => [.. Enumerable.Range(1, 50).Select(i => string.Create(CultureInfo.InvariantCulture, $"app{i:00}"))];

    private static async Task<Chromium> OpenAsync(ControlServer server, string hash = "", int width = 1280, int height = 1000)
    {
        Chromium browser = await Chromium.StartAsync(width, height);
        await browser.GoAsync($"http://{server.Front.Plane.Endpoint}/edge/{hash}");
        await browser.UntilAsync("document.querySelector('#rotation').textContent !== '–'");
        return browser;
    }

    private static ServiceCounters Counts(int requests, int errors)
    {
        var counts = new ServiceCounters { Begun = requests, Ended = requests, Errors = errors };
        for (int i = 0; i < requests; i++)
        {
            counts.Duration.Add(1_000_000 * (1 + i % 20));
        }

        return counts;
    }

    [Fact]
    public async Task With_the_default_service_alone_there_is_nothing_of_services()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        await using Chromium browser = await OpenAsync(server);
        Assert.Equal("server_1 server_2 server_3", (await browser.ValueAsync(Names)).GetString());
        Assert.False(await browser.IsShownAsync("#several"));
        Assert.False(await browser.IsShownAsync("#local"));
        Assert.Equal(("In rotation", "3 of 3"), (await browser.TextAsync("#rotation-of"), await browser.TextAsync("#rotation")));
        Assert.Equal("", (await browser.ValueAsync("location.hash")).GetString());
        Assert.Empty(await browser.ComplaintsAsync());
    }

    [Fact]
    public async Task Fifty_services_are_a_line_each_are_found_and_each_opens_to_its_replicas()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        await server.AddServicesAsync(Fifty);
        await using Chromium browser = await OpenAsync(server);
        Assert.Equal(string.Join(' ', ["default", .. Fifty]), (await browser.ValueAsync(Shown)).GetString());
        Assert.Equal("51 of 51", await browser.TextAsync("#rotation"));
        Assert.Equal("51 of 51 up", await browser.TextAsync("#services-note"));
        Assert.False(await browser.IsShownAsync("#replicas"));

        // By name, by route, and by the name of a replica.
        await browser.FillAsync("#find", "app07");
        Assert.Equal("app07", (await browser.ValueAsync(Shown)).GetString());
        await browser.FillAsync("#find", "APP4 .test");
        Assert.Equal(string.Join(' ', Fifty[39..49]), (await browser.ValueAsync(Shown)).GetString());
        Assert.Equal("51 of 51 up · 10 found", await browser.TextAsync("#services-note"));
        await browser.FillAsync("#find", "nothing");
        Assert.True(await browser.IsShownAsync("#none-found"));
        await browser.FillAsync("#find", "app33_2");
        await browser.ClickAsync("[data-service=app33] .svc");
        await browser.UntilAsync($"{Names} === 'app33_1 app33_2 app33_3'");
        Assert.Equal("true", (await browser.ValueAsync("document.querySelector('[data-service=app33] .svc').ariaExpanded")).GetString());
        await browser.FillAsync("#find", "");
        await browser.ClickAsync("[data-service=default] .svc");
        await browser.UntilAsync($"{Names} === 'server_1 server_2 server_3'");
        await browser.ClickAsync("[data-service=default] .svc");
        await browser.UntilAsync("!document.querySelector('#replicas').checkVisibility()");
        JsonElement holds = await browser.ValueAsync("edgeHolds()");
        Assert.Equal((51, 0), (holds.GetProperty("services").GetInt32(), holds.GetProperty("rows").GetInt32()));
        Assert.Empty(await browser.ComplaintsAsync());
    }

    [Fact]
    public async Task What_is_changed_is_changed_for_the_service_that_is_open()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        await server.AddServicesAsync("blog", "shop");
        await using Chromium browser = await OpenAsync(server, "#shop");
        await browser.UntilAsync($"{Names} === 'shop_1 shop_2 shop_3'");
        await browser.ClickAsync("#add-go");
        await browser.UntilAsync("document.querySelector('#add-says').innerText === 'In rotation: shop_4.'");
        await browser.ClickAsync("tr[data-name=shop_2] .weight button");
        await browser.FillAsync("tr[data-name=shop_2] + .plan input", "3");
        Assert.StartsWith(
            "shop_2 gets weight 3 instead of 1: about 50 % of the requests, not 25 %.", await browser.TextAsync("tr[data-name=shop_2] + .plan p"));
        await browser.KeysAsync("\uE007");
        await browser.UntilAsync("document.querySelector('tr[data-name=shop_2] .weight button').textContent === '3'");
        await browser.ClickAsync("tr[data-name=shop_1] .act button");
        Assert.Contains("The fleet will have 3 replicas.", await browser.TextAsync("#removing-text"));
        await browser.ClickAsync("#removing-yes");
        await browser.UntilAsync($"{Names} === 'shop_2 shop_3 shop_4'");
        Assert.Equal([3, 1, 1], server.Services.Find("shop")!.Fleet.Snapshot.Replicas.Select(r => r.Weight));
        Assert.Equal((3, 3), (server.Running.Count, server.Services.Find("blog")!.Fleet.Snapshot.Running.Count));

        // When the open service is no more, the others stay, and nothing is open.
        await server.AddServicesAsync("blog");
        await browser.UntilAsync($"{Shown} === 'default blog'");
        Assert.False(await browser.IsShownAsync("#replicas"));
        await browser.ClickAsync("[data-service=blog] .svc");
        await browser.UntilAsync($"{Names} === 'blog_1 blog_2 blog_3'");
        Assert.Empty(await browser.ComplaintsAsync());
    }

    [Fact]
    public async Task A_line_tells_state_rates_errors_and_times_and_lines_are_sorted_by_them()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        await server.AddServicesAsync("blog", "shop");
        await using Chromium browser = await OpenAsync(server);
        server.Time.Advance(LastMinute.Interval);
        server.Fleet.Plane.CountedOf["shop"] = Counts(200, 4) with { Waiting = 3, Begun = 207 };
        server.Time.Advance(LastMinute.Interval);
        await browser.UntilAsync("document.querySelector('[data-service=shop] [data-of=\"Errors/s\"]').className === 'n bad'");
        Assert.Equal(
            "Requests/s Errors/s p50 p99 In flight",
            (await browser.ValueAsync("[...document.querySelectorAll('[data-service=shop] .n')].map(n => n.dataset.of).join(' ')")).GetString());
        Assert.Matches("^1[0-9] ms$", await browser.TextAsync("[data-service=shop] [data-of=p50]"));
        Assert.Equal("7\n3 wait", await browser.TextAsync("[data-service=shop] [data-of=\"In flight\"]"));
        Assert.Equal("up\n3 of 3 in rotation", await browser.TextAsync("[data-service=blog] .svc > :nth-child(2)"));
        await browser.ClickAsync("#heads [data-of=flight]");
        Assert.Equal("shop default blog", (await browser.ValueAsync(Shown)).GetString());
        server.ServiceDriver.Kill("shop_1");
        await browser.UntilAsync("document.querySelector('[data-service=shop] .state').textContent === 'degraded'");
        await browser.FillAsync("#find", "degraded");
        Assert.Equal("shop", (await browser.ValueAsync(Shown)).GetString());
        Assert.Empty(await browser.ComplaintsAsync());
    }

    [Fact]
    public async Task Charts_and_events_begin_with_what_was_before_the_page_was_opened()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        await server.AddServicesAsync("shop");
        server.Events.Publish("drill", "it was before.");
        for (int i = 1; i <= 3; i++)
        {
            server.Fleet.Plane.Counted = new LoopCounters { Requests = Counts(50 * i, 0) };
            server.Fleet.Plane.CountedOf["shop"] = Counts(20 * i, 5 * i);
            server.Time.Advance(LastMinute.Interval);
        }

        await using Chromium browser = await OpenAsync(server, "#shop");
        await browser.UntilAsync("edgeHolds().rates >= 15 && edgeHolds().local >= 15");
        await browser.UntilAsync("document.querySelector('#events').innerText.includes('it was before.')");
        Assert.True(await browser.IsShownAsync("#local"));
        Assert.Contains("service added", await browser.TextAsync("#events"));
        Assert.Contains("shop / shop_3", await browser.TextAsync("#events"));

        // Nothing comes twice.
        server.Events.Publish("drill", "it was after.");
        await browser.UntilAsync("document.querySelector('#events').innerText.includes('it was after.')");
        Assert.Equal(1, (await browser.ValueAsync("document.querySelector('#events').innerText.split('it was before.').length - 1")).GetInt32());
        Assert.Empty(await browser.ComplaintsAsync());
    }

    [Theory]
    [InlineData(1, 1280)]
    [InlineData(1, 760)]
    [InlineData(1, 390)]
    [InlineData(50, 1280)]
    [InlineData(50, 800)]
    [InlineData(50, 760)]
    [InlineData(50, 390)]
    public async Task It_fits_and_is_made_of_cards_from_760_pixels_down(int services, int width)
    {
        await using ControlServer server = await ControlServer.StartAsync();
        if (services > 1)
        {
            await server.AddServicesAsync(Fifty);
            server.Time.Advance(LastMinute.Interval);
            server.Fleet.Plane.CountedOf["app02"] = Counts(123_456, 789) with { Begun = 123_999, Waiting = 200 };
        }

        server.Fleet.Plane.Counted = new LoopCounters { Requests = Counts(12_000, 1) };
        server.Time.Advance(LastMinute.Interval);
        server.Fleet.Driver.Kill("server_2", "exit code 137: it was out of memory");
        await using Chromium browser = await OpenAsync(server, services > 1 ? "#app02" : "", width, 1100);
        await browser.ResizeAsync(width, 1100, mobile: width < 500);
        await browser.UntilAsync("document.querySelectorAll('#rows .name').length === 3");
        await browser.UntilAsync(Fits);
        string display = (await browser.ValueAsync("getComputedStyle(document.querySelector('#rows tr')).display")).GetString()!;
        Assert.Equal(width <= 760 ? "grid" : "table-row", display);
        Assert.Equal(width > 760 && services > 1, await browser.IsShownAsync("#heads"));

        // Nothing is cut off or lies over its neighbour.
        Assert.Equal("", (await browser.ValueAsync("[...document.querySelectorAll('#rows td, .svc > span')].filter(c => c.scrollWidth > c.clientWidth + 1)"
            + ".map(c => c.className + ' ' + c.textContent).join('; ')")).GetString());
        if (Environment.GetEnvironmentVariable("EDGE_SCREENSHOTS") is { } folder)
        {
            await browser.UntilAsync("edgeHolds().rates > 6");
            await File.WriteAllBytesAsync(
                Path.Combine(folder, $"services-{services}-{width}.png"), await browser.PictureAsync(), TestContext.Current.CancellationToken);
        }
    }
}
