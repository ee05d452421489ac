using System.Net;
using System.Net.Sockets;
using Edge.Config;
using Edge.Drivers;
using Edge.Fleet;

namespace Edge.Tests.Fleet;

public sealed class HealthReasonTests
{
    private const string Url = "http://10.0.0.1:3000";

    private static readonly ObservedReplica Replica = new("id", "app", new IPEndPoint(IPAddress.Parse("10.0.0.1"), 3000), 1);

    [Theory]
    [InlineData("", "", "100-499")]
    [InlineData("/", "", "200-399")]
    [InlineData("", "200", "200-200")]
    [InlineData("/x", "200-299,401", "200-299,401-401")]
    [InlineData("/x", "599", "599-599")]
    public void With_a_configured_path_a_good_status_passes_and_without_one_any_status_below_500(string path, string statuses, string passing)
    {
        var check = new HealthCheck(Replica, new HealthOptions { Path = path, Statuses = statuses });
        Assert.Equal(passing, string.Join(',', check.Accepted.Select(r => $"{r.First}-{r.Last}")));
        Assert.Equal($"{Url}{(path.Length > 0 ? path : "/heartbeat")}", check.Url);
        for (int status = 100; status < 600; status++)
        {
            Assert.Equal(check.Accepted.Any(r => status >= r.First && status <= r.Last), check.Accepts(status));
        }
    }

    [Fact]
    public void The_labels_of_a_replica_come_before_the_options()
    {
        ObservedReplica own = Replica with { HealthPath = "/own", HealthHost = "own.example" };
        var check = new HealthCheck(own, new HealthOptions { Path = "/all", Host = "all.example" });
        Assert.Equal((Url + "/own", "own.example"), (check.Url, check.Host));
        check = new HealthCheck(Replica, new HealthOptions { Path = "/all", Host = "all.example" });
        Assert.Equal((Url + "/all", "all.example"), (check.Url, check.Host));
        Assert.Equal("10.0.0.1:3000", new HealthCheck(Replica, new HealthOptions()).Host);

        // With a path of its own, a path is configured.
        Assert.False(new HealthCheck(own, new HealthOptions()).Accepts(404));
    }

    [Theory]
    [InlineData("/x", 404, "/x answered 404 (Edge:Health:Path says what is asked for)")]
    [InlineData("/x", 405, "/x answered 405 (Edge:Health:Path says what is asked for)")]
    [InlineData("/x", 400, "/x answered 400 (it may not know the Host 10.0.0.1:3000: Edge:Health:Host says which one is sent)")]
    [InlineData("/x", 421, "/x answered 421 (it may not know the Host 10.0.0.1:3000: Edge:Health:Host says which one is sent)")]
    [InlineData(
        "/x", 401, "/x answered 401 (Edge:Health:Path says what is asked for, which should need no login; Edge:Health:Statuses says which answers will do)")]
    [InlineData("/x", 403, "/x answered 403 (Edge:Health:Path says what is asked for, which should need no login; Edge:Health:Host says which Host is "
        + "sent, 10.0.0.1:3000; Edge:Health:Statuses says which answers will do)")]
    [InlineData("/x", 302, "/x answered 302 (Edge:Health:Statuses says which answers will do)")]
    [InlineData("/x", 429, "/x answered 429 (Edge:Health:Statuses says which answers will do)")]
    [InlineData("/x", 503, "/x answered 503")]
    [InlineData("", 500, "/heartbeat answered 500 (Edge:Health:Path says what is asked for)")]
    public void The_reason_for_a_status_names_the_option_to_look_at(string path, int status, string reason) =>
        Assert.Equal(Url + reason, HealthReason.OfStatus(new HealthCheck(Replica, new HealthOptions { Path = path }), status));

    [Theory]
    [InlineData(404, "/own answered 404 (its label edge.health says what is asked for)")]
    [InlineData(400, "/own answered 400 (it may not know the Host own.example: its label edge.host says which one is sent)")]
    public void The_reason_for_a_status_names_the_label_if_a_label_gave_the_path_or_the_host(int status, string reason)
    {
        ObservedReplica own = Replica with { HealthPath = "/own", HealthHost = "own.example" };
        Assert.Equal(Url + reason, HealthReason.OfStatus(new HealthCheck(own, new HealthOptions()), status));
    }

    [Theory]
    [InlineData(SocketError.ConnectionRefused, "docker", "Edge:Docker:Port")]
    [InlineData(SocketError.ConnectionRefused, "docker", "the label edge.port")]
    [InlineData(SocketError.ConnectionRefused, "static", "Edge:Fleet:Addresses")]
    [InlineData(SocketError.ConnectionRefused, "process", "")]
    [InlineData(SocketError.HostUnreachable, "docker", "Edge:Docker:Network")]
    [InlineData(SocketError.NetworkUnreachable, "static", "Edge:Fleet:Addresses")]
    [InlineData(SocketError.ConnectionReset, "docker", "")]
    public void The_reason_for_a_failed_connection_names_where_the_address_comes_from(SocketError error, string driver, string option)
    {
        string words = new SocketException((int)error).Message;
        string reason = HealthReason.OfFailure(new HealthCheck(Replica, new HealthOptions()), new SocketException((int)error), AbilitiesOf(driver));
        Assert.StartsWith($"{Url}/heartbeat failed: {words}", reason, StringComparison.Ordinal);
        Assert.Equal(option.Length > 0, reason.EndsWith(')'));
        Assert.Contains(option, reason, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', reason);
    }

    [Theory]
    [InlineData(
        "docker", "/heartbeat could not be reached within 1.5 s (is Edge:Docker:Network a network that the balancer reaches? Else see Edge:Health:Timeout)")]
    [InlineData(
        "static", "/heartbeat could not be reached within 1.5 s (does the balancer reach this address of Edge:Fleet:Addresses? Else see Edge:Health:Timeout)")]
    [InlineData("process", "/heartbeat could not be reached within 1.5 s (Edge:Health:Timeout)")]
    public void The_reason_for_a_connection_that_does_not_come_about_names_the_network(string driver, string reason) =>
        Assert.Equal(Url + reason, HealthReason.OfSilence(new HealthCheck(Replica, new HealthOptions()), TimeSpan.FromSeconds(1.5), AbilitiesOf(driver)));

    private static DriverCapabilities AbilitiesOf(string driver) => driver switch
    {
        "docker" => DockerDriver.Abilities,
        "static" => StaticDriver.Abilities,
        _ => ProcessDriver.Abilities,
    };
}
