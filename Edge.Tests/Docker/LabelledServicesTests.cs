using System.Text.Json;
using Edge.Tests.Backends;
using Edge.Tests.Certificates;
using Edge.Tests.Native;

namespace Edge.Tests.Docker;

/// <summary>Services that labels of a user's containers name, on an engine: what one label does, who has a host, and what stays when containers go.</summary>
[Collection(nameof(WithDocker))]
public sealed class LabelledServicesTests(Engine engine)
{
    private static string[] Compose(string project, string service) =>
        ["--label", $"com.docker.compose.project={project}", "--label", $"com.docker.compose.service={service}"];

    private Task<NativeEdge> StartAsync(TestFleet fleet, params (string Key, string Value)[] more) => NativeEdge.StartAsync(
        [("DOCKER_HOST", engine.Docker.Host), ("Docker:Network", fleet.Name), ("Services:FromLabels", "true"), ("Health:Path", "/healthz"), .. more]);

    // A container on the network whose labels say nothing of the balancer but what is given.
    private static Task RunAsync(TestFleet fleet, string name, string host, params string[] options) =>
        fleet.RunAsync(name, ["--network", fleet.Name, "--env", $"VERSION={name}", "--label", $"edge.host={host}", .. options, Engine.App]);

    [Fact]
    public async Task One_label_is_enough_and_a_stopped_service_is_answered_for_by_no_other()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await RunAsync(fleet, "shop-1", "shop.test", Compose("sites", "shop"));
        await RunAsync(fleet, "blog", "blog.test,www.blog.test");
        await fleet.RunAsync("server_db", "--network", fleet.Name, Engine.App);
        string bystander = await fleet.IdAsync("server_db");
        await using NativeEdge edge = await StartAsync(fleet);
        await AnswersAsync(edge, "shop.test", "/", 200, "shop-1 ");
        await AnswersAsync(edge, "www.blog.test", "/", 200, "blog ");
        Assert.Equal(["blog", "sites-shop"], await NamesAsync(edge));
        await AnswersAsync(edge, "other.test", "/", 404, "");

        // More of the service, by the same label and by a call; what is made belongs to it.
        await RunAsync(fleet, "shop-2", "shop.test", Compose("sites", "shop"));
        await ReplicasAreAsync(edge, "sites-shop", "shop-1", "shop-2");
        Message added = await edge.AskAsync("POST", "/edge/services/sites-shop/add", """{"n": 1}""");
        Assert.True(added.Status == 200, added.Text + edge.Output);
        await ReplicasAreAsync(edge, "sites-shop", "shop-1", "shop-2", fleet.WillBe("sites-shop_1"));

