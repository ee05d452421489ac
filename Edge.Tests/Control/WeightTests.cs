using System.Text.Json;
using Edge.Tests.Backends;

namespace Edge.Tests.Control;

public class WeightTests
{
    [Fact]
    public async Task A_weight_changes_the_shares_and_nothing_else()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        Message response = await server.CallAsync("POST /edge/weight", body: """{"hostnames": ["server_1", "server_3"], "weight": 4}""");
        Assert.Equal("""{"message":{"N":3,"replicas":["server_1","server_2","server_3"]},"status":"successful"}""", response.Text);
        Assert.Equal([4, 1, 4], server.Fleet.Plane.Table.Replicas.ToArray().Select(r => r.Weight));
        Assert.Equal(9, server.Fleet.Plane.Table.Period);
        Assert.Equal([4, 1, 4], server.Fleet.Manager.Snapshot.Replicas.Select(r => r.Weight));
        Assert.Equal([4.0, 1.0, 4.0], server.Fleet.Manager.Snapshot.Replicas.Select(r => r.EffectiveWeight));
        Assert.Contains(" info replica_weight name=server_1 weight=4 was=1\n", server.Log, StringComparison.Ordinal);
        Assert.Equal(["server_1", "server_2", "server_3"], server.Fleet.Driver.Running);
    }

    [Theory]
    [InlineData("", 400, "<Error> the body is no JSON object")]
    [InlineData("[]", 400, "<Error> the body is no JSON object")]
    [InlineData("{\"weight\":2}", 400, "<Error> hostnames is missing or empty")]
    [InlineData("{\"hostnames\":[],\"weight\":2}", 400, "<Error> hostnames is missing or empty")]
    [InlineData("{\"hostnames\":[null],\"weight\":2}", 400, "<Error> hostnames is missing or empty")]
    [InlineData("{\"hostnames\":[\"server_1\"]}", 400, "<Error> weight is missing; allowed is an integer from 1 to 256")]
    [InlineData("{\"hostnames\":[\"server_1\"],\"weight\":0}", 400, "<Error> weight is 0;")]
    [InlineData("{\"hostnames\":[\"server_1\"],\"weight\":257}", 400, "<Error> weight is 257;")]
    [InlineData("{\"hostnames\":[\"server_1\"],\"weight\":1.5}", 400, "<Error> the body is no JSON object")]
    [InlineData("{\"hostnames\":[\"server_1\"],\"weight\":2,\"n\":1}", 400, "<Error> the body is no JSON object")]
    [InlineData("{\"hostnames\":[\"server_1\",\"server_1\"],\"weight\":2}", 400, "<Error> a hostname is there more than once")]
    [InlineData("{\"hostnames\":[\"server_1\",\"nobody\"],\"weight\":2}", 404, "<Error> hostname 'nobody' is no replica")]
    public async Task A_weight_that_makes_no_sense_is_refused(string body, int status, string message)
    {
        await using ControlServer server = await ControlServer.StartAsync();
        Message response = await server.CallAsync("POST /edge/weight", body: body);
        Assert.Equal(status, response.Status);
        Assert.StartsWith(message, JsonDocument.Parse(response.Text).RootElement.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal([1, 1, 1], server.Fleet.Manager.Snapshot.Replicas.Select(r => r.Weight));
    }
}
