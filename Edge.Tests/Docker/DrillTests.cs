using System.Text.Json;
using Edge.Tests.Backends;

namespace Edge.Tests.Docker;

[Collection(nameof(WithDocker))]
public class DrillTests(Engine engine)
{
    [Theory]
    [InlineData("kill")]
    [InlineData("freeze")]
    public async Task A_container_that_fails_on_request_comes_back_and_no_client_notices(string fault)
    {
        string[] names = ["server_1", "server_2", "server_3"];
        await using TestFleet fleet = await engine.NewFleetAsync();
        await using DockerEdge edge = await DockerEdge.StartAsync(fleet, names.Length, ("Control:Drill", "true"));
        var load = new SteadyLoad(edge, names);
        await load.MoreAsync(100);
        Message answer = await edge.AskAsync("POST", "/edge/drill", $$"""{"replica": "server_2", "fault": "{{fault}}"}""");
        string[] failures = await load.StopAsync();
        TestContext.Current.TestOutputHelper!.WriteLine(answer.Text);

        Assert.Equal(200, answer.Status);
        JsonElement message = JsonDocument.Parse(answer.Text).RootElement.GetProperty("message");
        Assert.True(message.GetProperty("answered").GetInt64() > 0);
        Assert.Equal(0, message.GetProperty("failed").GetInt64());
        Assert.InRange(message.GetProperty("noticedMilliseconds").GetInt64(), 0, message.GetProperty("healedMilliseconds").GetInt64());
        Assert.True(failures.Length == 0, string.Join('\n', failures));
        Assert.Equal(names, await fleet.ContainersAsync());
    }
}
