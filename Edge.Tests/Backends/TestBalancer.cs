using Edge.Config;
using Edge.Contract;
using Edge.Io;
using Edge.Proxy;
using Edge.Routing;
using Edge.Telemetry;
using Edge.Tests.Tls;

namespace Edge.Tests.Backends;

/// <summary>
/// A data plane in this process, in front of scripted backends, without a control plane. It has the product's options, but for what a test changes.
/// </summary>
internal sealed class TestBalancer : IAsyncDisposable
{
    // Runs the same tests over TLS.
    private static readonly bool s_isTls = Environment.GetEnvironmentVariable("EDGE_TEST_TLS") == "1";

    private readonly Backend[] _backends;
    private readonly TlsFrontend? _tls;

    internal TestBalancer(params Backend[] backends) : this(null, null, backends)
    {
    }

    internal TestBalancer(Func<EdgeOptions, EdgeOptions>? change, ControlHandler? control, params Backend[] backends)
        : this(change, control, null, null, backends)
    {
    }

    internal TestBalancer(Func<EdgeOptions, EdgeOptions>? change, ControlHandler? control, AccessLog? log, TimeProvider? time, params Backend[] backends)
        : this(s_isTls ? TestFrontend.Shared : null, change, control, log, time, backends)
    {
    }

    /// <summary>With TLS for its clients.</summary>
    internal static TestBalancer WithTls(TlsFrontend tls, Func<EdgeOptions, EdgeOptions>? change, params Backend[] backends) =>
        new(tls, change, null, null, null, backends);

    private TestBalancer(
        TlsFrontend? tls, Func<EdgeOptions, EdgeOptions>? change, ControlHandler? control, AccessLog? log, TimeProvider? time, Backend[] backends)
    {
        _backends = backends;
        _tls = tls;
        var options = new EdgeOptions { Listen = tls is null ? "127.0.0.1:0" : "https://127.0.0.1:0", Loops = 2 };
        options = change?.Invoke(options) ?? options;
        Plane = new DataPlane(options, control ?? (_ => Task.FromResult(new ControlResponse(200, "{}"u8.ToArray(), []))), time ?? TimeProvider.System, log);
        Replicas = [.. backends.Select((b, i) => new Replica(i, $"server_{i + 1}", b.Address, 1, options.Loops)
        {
            EjectAfter = options.Ejection.Failures,
            TlsName = b.IsTls ? TestReplicas.Name : null,
        })];
        Plane.Use(TestReplicas.Trust);
        Plane.Publish(new ReplicaTable(Replicas));
        if (tls is not null)
        {
            Plane.Use(tls);
        }

        Plane.Start();
    }

    internal DataPlane Plane { get; }

    internal Replica[] Replicas { get; }

    internal Task<Wire> ConnectAsync() =>
        _tls is null ? Wire.ConnectAsync(Plane.Endpoint) : Wire.ConnectTlsAsync(Plane.Endpoint, new() { TargetHost = "example.org" });

    /// <summary>One request on a connection of its own.</summary>
    internal async Task<Message> AskAsync(string request, bool bodiless = false)
    {
        using Wire client = await ConnectAsync();
        await client.SendAsync(request);
        return await client.ReadMessageAsync(bodiless);
    }

    internal Task<Message> GetAsync(string path = "/") => AskAsync($"GET {path} HTTP/1.1\r\nHost: example.org\r\n\r\n");

    public async ValueTask DisposeAsync()
    {
        await Plane.StopAsync(TimeSpan.FromSeconds(5));
        // After every test nothing may be left behind.
        Assert.All(Replicas, r => Assert.Equal(0, r.Totals().InFlight));
        foreach (Backend backend in _backends)
        {
            await backend.DisposeAsync();
        }
    }
}
