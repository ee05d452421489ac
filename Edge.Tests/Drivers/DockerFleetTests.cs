using System.Net;
using Edge.Config;
using Edge.Drivers;
using Edge.Fleet;

namespace Edge.Tests.Drivers;

public sealed class DockerFleetTests
{
    private static readonly DockerFleet Fleet = new("edge", "net", 8080, OwnId: "own");

    private static readonly ContainerFacts Labelled = new(
        "c1", "blue", ContainerState.Running, Labels(("edge.fleet", "edge")), IsOnNetwork: true, IPAddress.Parse("172.18.0.2"), null, "");

    private static readonly ContainerFacts Named = Labelled with { Name = "server_7", Labels = Labels() };

    private static readonly ContainerTraits OnePort = ContainerTraits.None with { ExposedPorts = [3000] };

    [Fact]
    public void The_label_decides_and_without_one_the_name_on_the_network()
    {
        Assert.Equal(ReplicaOrigin.Adopted, Fleet.OriginOf(Labelled));
        Assert.Equal(ReplicaOrigin.Adopted, Fleet.OriginOf(Labelled with { IsOnNetwork = false }));
        Assert.Equal(ReplicaOrigin.Listed, Fleet.OriginOf(Named));
        Assert.Null(Fleet.OriginOf(Named with { IsOnNetwork = false }));
        Assert.Null(Fleet.OriginOf(Named with { Name = "db" }));
        Assert.Null(Fleet.OriginOf(Named with { Labels = Labels(("edge.fleet", "other")) }));
    }

    [Fact]
    public void Only_containers_with_the_balancers_label_were_made_by_it()
    {
        Assert.Equal(ReplicaOrigin.Made, Fleet.OriginOf(Labelled with { Labels = Labels(("edge.fleet", "edge"), ("edge.by", "balancer")) }));
        Assert.Equal(ReplicaOrigin.Adopted, Fleet.OriginOf(Labelled with { Labels = Labels(("edge.fleet", "edge"), ("edge.by", "me")) }));
        Assert.Null(Fleet.OriginOf(Labelled with { Labels = Labels(("edge.fleet", "other"), ("edge.by", "balancer")) }));
        Assert.Equal(ReplicaOrigin.Listed, Fleet.OriginOf(Named with { Labels = Labels(("edge.by", "balancer")) }));
    }

    [Fact]
    public void The_balancer_itself_is_never_a_replica()
    {
        Assert.Null(Fleet.OriginOf(Labelled with { Id = "own" }));
        Assert.Null(Fleet.OriginOf(Named with { Id = "own" }));
        Assert.IsType<ContainerRole.Foreign>(Fleet.See(Named with { Id = "own", Labels = Labels(("edge.port", "1")) }, OnePort));
        Assert.False(Fleet.MayOwn(new ContainerEvent("container", "start", "own", Labels(("name", "server_1")))));
    }

    [Fact]
    public void An_event_is_worth_a_look_by_its_label_or_its_name()
    {
        Assert.True(MayOwn(("name", "blue"), ("edge.fleet", "edge")));
        Assert.True(MayOwn(("name", "server_1")));
        Assert.True(MayOwn(("name", "web"), ("edge.port", "80")));
        Assert.False(MayOwn(("name", "db")));
        Assert.False(MayOwn(("name", "server_1"), ("edge.fleet", "other")));
        Assert.False(MayOwn());
        static bool MayOwn(params (string, string)[] attributes) => Fleet.MayOwn(new ContainerEvent("container", "start", "c", Labels(attributes)));
    }

