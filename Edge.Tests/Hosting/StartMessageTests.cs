using System.Net;
using Edge.Drivers;
using Edge.Hosting;

namespace Edge.Tests.Hosting;

public sealed class StartMessageTests
{
    private static readonly IPEndPoint Listen = new(IPAddress.Any, 80);

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
        StartMessage.Of("1.2", Listen, Listen, "process", ProcessDriver.Abilities, "auto, since there is nothing else", hasToken: false));

    [Fact]
    public void What_an_application_answers_is_not()
    {
        string message = StartMessage.Of("1.2", Listen, new IPEndPoint(IPAddress.Parse("10.0.0.1"), 81), "docker", DockerDriver.Abilities, "w", hasToken: true);
        Assert.StartsWith("edge 1.2 listens at http://127.0.0.1:80, its own paths at http://10.0.0.1:81\n", message, StringComparison.Ordinal);
        Assert.Contains("  curl -i http://127.0.0.1:80/\n  curl -H 'Authorization: Bearer …' http://10.0.0.1:81/rep\n", message, StringComparison.Ordinal);
        Assert.EndsWith("  curl -H 'Authorization: Bearer …' -X POST http://10.0.0.1:81/add -d '{\"n\": 1}'\n", message, StringComparison.Ordinal);
    }

    [Fact]
    public void To_a_static_fleet_nothing_can_be_added()
    {
        string message = StartMessage.Of("1.2", Listen, Listen, "static", StaticDriver.Abilities, "w", hasToken: false);
        Assert.DoesNotContain("/add", message, StringComparison.Ordinal);
        Assert.EndsWith("  curl http://127.0.0.1:80/edge/status\n", message, StringComparison.Ordinal);
    }
}
