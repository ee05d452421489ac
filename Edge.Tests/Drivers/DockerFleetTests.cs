using System.Net;
using Edge.Drivers;
using Edge.Fleet;

namespace Edge.Tests.Drivers;

public sealed class DockerFleetTests
{
    private static readonly DockerFleet Fleet = new("edge", "net", 8080, OwnId: "own");

    private static readonly ContainerFacts Labelled = new(
        "c1", "blue", ContainerState.Running, Labels(("edge.fleet", "edge")), IsOnNetwork: true, IPAddress.Parse("172.18.0.2"), null, "");

    private static readonly ContainerFacts Named = Labelled with { Name = "server_7", Labels = Labels() };

    [Fact]
    public void The_label_decides_and_without_one_the_name_on_the_network()
    {
        Assert.True(Fleet.Owns(Labelled));
        Assert.True(Fleet.Owns(Labelled with { IsOnNetwork = false }));
        Assert.True(Fleet.Owns(Named));
        Assert.False(Fleet.Owns(Named with { IsOnNetwork = false }));
        Assert.False(Fleet.Owns(Named with { Name = "db" }));
        Assert.False(Fleet.Owns(Named with { Labels = Labels(("edge.fleet", "other")) }));
    }

    [Fact]
    public void The_balancer_itself_is_never_a_replica()
    {
        Assert.False(Fleet.Owns(Labelled with { Id = "own" }));
        Assert.False(Fleet.Owns(Named with { Id = "own" }));
        Assert.False(Fleet.MayOwn(new ContainerEvent("container", "start", "own", Labels(("name", "server_1")))));
    }

    [Fact]
    public void An_event_is_worth_a_look_by_its_label_or_its_name()
    {
        Assert.True(MayOwn(("name", "blue"), ("edge.fleet", "edge")));
        Assert.True(MayOwn(("name", "server_1")));
        Assert.False(MayOwn(("name", "db")));
        Assert.False(MayOwn(("name", "server_1"), ("edge.fleet", "other")));
        Assert.False(MayOwn());
        static bool MayOwn(params (string, string)[] attributes) => Fleet.MayOwn(new ContainerEvent("container", "start", "c", Labels(attributes)));
    }

    [Fact]
    public void A_replica_is_the_container_and_its_address_together()
    {
        ObservedReplica replica = Fleet.Observe(Labelled)!;
        Assert.Equal(new ObservedReplica("c1@172.18.0.2", "blue", IPEndPoint.Parse("172.18.0.2:8080"), 1), replica);
        Assert.NotEqual(replica.Id, Fleet.Observe(Labelled with { Address = IPAddress.Parse("172.18.0.3") })!.Id);
        Assert.NotEqual(replica.Id, Fleet.Observe(Labelled with { Id = "c2" })!.Id);
        Assert.Null(Fleet.Observe(Labelled with { State = ContainerState.Paused }));
        Assert.Null(Fleet.Observe(Labelled with { State = ContainerState.Stopped }));
        Assert.Null(Fleet.Observe(Labelled with { Address = null }));
    }

    [Theory]
    [InlineData("3", 3, "81", 81)]
    [InlineData("256", 256, "65535", 65535)]
    [InlineData("0", 1, "0", 8080)]
    [InlineData("257", 1, "65536", 8080)]
    [InlineData(" 3", 1, "http", 8080)]
    [InlineData("", 1, "", 8080)]
    public void Labels_give_weight_and_port_where_they_can_be_read(string weight, int seenWeight, string port, int seenPort)
    {
        ObservedReplica replica = Fleet.Observe(Labelled with { Labels = Labels(("edge.fleet", "edge"), ("edge.weight", weight), ("edge.port", port)) })!;
        Assert.Equal((seenWeight, seenPort), (replica.Weight, replica.Address.Port));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("healthy", null)]
    [InlineData("unhealthy", "its HEALTHCHECK fails")]
    [InlineData("starting", null)]
    public void A_HEALTHCHECK_that_fails_is_an_objection_and_one_that_has_come_to_nothing_yet_is_none(string? health, string? objection) =>
        Assert.Equal(objection, Fleet.Observe(Labelled with { Health = health })!.Objection);

    [Fact]
    public void Only_what_carries_the_label_is_started_again()
    {
        Assert.True(DockerFleet.HasEnded(Labelled with { State = ContainerState.Stopped }));
        Assert.True(DockerFleet.HasEnded(Labelled with { State = ContainerState.Paused }));
        Assert.False(DockerFleet.HasEnded(Labelled));
        Assert.False(DockerFleet.HasEnded(Named with { State = ContainerState.Stopped }));
    }

    [Theory]
    [InlineData("15", "", true)]
    [InlineData("9", "SIGQUIT", true)]
    [InlineData("3", "", true)]
    [InlineData("1", "", false)]
    [InlineData("1", "SIGHUP", true)]
    [InlineData("28", "", false)]
    [InlineData("28", "SIGWINCH", true)]
    [InlineData("37", "SIGRTMIN+3", true)]
    [InlineData("10", "SIGUSR2", false)]
    [InlineData("", "", false)]
    public void Some_signals_end_a_container_and_others_if_its_image_says_so(string signal, string stopSignal, bool ends) =>
        Assert.Equal(ends, DockerFleet.Ends(signal, stopSignal));

    [Theory]
    [InlineData(null, null, "unix:///var/run/docker.sock")]
    [InlineData("", "", "unix:///var/run/docker.sock")]
    [InlineData("unix:///run/user/1000/docker.sock", null, "unix:///run/user/1000/docker.sock")]
    [InlineData("unix:///a", "1", "unix:///a")]
    [InlineData("tcp://127.0.0.1:2375", null, "tcp://127.0.0.1:2375/")]
    [InlineData("tcp://10.0.0.1:2376", "1", "with TLS, which is not supported yet")]
    [InlineData("https://10.0.0.1:2376", null, "with TLS, which is not supported yet")]
    [InlineData("ssh://me@host", null, "allowed are unix:///path and tcp://host:port")]
    [InlineData("docker.sock", null, "allowed are unix:///path and tcp://host:port")]
    public void The_engine_is_where_Dockers_own_client_looks(string? host, string? tlsVerify, string seen)
    {
        Uri? endpoint = DockerEndpoint.Read(host, tlsVerify, out string mistake);
        Assert.Contains(seen, endpoint?.ToString() ?? mistake, StringComparison.Ordinal);
        Assert.Equal(endpoint is null, mistake.Length > 0);
    }

    [Fact]
    public void The_own_container_is_known_by_what_the_engine_mounts()
    {
        string id = new('a', 64);
        string[] inContainer =
        [
            "648 630 0:59 / / ro,relatime master:301 - overlay overlay rw",
            $"671 648 254:0 /var/lib/docker/containers/{id}/resolv.conf /etc/resolv.conf ro,relatime - ext4 /dev/vda rw",
            $"672 648 254:0 /var/lib/docker/containers/{new string('b', 64)}/hostname /etc/hostname ro,relatime - ext4 /dev/vda rw",
        ];
        Assert.Equal(id, OwnContainer.FindId(inContainer));
        Assert.Null(OwnContainer.FindId([$"1 2 0:1 /containers/{id}/hostname /mnt/etc/hostname rw - ext4 /dev/vda rw", "x"]));
    }

    private static Dictionary<string, string> Labels(params (string Name, string Value)[] labels) => labels.ToDictionary(l => l.Name, l => l.Value);
}
