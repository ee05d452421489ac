using System.Text.Json;
using Edge.Tests.Backends;
using Edge.Tests.Native;

namespace Edge.Tests.Docker;

/// <summary>A service beside the default one whose replicas are containers of a user's application, and other people's containers beside them.</summary>
[Collection(nameof(WithDocker))]
public sealed class ServicesTests(Engine engine) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-docker-services-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_service_adopts_adds_and_lets_go_of_its_containers_and_touches_no_other()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await fleet.RunAppAsync("shop-a");
        await fleet.RunAppAsync("shop-b");

        // Named as the default service's are, and without a label: somebody else's.
        await fleet.RunAsync("server_db", "--network", fleet.Name, Engine.App);
        string bystander = await fleet.IdAsync("server_db");
        Write($$"""
            "shop": {
              "Hosts": ["shop.test"], "Fleet": {"Name": "{{fleet.Name}}"}, "Docker": {"Network": "{{fleet.Name}}"}, "Health": {"Path": "/healthz"}
            }
            """);
        await using NativeEdge edge = await NativeEdge.StartAsync(_folder.FullName, [], ("DOCKER_HOST", engine.Docker.Host));
        await HasAsync(edge, "shop-a", "shop-b");
        Assert.Equal(404, await StatusAsync(edge, "other.test"));
        Message added = await edge.AskAsync("POST", "/edge/services/shop/add", """{"n": 1}""");
        Assert.True(added.Status == 200, added.Text + edge.Output);
        fleet.WillBe("shop_1");
        await HasAsync(edge, "shop-a", "shop-b", "shop_1");
        Message removed = await edge.AskAsync("DELETE", "/edge/services/shop/rm", """{"n": 1, "hostnames": ["shop-a"]}""");
        Assert.True(removed.Status == 200, removed.Text + edge.Output);
        Assert.Equal(["shop-b", "shop_1"], await fleet.ContainersAsync());

        // Without the service its containers are left alone, and they are its replicas again when it is back.
        string variables = Path.Combine(_folder.FullName, "other.env");
        await File.WriteAllTextAsync(variables, "COLOUR=blue", TestContext.Current.CancellationToken);
        string other = $$"""
            "other": {
              "Hosts": ["other.test"], "Fleet": {"Replicas": 0}, "Health": {"Path": "/healthz"},
              "Docker": {"Network": "{{fleet.Name}}", "Image": "{{Engine.App}}", "EnvFile": "{{variables}}"}
            }
            """;
        Write(other);
        await edge.SignalAsync("HUP");
        await Quiet.UntilAsync(async () => await StatusAsync(edge, "shop.test") == 404, "the service is gone", TimeSpan.FromSeconds(20));
        await Quiet.UntilAsync(
            () => edge.Output.Contains("service_removed service=shop left_running=\"shop-b, shop_1\"", StringComparison.Ordinal), "the log names what is left");
        Assert.Equal(["shop-b", "shop_1"], await fleet.ContainersAsync());

        // What the reload has added reads its files: its containers have what they say.
        fleet.WillBe("other_1");
        added = await edge.AskAsync("POST", "/edge/services/other/add", """{"n": 1}""");
        Assert.True(added.Status == 200, added.Text + edge.Output);
        JsonElement environment = (await engine.Docker.InspectAsync("other_1")).GetProperty("Config").GetProperty("Env");
        Assert.Contains("COLOUR=blue", environment.EnumerateArray().Select(variable => variable.GetString()));
        removed = await edge.AskAsync("DELETE", "/edge/services/other/rm", """{"n": 1}""");
        Assert.True(removed.Status == 200, removed.Text + edge.Output);
        Write($$"""
            "shop": {
              "Hosts": ["shop.test"], "Fleet": {"Name": "{{fleet.Name}}"}, "Docker": {"Network": "{{fleet.Name}}"}, "Health": {"Path": "/healthz"}
            },
            {{other}}
            """);
        await edge.SignalAsync("HUP");
        await HasAsync(edge, "shop-b", "shop_1");

        // A service without a replica answers that it has none, and no other answers for it.
        await Quiet.UntilAsync(async () => await StatusAsync(edge, "other.test") == 503, "it has no replica", TimeSpan.FromSeconds(20));
        Assert.Equal(bystander, await fleet.IdAsync("server_db"));
        Assert.True((await engine.Docker.InspectAsync("server_db")).GetProperty("State").GetProperty("Running").GetBoolean());
    }

    private void Write(string services) =>
        File.WriteAllText(Path.Combine(_folder.FullName, "appsettings.json"), $$"""{"Edge": {"Services": { {{services}} } } }""");

    private static async Task<int> StatusAsync(NativeEdge edge, string host)
    {
        using Wire client = await edge.ConnectAsync();
        await client.SendAsync($"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n");
        return (await client.ReadMessageAsync()).Status;
    }

    // In rotation, and answering.
    private static Task HasAsync(NativeEdge edge, params string[] names) => Quiet.UntilAsync(
        async () =>
        {
            JsonElement[] services = [.. (await edge.StatusAsync()).GetProperty("services").EnumerateArray()];
            return services.Where(service => service.GetProperty("name").GetString() == "shop")
                .SelectMany(service => service.GetProperty("replicas").EnumerateArray())
                .Where(replica => replica.GetProperty("state").GetString() == "healthy").Select(replica => replica.GetProperty("name").GetString()!)
                .Order(StringComparer.Ordinal).SequenceEqual(names)
                && await StatusAsync(edge, "shop.test") == 200;
        },
        $"{string.Join(", ", names)} are in rotation:\n{edge.Output}", TimeSpan.FromSeconds(60));
}
