using Edge.Drivers;
using Edge.Fleet;

namespace Edge.Tests.Drivers;

/// <summary>What the labels of a container say of its service.</summary>
public sealed class ServiceLabelsTests
{
    private const string Project = "com.docker.compose.project", Service = "com.docker.compose.service";

    // name=value for each label, with a space between them; _ in the place of a space in a value.
    private static ContainerFacts Container(string name, string labels) => new(
        "id-" + name, name, ContainerState.Running,
        labels.Split(' ').Select(label => label.Split('=', 2)).ToDictionary(label => label[0], label => label[1].Replace('~', ' ')),
        IsOnNetwork: true, Address: null, Health: null, Ended: "");

    [Theory]
    [InlineData("edge.host=a.test edge.fleet=shop " + Project + "=p " + Service + "=web", "shop")]
    [InlineData("edge.host=a.test " + Project + "=p " + Service + "=web", "p-web")]
    [InlineData("edge.host=a.test " + Project + "=my_project " + Service + "=web.app", "my-project-web-app")]
    [InlineData("edge.host=a.test", "my-blog")]
    public void A_service_is_named_by_its_label_else_by_Compose_else_as_the_container(string labels, string name)
    {
        RouteClaim claim = ServiceLabels.ClaimOf(Container("My_Blog", labels))!;
        Assert.Null(claim.Mistake);
        Assert.Equal(name, claim.Service);
    }

    [Fact]
    public void Hosts_and_paths_are_in_the_form_of_routes()
    {
        RouteClaim claim = ServiceLabels.ClaimOf(Container("c", "edge.host=A.test,~*.B.test.,~A.TEST edge.path=/api/,/v2 edge.strip=true " + Project + "=p"))!;
        Assert.Equal(["a.test", "*.b.test"], claim.Hosts);
        Assert.Equal(["/api", "/v2"], claim.Paths);
        Assert.True(claim.Strips);
        Assert.Null(claim.IsSticky);
        RouteClaim more = ServiceLabels.ClaimOf(Container("c", "edge.host=a.test edge.redirect=WWW.a.test edge.sticky=true"))!;
        Assert.Equal(["www.a.test"], more.OtherNames);
        Assert.True(more.IsSticky);
        Assert.Equal("p", claim.Group);
        Assert.Equal("id-c", claim.UnitId);
    }

    [Theory]
    [InlineData("edge.host=a.test:80", "its label edge.host has \"a.test:80\": ")]
    [InlineData("edge.host=a.test,*", "its label edge.host has \"*\": ")]
    [InlineData("edge.host=", "its label edge.host has \"\": ")]
    [InlineData("edge.host=,", "its label edge.host has \"\": ")]
    [InlineData("edge.host=http://a.test", "its label edge.host has \"http://a.test\": ")]
    [InlineData("edge.host=a*.test", "its label edge.host has \"a*.test\": ")]
    [InlineData("edge.host=a.test edge.path=api", "its label edge.path has \"api\": ")]
    [InlineData("edge.host=a.test edge.path=/a/../b", "its label edge.path has \"/a/../b\": ")]
    [InlineData("edge.host=a.test edge.path=/a%2Fb", "its label edge.path has \"/a%2Fb\": ")]
    [InlineData("edge.host=a.test edge.strip=yes", "its label edge.strip has \"yes\": allowed is true or false")]
    [InlineData("edge.host=a.test edge.sticky=1", "its label edge.sticky has \"1\": allowed is true or false")]
    [InlineData("edge.host=a.test edge.redirect=b.test,c.test:80", "its label edge.redirect has \"c.test:80\": ")]
    [InlineData("edge.host=*.a.test edge.redirect=b.test", "its label edge.redirect has \"b.test\": allowed is none where edge.host has no name")]
    [InlineData("edge.host=a.test edge.fleet=Shop", "its service would be named \"Shop\": the label edge.fleet has to give it a name")]
    [InlineData("edge.host=a.test edge.fleet=default", "its service would be named \"default\": ")]
    [InlineData("edge.host=a.test edge.fleet=a_b", "its service would be named \"a_b\": ")]
    [InlineData("edge.host=a.test " + Project + "=0123456789012345678901234567890123456789 " + Service + "=web", "its service would be named \"0123")]
    public void A_label_that_cannot_be_used_is_named_with_what_is_allowed(string labels, string mistake)
    {
        RouteClaim claim = ServiceLabels.ClaimOf(Container("c", labels))!;
        Assert.StartsWith(mistake, claim.Mistake, StringComparison.Ordinal);
        Assert.Empty(claim.Hosts);
    }

    /// <summary>Compose lists what the balancer makes in the balancer's own project; the host is still that of the application's.</summary>
    [Fact]
    public void A_replica_that_the_balancer_made_is_of_the_group_of_what_it_was_made_like()
    {
        RouteClaim claim = ServiceLabels.ClaimOf(Container("c", "edge.host=a.test edge.fleet=p-web edge.by=balancer edge.group=p " + Project + "=proxy"))!;
        Assert.Equal(("p-web", "p", true), (claim.Service, claim.Group, claim.IsMade));
    }

    [Fact]
    public void More_hosts_than_allowed_are_a_mistake()
    {
        string hosts = string.Join(',', Enumerable.Range(0, 65).Select(i => $"h{i}.test"));
        Assert.Equal("it names 65 hosts and 0 paths: allowed are 64 of each", ServiceLabels.ClaimOf(Container("c", $"edge.host={hosts}"))!.Mistake);
    }

    [Fact]
    public void A_single_command_of_Compose_claims_nothing() =>
        Assert.Null(ServiceLabels.ClaimOf(Container("c", "edge.host=a.test com.docker.compose.oneoff=True")));

    [Fact]
    public void A_container_with_a_host_is_a_replica_of_its_service_alone()
    {
        var first = new DockerFleet("edge", "net", 80, null) { AreHostsRead = true };
        var web = new DockerFleet("p-web", "net", 80, null) { AreHostsRead = true, IsFromLabels = true, ListsByName = false };
        var other = web with { Name = "p-api" };
        ContainerFacts container = Container("server_1", $"edge.host=a.test {Project}=p {Service}=web");
        Assert.Null(first.OriginOf(container));
        Assert.IsType<ContainerRole.Foreign>(first.See(container, ContainerTraits.None));
        Assert.Equal(ReplicaOrigin.Adopted, web.OriginOf(container));
        Assert.Null(other.OriginOf(container));
        var started = new ContainerEvent("container", "start", container.Id, new Dictionary<string, string>(container.Labels) { ["name"] = container.Name });
        Assert.Equal([false, true, false], new[] { first, web, other }.Select(fleet => fleet.MayOwn(started)));

        // Where labels name no services, the host is that of the health check, as ever.
        Assert.Equal(ReplicaOrigin.Listed, (first with { AreHostsRead = false }).OriginOf(container));
        ContainerFacts labelled = Container("c", "edge.host=a.test edge.fleet=edge");
        Assert.Equal(ReplicaOrigin.Adopted, first.OriginOf(labelled));
    }
}
