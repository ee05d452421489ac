// YARP as the balancer, from two variables: YARP_LISTEN, a URL, and YARP_REPLICAS, URLs with commas between. No logs.
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

if (args is ["--version"])
{
    Console.WriteLine($"YARP {typeof(IProxyConfigProvider).Assembly.GetName().Version} on .NET {Environment.Version}");
    return;
}

string[] replicas = Environment.GetEnvironmentVariable("YARP_REPLICAS")!.Split(',');
WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.UseUrls(Environment.GetEnvironmentVariable("YARP_LISTEN")!);
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Limits.MaxRequestBodySize = null;
});
builder.Services.AddReverseProxy().LoadFromMemory(
    [new RouteConfig { RouteId = "all", ClusterId = "replicas", Match = new RouteMatch { Path = "{**rest}" } }],
    [
        new ClusterConfig
        {
            ClusterId = "replicas",
            LoadBalancingPolicy = "RoundRobin",
            HttpRequest = new ForwarderRequestConfig { Version = new Version(1, 1), VersionPolicy = HttpVersionPolicy.RequestVersionExact },
            HealthCheck = new HealthCheckConfig
            {
                Active = new ActiveHealthCheckConfig
                {
                    Enabled = true,
                    Interval = TimeSpan.FromSeconds(2),
                    Policy = "ConsecutiveFailures",
                    Path = "/heartbeat",
                },
            },
            Destinations = replicas.ToDictionary(url => url, url => new DestinationConfig { Address = url }),
        },
    ]);
WebApplication app = builder.Build();
app.MapReverseProxy();
app.Run();
