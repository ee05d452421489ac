using System.Text.Json;
using Edge.Tests.Backends;

namespace Edge.Tests.Native;

public class DrillTests
{
    [Theory]
    [InlineData("kill")]
    [InlineData("freeze")]
    public async Task A_replica_that_fails_on_request_comes_back_and_no_client_notices(string fault)
    {
        await using NativeEdge edge = await NativeEdge.StartAsync(
            ("Fleet:Driver", "process"),
            ("Control:Drill", "true"),
            ("Health:Interval", "00:00:00.200"),
            ("Health:Timeout", "00:00:00.200"),
            ("Health:Patience", "00:00:02"),
            ("Timeouts:Drain", "00:00:01"),
            ("Timeouts:Stop", "00:00:01"));
        await edge.HealthyAsync(3);
        var load = new MixedLoad(edge.Endpoint, posts: false);
        await load.MoreAsync(100);
        Message answer = await DrillAsync(edge, fault);
        await load.MoreAsync(100);
        string[] failures = await load.StopAsync();
        TestContext.Current.TestOutputHelper!.WriteLine($"{answer.Text}\n{load}");

        Assert.Equal(200, answer.Status);
        JsonElement message = JsonDocument.Parse(answer.Text).RootElement.GetProperty("message");
        Assert.True(message.GetProperty("answered").GetInt64() > 0);
        Assert.Equal(0, message.GetProperty("failed").GetInt64());
        Assert.InRange(message.GetProperty("noticedMilliseconds").GetInt64(), 0, message.GetProperty("healedMilliseconds").GetInt64());
        Assert.True(failures.Length == 0, string.Join('\n', failures));
        await edge.HealthyAsync(3);
        Assert.True(fault == "kill" || message.GetProperty("retried").GetInt64() > 0);
    }

    [Fact]
    public async Task Without_the_option_there_is_none()
    {
        await using NativeEdge edge = await NativeEdge.StartWithReplicasAsync(2);
        Assert.Equal(403, (await DrillAsync(edge, "kill")).Status);
    }

    private static async Task<Message> DrillAsync(NativeEdge edge, string fault)
    {
        string body = $$"""{"replica": "server_2", "fault": "{{fault}}"}""";
        using Wire client = await edge.ConnectAsync();
        await client.SendAsync($"POST /edge/drill HTTP/1.1\r\nHost: {edge.Endpoint}\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        return await client.ReadMessageAsync();
    }
}