    [Fact]
    public void A_replica_is_the_container_and_its_address_together()
    {
        ObservedReplica replica = Runs(Labelled);
        Assert.Equal(
            new ObservedReplica("c1@172.18.0.2", "blue", IPEndPoint.Parse("172.18.0.2:8080"), 1) { UnitId = "c1", Origin = ReplicaOrigin.Adopted },
            replica);
        Assert.NotEqual(replica.Id, Runs(Labelled with { Address = IPAddress.Parse("172.18.0.3") }).Id);
        Assert.NotEqual(replica.Id, Runs(Labelled with { Id = "c2" }).Id);
        Assert.IsType<ContainerRole.Ended>(Fleet.See(Labelled with { State = ContainerState.Paused }, OnePort));
        Assert.IsType<ContainerRole.Ended>(Fleet.See(Labelled with { State = ContainerState.Restarting }, OnePort));
        Assert.IsType<ContainerRole.Ended>(Fleet.See(Labelled with { State = ContainerState.Stopped }, OnePort));
        Assert.IsType<ContainerRole.Ended>(Fleet.See(Labelled with { Address = null }, OnePort));
    }

    [Fact]
    public void Labels_give_weight_port_health_path_and_host()
    {
        ObservedReplica replica = Runs(Labelled with
        {
            Labels = Labels(("edge.fleet", "edge"), ("edge.weight", "256"), ("edge.port", "65535"), ("edge.health", "/up?x"), ("edge.host", "shop.example")),
        });
        Assert.Equal((256, 65535, "/up?x", "shop.example"), (replica.Weight, replica.Address.Port, replica.HealthPath, replica.HealthHost));
    }

    [Fact]
    public void The_scheme_is_the_labels_else_the_options_and_the_name_to_verify_the_options_else_the_containers()
    {
        DockerFleet secure = Fleet with { Scheme = Scheme.Https };
        ContainerFacts plain = Scheming("http"), tls = Scheming("https");
        Assert.Equal((null, "blue"), (Named(Fleet, Labelled), Named(secure, Labelled)));
        Assert.Equal(("blue", null), (Named(Fleet, tls), Named(secure, plain)));
        Assert.Equal("app.example", Named(secure with { ServerName = "app.example" }, Labelled));
        Assert.Equal("https://172.18.0.2:8080", Running(Fleet, tls).ShownAddress);
        Assert.Equal("172.18.0.2:8080", Running(secure, plain).ShownAddress);
        static ContainerFacts Scheming(string scheme) => Labelled with { Labels = Labels(("edge.fleet", "edge"), ("edge.scheme", scheme)) };
        static ObservedReplica Running(DockerFleet fleet, ContainerFacts container) =>
            Assert.IsType<ContainerRole.Running>(fleet.See(container, OnePort)).Replica;
        static string? Named(DockerFleet fleet, ContainerFacts container) => Running(fleet, container).TlsName;
    }

    [Theory]
    [InlineData("edge.weight", "0", "256")]
    [InlineData("edge.weight", "257", "256")]
    [InlineData("edge.weight", " 3", "256")]
    [InlineData("edge.weight", "", "256")]
    [InlineData("edge.port", "3000/tcp", "65535")]
    [InlineData("edge.port", "0", "65535")]
    [InlineData("edge.port", "65536", "65535")]
    [InlineData("edge.port", "http", "65535")]
    [InlineData("edge.scheme", "HTTPS", "http or https")]
    [InlineData("edge.health", "healthz", "starts with /")]
    [InlineData("edge.host", "a b", "a host name")]
    public void A_label_that_cannot_be_read_is_named_and_the_container_passed_over(string label, string value, string allowed)
    {
        string why = Ignored(Labelled with { Labels = Labels(("edge.fleet", "edge"), (label, value)) }, OnePort);
        Assert.Contains($"its label {label} is \"{value}\": allowed is ", why, StringComparison.Ordinal);
        Assert.Contains(allowed, why, StringComparison.Ordinal);
    }

