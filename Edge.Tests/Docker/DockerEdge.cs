using System.Globalization;
using System.Text.Json;
using Edge.Tests.Backends;
using Edge.Tests.Native;

namespace Edge.Tests.Docker;

/// <summary>The native balancer on this machine, its replicas containers of the engine.</summary>
internal sealed class DockerEdge : IAsyncDisposable
{
    private DockerEdge(NativeEdge edge) => Native = edge;

    internal NativeEdge Native { get; }

    /// <summary>What the load and the counts ask for; every replica answers it with 200.</summary>
    internal string Path { get; private init; } = "/home";

    /// <summary>Starts it as a user does whose application is the fleet: nothing is said of that but what the options say. Returns when it listens.</summary>
    internal static async Task<DockerEdge> StartForAppAsync(TestFleet fleet, params (string Key, string Value)[] options) =>
        new(await NativeEdge.StartAsync(
        [
            ("DOCKER_HOST", fleet.Docker.Host), ("Fleet:Name", fleet.Name), ("Docker:Network", fleet.Name), ("Health:Path", "/healthz"), .. options,
        ]))
        {
            Path = "/",
        };

    /// <summary>Starts the balancer in front of the user's application, and waits until so many replicas are in rotation.</summary>
    internal static async Task<DockerEdge> StartForAppAsync(TestFleet fleet, int replicas, params (string Key, string Value)[] options)
    {
        DockerEdge edge = await StartForAppAsync(fleet, options);
        await edge.Native.HealthyAsync(replicas);
        return edge;
    }

    /// <summary>Starts it, and returns when so many replicas are in rotation.</summary>
    internal static async Task<DockerEdge> StartAsync(TestFleet fleet, int replicas, params (string Key, string Value)[] options)
    {
        DockerEdge edge = await StartUnreadyAsync(fleet, replicas, options);
        await edge.Native.HealthyAsync(replicas);
        return edge;
    }

    /// <summary>Starts a balancer that takes over from another one; returns when it has taken over.</summary>
    internal static async Task<DockerEdge> TakeOverAsync(TestFleet fleet, DockerEdge old, int replicas, params (string Key, string Value)[] options) =>
        new(await NativeEdge.TakeOverAsync(old.Native, Options(fleet, replicas, options)));

    /// <summary>Starts it, and returns when it listens.</summary>
    internal static async Task<DockerEdge> StartUnreadyAsync(TestFleet fleet, int replicas, params (string Key, string Value)[] options) =>
        new(await NativeEdge.StartAsync(Options(fleet, replicas, options)));

    private static (string Key, string Value)[] Options(TestFleet fleet, int replicas, (string Key, string Value)[] options)
    {
        (string, string)[] command = [("Docker:Command:0", "replica"), ("Docker:Command:1", "--listen"), ("Docker:Command:2", "*:8080")];
        bool hasCommand = options.Any(o => o.Key.StartsWith("Docker:Command", StringComparison.Ordinal));
        return
        [
            ("DOCKER_HOST", fleet.Docker.Host),
            ("Fleet:Driver", "docker"),
            ("Fleet:Name", fleet.Name),

            // So that the shares can be told to one request.
            ("Fleet:Pick", "RoundRobin"),
            ("Fleet:Replicas", replicas.ToString(CultureInfo.InvariantCulture)),
            ("Docker:Network", fleet.Name),
            ("Docker:Image", Engine.Image),
            ("Docker:Port", "8080"),
            .. hasCommand ? [] : command,
            .. options,
        ];
    }

    internal Task<Message> RepAsync() => AskAsync("GET", "/rep", "");

    internal Task<Message> AddAsync(int n, params string[] names) => AddWeightAsync(n, 1, names);

    internal Task<Message> AddWeightAsync(int n, int weight, params string[] names) =>
        AskAsync("POST", "/add", $"{{\"n\": {n}, \"hostnames\": {JsonSerializer.Serialize(names)}, \"weight\": {weight}}}");

    internal Task<Message> RemoveAsync(int n, params string[] names) =>
        AskAsync("DELETE", "/rm", $"{{\"n\": {n}, \"hostnames\": {JsonSerializer.Serialize(names)}}}");

    /// <summary>What /rep says, which must be of a balancer that sees its engine.</summary>
    internal async Task<string[]> ReplicasAsync() => Names(await RepAsync());

    /// <summary>The replicas of a successful answer.</summary>
    internal static string[] Names(Message message)
    {
        Assert.True(message.Status == 200, message.Head + message.Text);
        return [.. JsonDocument.Parse(message.Text).RootElement.GetProperty("message").GetProperty("replicas").EnumerateArray().Select(r => r.GetString()!)];
    }

    /// <summary>The replica's part of the status; null where it is not there.</summary>
    internal async Task<JsonElement?> ReplicaAsync(string name) =>
        (await Native.StatusAsync()).GetProperty("replicas").EnumerateArray()
            .Where(r => r.GetProperty("name").GetString() == name).Select(r => (JsonElement?)r).SingleOrDefault();

    /// <summary>Returns when the replica's state is this one.</summary>
    internal async Task StateAsync(string name, string state) => await UntilAsync(
        async () => (await ReplicaAsync(name))?.GetProperty("state").GetString() == state, $"{name} is {state}");

    /// <summary>Returns when the condition holds; fails with what the balancer printed.</summary>
    internal async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        try
        {
            await Quiet.UntilAsync(condition, what, TimeSpan.FromSeconds(60));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{e.Message}\n{await Native.StatusAsync()}\n{Native.Output}", e);
        }
    }

    /// <summary>Requests on several connections: which replica answered how many.</summary>
    internal async Task<Dictionary<string, int>> CountAsync(int requests, int connections = 30)
    {
        var shares = new Dictionary<string, int>();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async c =>
        {
            using Wire client = await Native.ConnectAsync();
            for (int i = c; i < requests; i += connections)
            {
                await client.SendAsync($"GET {Path} HTTP/1.1\r\nHost: h\r\n\r\n");
                Message answer = await client.ReadMessageAsync();
                Assert.True(answer.Status == 200, answer.Head + answer.Text);
                string replica = answer.Field("X-Edge-Replica")!;
                lock (shares)
                {
                    shares[replica] = shares.GetValueOrDefault(replica) + 1;
                }
            }
        }));
        return shares;
    }

    /// <summary>Asks a replica of the application itself, past the balancer.</summary>
    internal static async Task<Message> AskAppAsync(TestFleet fleet, string name, string method, string path)
    {
        using Wire app = await Wire.ConnectAsync(new System.Net.IPEndPoint(System.Net.IPAddress.Parse(await fleet.AddressAsync(name)), 3000));
        await app.SendAsync($"{method} {path} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return await app.ReadMessageAsync();
    }

    /// <summary>Tells a replica of the application to end in a way that leaves no answer.</summary>
    internal static async Task TellAppAsync(TestFleet fleet, string name, string path)
    {
        using Wire app = await Wire.ConnectAsync(new System.Net.IPEndPoint(System.Net.IPAddress.Parse(await fleet.AddressAsync(name)), 3000));
        await app.SendAsync($"POST {path} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
        await app.ReadToEndAsync();
    }

    public ValueTask DisposeAsync() => Native.DisposeAsync();

    // Starting a score of containers may take longer than the patience of one request.
    internal async Task<Message> AskAsync(string method, string path, string body)
    {
        using Wire client = await Wire.ConnectAsync(Native.Endpoint, TimeSpan.FromMinutes(3));
        await client.SendAsync($"{method} {path} HTTP/1.1\r\nHost: {Native.Endpoint}\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        return await client.ReadMessageAsync();
    }
}
