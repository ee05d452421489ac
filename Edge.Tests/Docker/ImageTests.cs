using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Edge.Tests.Backends;

namespace Edge.Tests.Docker;

/// <summary>The image of ./publish.sh --image, as its user runs it.</summary>
[Collection(nameof(WithDocker))]
public partial class ImageTests(Engine engine)
{
    [Fact]
    public async Task The_image_balances_under_load_with_32_MiB_of_memory()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        string image = await engine.BuildReleaseAsync();
        string[] confined =
            ["--network", fleet.Name, "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "32m", "--memory-swap", "32m"];
        string[] replicas = ["one", "two", "three"];
        foreach (string replica in replicas)
        {
            await fleet.RunAsync($"{fleet.Name}-{replica}", [.. confined, "--no-healthcheck", image, "replica", "--listen", "*:8080", "--id", replica]);
        }

        string balancer = $"{fleet.Name}-balancer";
        string[] addresses = await Task.WhenAll(replicas.Select(r => fleet.AddressAsync($"{fleet.Name}-{r}")));
        await fleet.RunAsync(balancer, [.. confined, image, .. addresses.Select((a, i) => $"--Edge:Fleet:Addresses:{i}={a}:8080")]);

        // Its own HEALTHCHECK says when it is there.
        await Quiet.UntilAsync(
            async () => (await StateAsync(fleet, balancer)).GetProperty("Health").GetProperty("Status").GetString() == "healthy", "it is healthy",
                TimeSpan.FromSeconds(60));
        string url = $"http://{await fleet.AddressAsync(balancer)}:5000/home";
        string printed = await Command.RunAsync("wrk", ["-t2", "-c64", "-d5s", url]);
        long requests = long.Parse(Requests().Match(printed).Groups[1].Value, CultureInfo.InvariantCulture);
        string used = await fleet.Docker.RunAsync("stats", "--no-stream", "--format", "{{.MemUsage}}", balancer);
        TestContext.Current.TestOutputHelper!.WriteLine($"{requests} requests, memory {used}");
        Assert.True(requests > 1000, printed);
        Assert.DoesNotContain("Non-2xx", printed, StringComparison.Ordinal);
        Assert.DoesNotContain("Socket errors", printed, StringComparison.Ordinal);

        await fleet.Docker.RunAsync("stop", balancer);
        JsonElement state = await StateAsync(fleet, balancer);
        Assert.Equal((0, false), (state.GetProperty("ExitCode").GetInt32(), state.GetProperty("OOMKilled").GetBoolean()));
    }

    [Fact]
    public async Task The_image_holds_one_file_and_says_what_it_is()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        string image = await engine.BuildReleaseAsync();
        JsonElement inspected = JsonDocument.Parse(await fleet.Docker.RunAsync("image", "inspect", image)).RootElement[0];
        long size = inspected.GetProperty("Size").GetInt64();
        TestContext.Current.TestOutputHelper!.WriteLine($"{size} bytes");
        Assert.Equal(new FileInfo(Native.NativeEdge.Binary).Length, size);
        JsonElement config = inspected.GetProperty("Config");
        Assert.Equal("65532:65532", config.GetProperty("User").GetString());
        Assert.Equal("SIGTERM", config.GetProperty("StopSignal").GetString());
        Assert.Equal("Edge", config.GetProperty("Labels").GetProperty("org.opencontainers.image.title").GetString());
    }

    private static async Task<JsonElement> StateAsync(TestFleet fleet, string container) =>
        (await fleet.Docker.InspectAsync(container)).GetProperty("State");

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Requests();
}
