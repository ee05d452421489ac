using System.Text.Json;
using Edge.Tests.Backends;

namespace Edge.Tests.Native;

/// <summary>Several services behind the published binary: by its options, its own paths and its own commands, through a reload and a takeover.</summary>
public sealed class ServicesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-services-");

    public void Dispose() => _folder.Delete(recursive: true);

    private string File => Path.Combine(_folder.FullName, "appsettings.json");

    private void Write(params string[] services) =>
        System.IO.File.WriteAllText(File, $$"""{"Edge": {"Services": { {{string.Join(", ", services)}} } } }""");

    private static string Shop(int replicas) =>
        $$"""
        "shop": {"Hosts": ["shop.example"], "Paths": ["/api"], "Strip": true, "Fleet": {"Driver": "process", "Replicas": {{replicas}} } }
        """;

    private static string Static(string name, Backend backend, string host) =>
        $$"""
        "{{name}}": {"Hosts": ["{{host}}"], "Fleet": {"Addresses": ["{{backend.Address}}"]}, "Health": {"Off": true} }
        """;

    private static Backend Answering(string body) => new(async wire =>
    {
        while (true)
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        }
    });

    private static async Task<Message> GetAsync(NativeEdge edge, string host, string path = "/")
    {
        using Wire client = await edge.ConnectAsync();
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        return await client.ReadMessageAsync();
    }

    private static async Task<string[]> ReplicasAsync(NativeEdge edge, string service)
    {
        Message answer = await edge.AskAsync("GET", $"/edge/services/{service}/rep");
        return answer.Status == 200
            ? [.. JsonDocument.Parse(answer.Text).RootElement.GetProperty("message").GetProperty("replicas").EnumerateArray().Select(name => name.GetString()!)]
            : [];
    }

    private static Task HasAsync(NativeEdge edge, string service, params string[] replicas) => Quiet.UntilAsync(
        async () => (await ReplicasAsync(edge, service)).SequenceEqual(replicas), $"{service} has {string.Join(", ", replicas)}", TimeSpan.FromSeconds(30));

    private static Task AnswersAsync(NativeEdge edge, string host, string path, int status) => Quiet.UntilAsync(
        async () => (await GetAsync(edge, host, path)).Status == status, $"{host}{path} is answered with {status}", TimeSpan.FromSeconds(30));

    [Fact]
    public async Task Services_are_added_changed_asked_and_taken_over_and_what_no_route_is_for_is_not_found()
    {
        await using Backend blog = Answering("blog"), news = Answering("news");
        Write(Shop(2), Static("blog", blog, "blog.example"));
        NativeEdge edge = await NativeEdge.StartAsync(_folder.FullName, []);
        NativeEdge? next = null;
        try
        {
            await HasAsync(edge, "shop", "shop_1", "shop_2");
            await AnswersAsync(edge, "shop.example", "/api/home", 200);
            Assert.Equal("blog", (await GetAsync(edge, "BLOG.example:80")).Text);
            Message unknown = await GetAsync(edge, "other.example");
            Assert.Equal(404, unknown.Status);
            Assert.Contains("No service has this host and path", unknown.Text, StringComparison.Ordinal);
            Assert.Equal(404, (await GetAsync(edge, "shop.example", "/apis")).Status);
            Assert.Equal(400, (await GetAsync(edge, "shop.example", "/api/../x")).Status);
            Assert.Contains("\"N\":0", (await edge.AskAsync("GET", "/rep")).Text.Replace(" ", ""), StringComparison.Ordinal);
            Assert.Equal(404, (await edge.AskAsync("GET", "/edge/services/none/rep")).Status);

            // By the program's own commands.
            string url = $"http://{edge.Endpoint}";
            (int code, string output) = await NativeEdge.RunAsync(new Dictionary<string, string>(), "add", "--service", "shop", "--url", url);
            Assert.True(code == 0, output);
            Assert.Equal(["shop_1", "shop_2", "shop_3"], await ReplicasAsync(edge, "shop"));
            (code, output) = await NativeEdge.RunAsync(new Dictionary<string, string>(), "rm", "shop_1", "--service", "shop", "--url", url);
            Assert.True(code == 0, output);
            Assert.Equal(["shop_2", "shop_3"], await ReplicasAsync(edge, "shop"));
            (code, output) = await NativeEdge.RunAsync(new Dictionary<string, string>(), "status", "--url", url);
            Assert.Contains("shop at shop.example/api, driver process: 2 of 2 in rotation", output, StringComparison.Ordinal);
            string metrics = (await edge.AskAsync("GET", "/edge/metrics")).Text;
            Assert.Contains("edge_replica_up{service=\"shop\",replica=\"shop_3\"} 1", metrics, StringComparison.Ordinal);

            // A reload: one comes, one goes, one stays.
            using Wire kept = await edge.ConnectAsync();
            await kept.SendAsync("GET /api/home HTTP/1.1\r\nHost: shop.example\r\n\r\n");
            Assert.Equal(200, (await kept.ReadMessageAsync()).Status);
            Write(Shop(2), Static("news", news, "news.example"));
            await edge.SignalAsync("HUP");
            await AnswersAsync(edge, "news.example", "/", 200);
            await AnswersAsync(edge, "blog.example", "/", 404);
            await Quiet.UntilAsync(
                () => edge.Output.Contains("changed=Edge:Services:blog,Edge:Services:news", StringComparison.Ordinal), "the log says what has changed");
            await kept.SendAsync("GET /api/home HTTP/1.1\r\nHost: shop.example\r\n\r\n");
            Assert.Equal(200, (await kept.ReadMessageAsync()).Status);
            Write(Shop(5), Static("news", news, "news.example"));
            await edge.SignalAsync("HUP");
            await Quiet.UntilAsync(() => edge.Output.Contains("Edge:Services:shop:Fleet:Replicas cannot change", StringComparison.Ordinal), "it is refused");

            next = await NativeEdge.TakeOverAsync(edge, _folder.FullName);
            await HasAsync(next, "shop", "shop_1", "shop_2", "shop_3", "shop_4", "shop_5");
            await AnswersAsync(next, "shop.example", "/api/home", 200);
            await kept.SendAsync("GET /api/home HTTP/1.1\r\nHost: shop.example\r\n\r\n");
            Assert.Equal(200, (await kept.ReadMessageAsync()).Status);
        }
        finally
        {
            await (next?.DisposeAsync() ?? ValueTask.CompletedTask);
            await edge.DisposeAsync();
        }
    }

    [Fact]
    public async Task Services_that_are_paused_or_stopped_stay_so_over_a_reload_and_a_takeover_and_not_over_a_restart()
    {
        await using Backend blog = Answering("blog"), news = Answering("news");
        Write(Static("blog", blog, "blog.example"), Static("news", news, "news.example"));
        NativeEdge edge = await NativeEdge.StartAsync(_folder.FullName, []);
        NativeEdge? next = null;
        try
        {
            await AnswersAsync(edge, "blog.example", "/", 200);
            await AnswersAsync(edge, "news.example", "/", 200);
            foreach ((string[] command, string says) in new (string[], string)[]
            {
                (["pause", "--service", "blog"], "blog is paused; it was open"), (["stop", "--service", "news"], "news is stopped; it was open"),
                (["stop"], "default is stopped; it was open"), (["stop", "--service", "default"], "default is stopped, as it was"),
            })
            {
                (int code, string output) = await NativeEdge.RunAsync(
                    new Dictionary<string, string>(), [.. command, "--url", $"http://{edge.Endpoint}"]);
                Assert.True(code == 0, output);
                Assert.Contains(says, output, StringComparison.Ordinal);
            }

            await edge.SignalAsync("HUP");
            await Quiet.UntilAsync(() => edge.Output.Contains("options_reloaded", StringComparison.Ordinal), "it has read its options again");
            Assert.Equal(503, (await GetAsync(edge, "news.example")).Status);

            next = await NativeEdge.TakeOverAsync(edge, _folder.FullName);
            Assert.Contains("service_paused service=blog", next.Output, StringComparison.Ordinal);
            Message stopped = await GetAsync(next, "news.example");
            Assert.Equal((503, "30"), (stopped.Status, stopped.Field("Retry-After")));
            using Wire waits = await next.ConnectAsync();
            await waits.SendAsync("GET / HTTP/1.1\r\nHost: blog.example\r\n\r\n");
            const string Waiting = "\nedge_queue_requests{service=\"blog\"} 1\n";
            await Quiet.UntilAsync(
                async () => (await next.AskAsync("GET", "/edge/metrics")).Text.Contains(Waiting, StringComparison.Ordinal),
                "it waits", TimeSpan.FromSeconds(30));
            string url = $"http://{next.Endpoint}";
            string status = (await NativeEdge.RunAsync(new Dictionary<string, string>(), "status", "--url", url)).Output;
            Assert.Contains("paused: its requests wait until it is resumed", status, StringComparison.Ordinal);
            string metrics = (await next.AskAsync("GET", "/edge/metrics")).Text;
            Assert.Contains("\nedge_service_state 2\n", metrics, StringComparison.Ordinal);
            Assert.Contains("\nedge_service_state{service=\"blog\"} 1\n", metrics, StringComparison.Ordinal);
            Assert.Equal(0, (await NativeEdge.RunAsync(new Dictionary<string, string>(), "resume", "--service", "blog", "--url", url)).ExitCode);
            Assert.Equal("blog", (await waits.ReadMessageAsync()).Text);
            Assert.Equal(1, (await NativeEdge.RunAsync(new Dictionary<string, string>(), "pause", "--service", "none", "--url", url)).ExitCode);
        }
        finally
        {
            await (next?.DisposeAsync() ?? ValueTask.CompletedTask);
            await edge.DisposeAsync();
        }

        await using NativeEdge restarted = await NativeEdge.StartAsync(_folder.FullName, []);
        await AnswersAsync(restarted, "news.example", "/", 200);
    }

    [Fact]
    public async Task Clients_stay_with_their_replicas_and_names_lead_on_through_a_reload_a_takeover_and_a_restart()
    {
        await using Backend a = Answering("a"), b = Answering("b");
        string shop = $$"""
            "shop": {"Hosts": ["shop.example"], "Redirect": ["www.shop.example"], "Sticky": true, "Health": {"Off": true},
                "Fleet": {"Addresses": ["{{a.Address}}", "{{b.Address}}"]}, "Answers": {"Redirects": [{"From": "/old", "To": "/new"}]} }
            """;
        Write(shop);
        NativeEdge edge = await NativeEdge.StartAsync(_folder.FullName, []);
        NativeEdge? next = null, last = null;
        try
        {
            await AnswersAsync(edge, "shop.example", "/", 200);
            await Quiet.UntilAsync(
                async () => (await ReplicasAsync(edge, "shop")).Length == 2, "both are there", TimeSpan.FromSeconds(30));
            Message first = await GetAsync(edge, "shop.example");
            string cookie = first.Field("Set-Cookie")!.Split(';')[0];
            await StaysAsync(edge);
            await edge.SignalAsync("HUP");
            await Quiet.UntilAsync(() => edge.Output.Contains("options_reloaded", StringComparison.Ordinal), "it has read its options again");
            await StaysAsync(edge);
            next = await NativeEdge.TakeOverAsync(edge, _folder.FullName);
            await StaysAsync(next);
            await next.DisposeAsync();
            next = null;
            last = await NativeEdge.StartAsync(_folder.FullName, []);
            await AnswersAsync(last, "shop.example", "/", 200);
            await StaysAsync(last);

            async Task StaysAsync(NativeEdge one)
            {
                for (int i = 0; i < 10; i++)
                {
                    using Wire client = await one.ConnectAsync();
                    await client.SendAsync($"GET / HTTP/1.1\r\nHost: shop.example\r\nCookie: {cookie}\r\n\r\n");
                    Message answer = await client.ReadMessageAsync();
                    Assert.Equal((first.Text, null), (answer.Text, answer.Field("Set-Cookie")));
                }

                Assert.Equal("http://shop.example/x?q", (await GetAsync(one, "www.shop.example", "/x?q")).Field("Location"));
                Assert.Equal("/new/x", (await GetAsync(one, "shop.example", "/old/x")).Field("Location"));
            }
        }
        finally
        {
            await (last?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (next?.DisposeAsync() ?? ValueTask.CompletedTask);
            await edge.DisposeAsync();
        }
    }

    [Fact]
    public async Task Three_hundred_services_start_are_served_and_shown()
    {
        await using Backend backend = Answering("ok");
        Write([.. Enumerable.Range(0, 300).Select(i => Static($"s{i}", backend, $"s{i}.example"))]);
        await using NativeEdge edge = await NativeEdge.StartAsync(_folder.FullName, []);
        for (int i = 0; i < 300; i++)
        {
            await AnswersAsync(edge, $"s{i}.example", "/", 200);
        }

        Message metrics = await edge.AskAsync("GET", "/edge/metrics");
        TestContext.Current.TestOutputHelper!.WriteLine($"{edge.MemoryKib("VmRSS")} KiB resident, {metrics.Text.Length} bytes of metrics");
        Assert.InRange(edge.MemoryKib("VmRSS"), 1, 96 * 1024);
        Assert.Equal(300, (await edge.StatusAsync()).GetProperty("services").GetArrayLength());
    }
}