    [Fact]
    public void The_port_is_the_labels_else_the_options_else_the_only_one_that_is_exposed()
    {
        DockerFleet silent = Fleet with { Port = 0 };
        ContainerFacts says = Labelled with { Labels = Labels(("edge.fleet", "edge"), ("edge.port", "81")) };
        Assert.Equal(81, Assert.IsType<ContainerRole.Running>(Fleet.See(says, OnePort)).Replica.Address.Port);
        Assert.Equal(8080, Assert.IsType<ContainerRole.Running>(Fleet.See(Labelled, OnePort)).Replica.Address.Port);
        Assert.Equal(3000, Assert.IsType<ContainerRole.Running>(silent.See(Labelled, OnePort)).Replica.Address.Port);
        Assert.Contains("exposes no port", Assert.IsType<ContainerRole.Ignored>(silent.See(Labelled, ContainerTraits.None)).Why, StringComparison.Ordinal);
        Assert.Contains("exposes the ports 80, 443:", Assert.IsType<ContainerRole.Ignored>(silent.See(Labelled, OnePort with { ExposedPorts = [80, 443] })).Why,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shop_default", "on the network shop_default and not on net")]
    [InlineData("host", "on the network host, where the balancer reaches no container")]
    [InlineData("none", "on the network none, where the balancer reaches no container")]
    [InlineData("", "on no network, where the balancer reaches no container")]
    public void A_container_of_the_fleet_off_the_network_is_passed_over_with_the_remedy(string network, string why)
    {
        ContainerFacts away = Labelled with { IsOnNetwork = false, Address = null, Networks = network.Length > 0 ? [network] : [] };
        Assert.Contains(why, Ignored(away, OnePort), StringComparison.Ordinal);
        Assert.Contains("Edge:Docker:Network", Ignored(away, OnePort), StringComparison.Ordinal);
        Assert.IsType<ContainerRole.Foreign>(Fleet.See(away with { Labels = Labels(), Name = "server_3" }, OnePort));
    }

    [Fact]
    public void Another_Compose_projects_container_of_the_same_fleet_name_is_told_from_one_that_is_merely_away()
    {
        ContainerFacts away =
            Labelled with { IsOnNetwork = false, Networks = ["b_default"], Labels = Labels(("edge.fleet", "edge"), ("com.docker.compose.project", "b")) };
        Assert.Contains("of the Compose project b: if that has a balancer of its own, give one of the two fleets another name (Edge:Fleet:Name)",
            Ignored(away, OnePort), StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_of_a_replica_without_the_label_of_the_fleet_are_noticed() =>
        Assert.Contains(
            "not edge.fleet=edge", Ignored(Labelled with { Name = "web", Labels = Labels(("edge.port", "80")) }, OnePort), StringComparison.Ordinal);

    [Fact]
    public void A_single_command_of_Compose_is_no_replica() =>
        Assert.Contains("single command of Compose",
            Ignored(Labelled with { Labels = Labels(("edge.fleet", "edge"), ("com.docker.compose.oneoff", "True")) }, OnePort), StringComparison.Ordinal);

    [Fact]
    public void A_made_container_off_the_network_has_ended_and_is_brought_back() =>
        Assert.Equal(
            new ContainerRole.Ended(ReplicaOrigin.Made),
            Fleet.See(Labelled with { IsOnNetwork = false, Address = null, Labels = Labels(("edge.fleet", "edge"), ("edge.by", "balancer")) }, OnePort));

    [Theory]
    [InlineData(null, null)]
    [InlineData("healthy", null)]
    [InlineData("starting", null)]
    [InlineData("unhealthy", "its HEALTHCHECK fails")]
    public void Only_a_HEALTHCHECK_that_fails_is_an_objection(string? health, string? objection) =>
        Assert.Equal(objection, Runs(Labelled with { Health = health }).Objection);

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
        Assert.Equal(id, SelfContainer.FindId(inContainer));
        Assert.Null(SelfContainer.FindId([$"1 2 0:1 /containers/{id}/hostname /mnt/etc/hostname rw - ext4 /dev/vda rw", "x"]));
    }

    private static ObservedReplica Runs(ContainerFacts container) => Assert.IsType<ContainerRole.Running>(Fleet.See(container, OnePort)).Replica;

    private static string Ignored(ContainerFacts container, ContainerTraits traits) => Assert.IsType<ContainerRole.Ignored>(Fleet.See(container, traits)).Why;

    private static Dictionary<string, string> Labels(params (string Name, string Value)[] labels) => labels.ToDictionary(l => l.Name, l => l.Value);
}
