using System.Text.Json;

namespace Edge.Tests.Docker;

/// <summary>
/// A replica that the balancer made is made again of its own image, also after the options, or what the image's name means, have changed.
/// New replicas are made of the image that is wanted now.
/// </summary>
[Collection(nameof(WithDocker))]
public class OwnImageTests(Engine engine)
{
    private static readonly string[] s_first = ["server_1", "server_2", "server_3"];

    [Fact]
    public async Task After_a_restart_with_another_image_members_heal_as_what_they_are_and_a_new_one_is_of_the_other()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using (DockerEdge before = await StartAsync(fleet, Engine.App))
        {
            foreach (string name in s_first)
            {
                await HasAsync(before, name, 1, Engine.App, Engine.App);
            }
        }

        await using DockerEdge edge = await StartAsync(fleet, Engine.NextApp);
        Assert.Equal(s_first, await fleet.ContainersAsync());
        string killed = await fleet.IdAsync("server_1");
        await HealAsync(edge, "server_1", "kill");
        Assert.Equal(killed, await fleet.IdAsync("server_1"));
        string removed = await fleet.IdAsync("server_2");
        await HealAsync(edge, "server_2", "rm", "--force");
        Assert.NotEqual(removed, await fleet.IdAsync("server_2"));
        foreach (string name in s_first)
        {
            await HasAsync(edge, name, 1, Engine.App, Engine.App);
        }

        string[] all = DockerEdge.Names(await edge.AddAsync(1));
        Assert.Equal([.. s_first, "server_4"], all);
        await HasAsync(edge, "server_4", 2, Engine.NextApp, Engine.NextApp);
        await HealAsync(edge, "server_4", "rm", "--force");
        await HasAsync(edge, "server_4", 2, Engine.NextApp, Engine.NextApp);
    }

    [Fact]
    public async Task A_replica_heals_as_its_own_image_though_the_name_means_another_image_by_now()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        string tag = $"{fleet.Name}:now";
        await engine.Docker.RunAsync("tag", Engine.App, tag);
        try
        {
            await using (DockerEdge before = await StartAsync(fleet, tag))
            {
                await engine.Docker.RunAsync("tag", Engine.NextApp, tag);
                await HealAsync(before, "server_1", "rm", "--force");
                await HasAsync(before, "server_1", 1, tag, Engine.App);
            }

            // A list says it as the events do.
            await using DockerEdge edge = await StartAsync(fleet, tag);
            await HasAsync(edge, "server_1", 1, tag, Engine.App);
            Assert.Equal(200, (await edge.AddAsync(1)).Status);
            await HasAsync(edge, "server_4", 2, tag, Engine.NextApp);
        }
        finally
        {
            // The containers go with the fleet, which is after this: the name alone is taken from the image.
            await engine.Docker.RunAsync("image", "rm", "--force", tag);
        }
    }

    [Fact]
    public async Task The_start_of_a_replica_whose_image_is_gone_fails_and_says_so_until_the_image_is_back()
    {
        await using TestFleet fleet = await engine.NewFleetAsync();
        string tag = $"{fleet.Name}:gone";
        string seed = fleet.WillBe($"{fleet.Name}-seed");
        string saved = Path.Combine(Path.GetTempPath(), $"{fleet.Name}.tar");
        await engine.Docker.RunAsync("create", "--name", seed, Engine.App);
        await engine.Docker.RunAsync("commit", seed, tag);
        try
        {
            await engine.Docker.RunAsync("save", "--output", saved, tag);
            await using DockerEdge edge = await DockerEdge.StartForAppAsync(fleet, 1, ("Docker:Image", tag), ("Fleet:Replicas", "1"));
            string id = (await engine.Docker.InspectAsync("server_1")).GetProperty("Image").GetString()!;

            // It stands still meanwhile: else it would make the container again before the image is gone.
            await edge.Native.SignalAsync("STOP");
            await engine.Docker.RunAsync("rm", "--force", "server_1");
            await engine.Docker.RunAsync("image", "rm", tag);
            await edge.Native.SignalAsync("CONT");
            string words = $"its image {tag} ({id}) is not in the engine any more";
            await edge.UntilAsync(
                async () => (await edge.ReplicaAsync("server_1"))?.GetProperty("why").GetString()!.Contains(words, StringComparison.Ordinal) == true,
                "its start has failed for its image");
            Assert.Empty(await fleet.ContainersAsync());

            await engine.Docker.RunAsync("load", "--input", saved);
            await edge.StateAsync("server_1", "healthy");
            await HasAsync(edge, "server_1", 1, tag, tag);
        }
        finally
        {
            File.Delete(saved);
            await engine.Docker.RunAsync("image", "rm", "--force", tag);
        }
    }

    private static Task<DockerEdge> StartAsync(TestFleet fleet, string image) =>
        DockerEdge.StartForAppAsync(fleet, 3, ("Docker:Image", image), ("Fleet:Replicas", "3"));

    /// <summary>Does something to a replica, and returns when it is in rotation again.</summary>
    private async Task HealAsync(DockerEdge edge, string name, params string[] command)
    {
        string since = await SinceAsync(edge, name);
        await engine.Docker.RunAsync([.. command, name]);
        await edge.UntilAsync(async () => await SinceAsync(edge, name) is { Length: > 0 } now && now != since, $"{name} is in rotation again");
    }

    private static async Task<string> SinceAsync(DockerEdge edge, string name) =>
        await edge.ReplicaAsync(name) is { } replica && replica.GetProperty("state").GetString() == "healthy" ? replica.GetProperty("since").GetString()! : "";

    /// <summary>Holds what the status and the engine say of a replica against each other and against what it is to be.</summary>
    /// <param name="edge">The balancer.</param>
    /// <param name="name">Of the replica.</param>
    /// <param name="generation">Its generation.</param>
    /// <param name="image">The name by which it was made.</param>
    /// <param name="like">A name that means the image that it is really made of.</param>
    private async Task HasAsync(DockerEdge edge, string name, int generation, string image, string like)
    {
        string id = (await engine.Docker.LinesAsync("image", "inspect", "--format", "{{.Id}}", like)).Single();
        JsonElement replica = (await edge.ReplicaAsync(name))!.Value;
        JsonElement container = await engine.Docker.InspectAsync(name);
        JsonElement labels = container.GetProperty("Config").GetProperty("Labels");
        Assert.Equal(
            (generation, image, id),
            (replica.GetProperty("generation").GetInt32(), replica.GetProperty("image").GetString(), replica.GetProperty("imageId").GetString()));
        Assert.Equal(
            ($"{generation}", image, id),
            (labels.GetProperty("edge.generation").GetString(), labels.GetProperty("edge.image").GetString(), container.GetProperty("Image").GetString()));
    }
}