        // Stopped, it answers that it has none; removed, too; and when it comes back it is as before.
        await engine.Docker.RunAsync("stop", "--time", "1", "blog");
        await AnswersAsync(edge, "blog.test", "/", 503, "");
        await engine.Docker.RunAsync("rm", "blog");
        await AnswersAsync(edge, "blog.test", "/", 503, "");
        await RunAsync(fleet, "blog", "blog.test");
        await AnswersAsync(edge, "blog.test", "/", 200, "blog ");
        await AnswersAsync(edge, "www.blog.test", "/", 404, "");
        Assert.Equal(bystander, await fleet.IdAsync("server_db"));
        Assert.True((await engine.Docker.InspectAsync("server_db")).GetProperty("State").GetProperty("Running").GetBoolean());
    }

    [Fact]
    public async Task Paths_of_a_project_share_a_host_and_who_comes_later_from_elsewhere_gets_no_part_of_it()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await RunAsync(fleet, "web", "a.test", Compose("one", "web"));
        await RunAsync(fleet, "api", "a.test", [.. Compose("one", "api"), "--label", "edge.path=/api", "--label", "edge.strip=true"]);
        await using NativeEdge edge = await StartAsync(fleet, ("Services:main:Hosts:0", "main.test"), ("Services:main:Fleet:Addresses:0", "127.0.0.1:9"));
        await AnswersAsync(edge, "a.test", "/api", 200, "api ");
        await AnswersAsync(edge, "a.test", "/", 200, "web ");

        // One more of a service changes nothing of who has what.
        Message added = await edge.AskAsync("POST", "/edge/services/one-web/add", "{\"n\": 1}");
        Assert.True(added.Status == 200, added.Text + edge.Output);
        JsonElement made = await engine.Docker.InspectAsync(fleet.WillBe("one-web_1"));
        Assert.Equal("one", made.GetProperty("Config").GetProperty("Labels").GetProperty("edge.group").GetString());
        await RunAsync(fleet, "thief", "a.test,main.test,thief.test", [.. Compose("two", "web"), "--label", "edge.path=/login"]);
        await AnswersAsync(edge, "thief.test", "/login", 404, "");
        await AnswersAsync(edge, "a.test", "/login", 404, "");
        await AnswersAsync(edge, "main.test", "/login", 502, "");
        string[] refused = [.. (await edge.StatusAsync()).GetProperty("routesRefused").EnumerateArray().Select(one => one.GetProperty("why").GetString()!)];
        Assert.Collection(
            refused.Order(StringComparer.Ordinal),
            why => Assert.Matches("^the service two-web does not get a.test: the service one-(web|api) has a.test, of the Compose project one$", why),
            why => Assert.Equal("the service two-web does not get main.test: the options have it for the service main", why));
        await RunAsync(fleet, "wrong", "not a host");
        await Quiet.UntilAsync(() => edge.Output.Contains(" route_refused name=wrong why=\"its label edge.host has", StringComparison.Ordinal), edge.Output);
        await AnswersAsync(edge, "a.test", "/", 200, "web ");
    }

    [Fact]
    public async Task An_application_that_insists_on_its_host_has_more_like_it_and_keeps_its_volume_and_its_networks()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        string other = await fleet.AddNetworkAsync();
        await RunAsync(
            fleet, "shop", "shop.test", [.. Compose("sites", "shop"), "--label", "edge.port=4000", "--env", "PORT=4000", "--env", "REQUIRE_HOST=shop.test",
                "--env", "DATA=/data", "--volume", "/data"]);
        await engine.Docker.RunAsync("network", "connect", other, "shop");
        JsonElement before = await engine.Docker.InspectAsync("shop");
        string volume = before.GetProperty("Mounts")[0].GetProperty("Name").GetString()!;
        await using NativeEdge edge = await StartAsync(fleet);
        await AnswersAsync(edge, "shop.test", "/", 200, "shop ");

        // Its health checks need the host, and what it is made like has two networks.
        Message added = await edge.AskAsync("POST", "/edge/services/sites-shop/add", "{\"n\": 1}");
        Assert.True(added.Status == 200, added.Text + edge.Output);
        await ReplicasAreAsync(edge, "sites-shop", "shop", fleet.WillBe("sites-shop_1"));
        JsonElement made = await engine.Docker.InspectAsync("sites-shop_1");
        Assert.True(made.GetProperty("NetworkSettings").GetProperty("Networks").TryGetProperty(other, out _));
        Assert.NotEqual(volume, made.GetProperty("Mounts")[0].GetProperty("Name").GetString());
        Message removed = await edge.AskAsync("DELETE", "/edge/services/sites-shop/rm", "{\"n\": 1, \"hostnames\": [\"sites-shop_1\"]}");
        Assert.True(removed.Status == 200, removed.Text + edge.Output);
        JsonElement after = await engine.Docker.InspectAsync("shop");
        Assert.Equal(
            (before.GetProperty("Id").GetString(), before.GetProperty("State").GetProperty("StartedAt").GetString()),
            (after.GetProperty("Id").GetString(), after.GetProperty("State").GetProperty("StartedAt").GetString()));
        Assert.Contains(volume, await engine.Docker.LinesAsync("volume", "ls", "--quiet"));
        await engine.Docker.RunAsync("rm", "--force", "--volumes", "shop");
    }

    [Fact]
    public async Task A_takeover_knows_the_services_before_it_answers()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await RunAsync(fleet, "web", "a.test", Compose("one", "web"));
        await using NativeEdge edge = await StartAsync(fleet);
        await AnswersAsync(edge, "a.test", "/", 200, "web ");
        using var over = new CancellationTokenSource();
        Task<int>[] clients = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => AskUntilAsync(edge, over.Token)))];
        await using NativeEdge next = await NativeEdge.TakeOverAsync(
            edge, ("DOCKER_HOST", engine.Docker.Host), ("Docker:Network", fleet.Name), ("Services:FromLabels", "true"), ("Health:Path", "/healthz"));
        Assert.Equal(0, await edge.ExitAsync());
        await AnswersAsync(next, "a.test", "/", 200, "web ");
        await over.CancelAsync();
        Assert.All(await Task.WhenAll(clients), asked => Assert.True(asked > 0));
        Assert.Equal(["one-web"], await NamesAsync(next));
    }

    [Fact]
    public async Task Hosts_of_labels_get_certificates_as_far_as_options_allow()
    {
        Assert.SkipUnless(Pebble.IsThere, "pebble is not installed (package pebble)");
        int http = Pebble.FreePort(), https = Pebble.FreePort();
        await using var pebble = new Pebble(http, https);
        await pebble.StartAsync();
        string storage = Directory.CreateTempSubdirectory("edge-acme-").FullName;
        await using TestFleet fleet = await engine.NewFleetAsync();
        await RunAsync(fleet, "web", "one.example.org,*.one.example.org", Compose("one", "web"));
        await using (NativeEdge edge = await StartAsync(
            fleet, ("Listen", $"http://127.0.0.1:{http},https://127.0.0.1:{https}"), ("Tls:Acme:Directory", pebble.Directory),
            ("Tls:Acme:Roots", pebble.Roots), ("Tls:Acme:AgreeToTerms", "true"), ("Tls:Acme:Storage", storage), ("Tls:Acme:LabelHosts", "1")))
        {
            await SaysAsync(edge, " certificate_issued host=one.example.org");
            await RunAsync(fleet, "blog", "two.example.org", Compose("two", "blog"));
            await SaysAsync(edge, " certificate_not_asked name=two.example.org ");
            await AnswersAsync(edge, "two.example.org", "/", 200, "blog ");
            Assert.DoesNotContain("host=two.example.org", edge.Output, StringComparison.Ordinal);
        }

        Directory.Delete(storage, recursive: true);
    }

    // One request a connection, each of which has to be answered by the service.
    private static async Task<int> AskUntilAsync(NativeEdge edge, CancellationToken over)
    {
        int asked = 0;
        for (; !over.IsCancellationRequested; asked++)
        {
            using Wire client = await edge.ConnectAsync();
            await client.SendAsync("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n");
            Message answer = await client.ReadMessageAsync();
            Assert.True(answer.Status == 200 && answer.Text.StartsWith("web ", StringComparison.Ordinal), answer.Head + answer.Text);
        }

        return asked;
    }

    private static Task AnswersAsync(NativeEdge edge, string host, string path, int status, string begins)
    {
        string got = "";
        return Quiet.UntilAsync(
            async () =>
            {
                using Wire client = await edge.ConnectAsync();
                await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
                Message answer = await client.ReadMessageAsync();
                got = $"{answer.Status} {answer.Text}";
                return got.StartsWith($"{status} {begins}", StringComparison.Ordinal);
            },
            $"{host}{path} is answered by {status} {begins}; the log is {edge.Output}", TimeSpan.FromSeconds(40));
    }

    private static Task SaysAsync(NativeEdge edge, string words) => Quiet.UntilAsync(
        () => Task.FromResult(edge.Output.Contains(words, StringComparison.Ordinal)), $"it says{words}; the log is {edge.Output}", TimeSpan.FromSeconds(60));

    private static async Task<string[]> NamesAsync(NativeEdge edge) =>
        [.. (await edge.StatusAsync()).GetProperty("services").EnumerateArray().Select(service => service.GetProperty("name").GetString()!)];

    private static Task ReplicasAreAsync(NativeEdge edge, string service, params string[] names) => Quiet.UntilAsync(
        async () => (await edge.StatusAsync()).GetProperty("services").EnumerateArray().Where(one => one.GetProperty("name").GetString() == service)
            .SelectMany(one => one.GetProperty("replicas").EnumerateArray()).Where(replica => replica.GetProperty("state").GetString() == "healthy")
            .Select(replica => replica.GetProperty("name").GetString()!).Order(StringComparer.Ordinal).SequenceEqual(names),
        $"{service} has {string.Join(", ", names)}:\n{edge.Output}", TimeSpan.FromSeconds(40));
}
