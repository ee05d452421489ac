using System.Net;
using Edge.Config;
using Edge.Drivers;
using Edge.Hosting;

namespace Edge.Tests.Hosting;

public sealed class StartMessageTests
{
    private static readonly ListenAddress Listen = new(Scheme.Http, new IPEndPoint(IPAddress.Any, 80));

    [Fact]
    public void What_the_built_in_replicas_answer_is_known() => Assert.Equal(
        """
        edge 1.2 listens at http://127.0.0.1:80
        replicas: process (auto, since there is nothing else)
        try:
          curl -i http://127.0.0.1:80/home
          curl http://127.0.0.1:80/rep
          curl -X POST http://127.0.0.1:80/add -d '{"n": 1}'

        """,
        StartMessage.Of("1.2", [Listen], Listen, "process", ProcessDriver.Abilities, "auto, since there is nothing else", hasToken: false));

    [Fact]
    public void What_an_application_answers_is_not()
    {
        var own = new ListenAddress(Scheme.Http, IPEndPoint.Parse("10.0.0.1:81"));
        string message = StartMessage.Of("1.2", [Listen], own, "docker", DockerDriver.Abilities, "w", hasToken: true);
        Assert.StartsWith("edge 1.2 listens at http://127.0.0.1:80, its own paths at http://10.0.0.1:81\n", message, StringComparison.Ordinal);
        Assert.Contains("  curl -i http://127.0.0.1:80/\n  curl -H 'Authorization: Bearer …' http://10.0.0.1:81/rep\n", message, StringComparison.Ordinal);
        Assert.EndsWith("  curl -H 'Authorization: Bearer …' -X POST http://10.0.0.1:81/add -d '{\"n\": 1}'\n", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_addresses_one_without_TLS_is_tried()
    {
        var secure = new ListenAddress(Scheme.Https, IPEndPoint.Parse("[::]:443"));
        string message = StartMessage.Of("1.2", [secure, Listen], Listen, "static", StaticDriver.Abilities, "w", hasToken: false);
        Assert.StartsWith(
            "edge 1.2 listens at https://127.0.0.1:443, http://127.0.0.1:80, its own paths at http://127.0.0.1:80\n", message, StringComparison.Ordinal);
        Assert.Contains("  curl -i http://127.0.0.1:80/\n", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_all_addresses_have_TLS_the_name_of_the_certificate_does_not_count()
    {
        var secure = new ListenAddress(Scheme.Https, IPEndPoint.Parse("127.0.0.1:443"));
        string message = StartMessage.Of("1.2", [secure], secure, "static", StaticDriver.Abilities, "w", hasToken: true);
        Assert.Contains("  curl -k -i https://127.0.0.1:443/\n", message, StringComparison.Ordinal);
        Assert.Contains("  curl -k -H 'Authorization: Bearer …' https://127.0.0.1:443/rep\n", message, StringComparison.Ordinal);
    }

    [Fact]
    public void To_a_static_fleet_nothing_can_be_added()
    {
        string message = StartMessage.Of("1.2", [Listen], Listen, "static", StaticDriver.Abilities, "w", hasToken: false);
        Assert.DoesNotContain("/add", message, StringComparison.Ordinal);
        Assert.EndsWith("  curl http://127.0.0.1:80/edge/status\n", message, StringComparison.Ordinal);
    }
}
