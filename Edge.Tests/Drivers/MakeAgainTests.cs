using System.Text.Json;
using System.Text.Json.Nodes;
using Edge.Config;
using Edge.Drivers;
using Edge.Fleet;
using Edge.Telemetry;

namespace Edge.Tests.Drivers;

/// <summary>A container that the balancer made, and that is gone, is made again of its own image, even if the options name another image now.</summary>
public sealed class MakeAgainTests : IAsyncDisposable
{
    private const string Gone = """{"message": "No such container: it"}""";
    private const string NoImage = """{"message": "No such image: sha256:1"}""";

    private static readonly ReplicaSpec s_spec = new("web", 2, CreatingEngine.Id) { Image = new ReplicaImage("app:1", "sha256:1"), Generation = 4 };

    private readonly CreatingEngine _engine = new();
    private readonly DockerDriver _driver;

    public MakeAgainTests()
    {
        JsonNode labels = _engine.Container["Config"]!["Labels"]!;
        (labels["edge.by"], labels["edge.generation"], labels["edge.image"]) = ("balancer", "4", "app:1");
        _driver = Driver(new DockerOptions { Network = "net", Image = "other:2", Port = 80 });

        // The name means another image by now.
        _engine.Image = """{"Id": "sha256:2", "Config": {"ExposedPorts": {"3000/tcp": {}}}}""";
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _driver.DisposeAsync();
        await _engine.DisposeAsync();
    }

    [Fact]
    public async Task A_container_is_listed_with_its_generation_and_its_image()
    {
        ObservedReplica seen = await _driver.StartAsync(s_spec, Cancellation);
        Assert.Equal((4, new ReplicaImage("app:1", "sha256:1")), (seen.Generation, seen.Image));
        Assert.DoesNotContain(_engine.Calls, call => call.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task If_the_first_start_of_a_new_replica_fails_the_next_start_is_of_the_same_image()
    {
        await _driver.StartAsync(s_spec, Cancellation);
        _engine.More[$"GET /containers/{CreatingEngine.Id}/json"] = (404, Gone);
        for (int attempt = 0; attempt < 3; attempt++)
        {
            await Assert.ThrowsAsync<DriverException>(() => _driver.StartAsync(s_spec, Cancellation));
            Assert.Equal(attempt + 1, _engine.Calls.Count(call => call.StartsWith("DELETE /containers/new", StringComparison.Ordinal)));
            JsonElement made = _engine.Body("/containers/create");
            Assert.Equal(("sha256:1", "4", "app:1"), (made.GetProperty("Image").GetString(), Label(made, "generation"), Label(made, "image")));
            Assert.Equal(["serve"], CreatingEngine.Texts(made.GetProperty("Cmd")));
        }
    }

    [Fact]
    public async Task A_replica_whose_container_is_gone_is_made_again_of_its_own_image()
    {
        _engine.More[$"GET /containers/{CreatingEngine.Id}/json"] = (404, Gone);
        await Assert.ThrowsAsync<DriverException>(() => _driver.StartAsync(s_spec, Cancellation));
        JsonElement made = _engine.Body("/containers/create");
        Assert.Equal(("sha256:1", "4", "app:1"), (made.GetProperty("Image").GetString(), Label(made, "generation"), Label(made, "image")));
    }

    [Fact]
    public async Task A_new_replica_is_made_of_the_image_of_the_options()
    {
        _engine.More["GET /images/other:2/json"] = (200, """{"Id": "sha256:7"}""");
        ReplicaImage image = await _driver.ImageAsync(Cancellation);
        Assert.Equal(new ReplicaImage("other:2", "sha256:7"), image);
        ReplicaSpec spec = new("server_4", 1) { Image = image, Generation = 5 };
        await Assert.ThrowsAsync<DriverException>(() => _driver.StartAsync(spec, Cancellation));
        JsonElement made = _engine.Body("/containers/create");
        Assert.Equal(("other:2", "5", "other:2"), (made.GetProperty("Image").GetString(), Label(made, "generation"), Label(made, "image")));
    }

    [Fact]
    public async Task An_image_that_may_not_be_looked_at_goes_by_its_name_alone()
    {
        _engine.More["GET /images/other:2/json"] = (403, "no");
        Assert.Equal(new ReplicaImage("other:2"), await _driver.ImageAsync(Cancellation));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_start_fails_and_says_so_if_the_image_is_gone(bool pulls)
    {
        await using DockerDriver driver = Driver(new DockerOptions { Network = "net", Image = "other:2", Port = 80, Pull = pulls });
        _engine.More[$"GET /containers/{CreatingEngine.Id}/json"] = (404, Gone);
        _engine.More["POST /containers/create"] = (404, NoImage);
        DriverException failed = await Assert.ThrowsAsync<DriverException>(() => driver.StartAsync(s_spec, Cancellation));
        Assert.Equal(
            "its image app:1 (sha256:1) is not in the engine any more, and it is made again of no other: "
            + "load that image again, or remove the replica and add one",
            failed.Message);

        // Where the balancer may pull, it has tried whether the name still means that image.
        Assert.Equal(pulls ? 2 : 1, _engine.Calls.Count(call => call.StartsWith("POST /containers/create", StringComparison.Ordinal)));
        Assert.Equal(pulls ? 1 : 0, _engine.Calls.Count(call => call.StartsWith("POST /images/create?fromImage=app", StringComparison.Ordinal)));
    }

    private static string? Label(JsonElement made, string name) => made.GetProperty("Labels").GetProperty($"edge.{name}").GetString();

    private DockerDriver Driver(DockerOptions options) => new(
        _engine.Engine,
        new DockerFleet("edge", "net", 0, OwnId: null),
        new ContainerTemplates(options, "edge", ownId: null, _engine.Engine),
        isSizeGiven: false,
        () => TimeSpan.FromSeconds(5),
        new Log(TextWriter.Null, TimeProvider.System),
        TimeProvider.System);
}
