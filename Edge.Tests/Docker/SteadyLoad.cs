using Edge.Tests.Backends;

namespace Edge.Tests.Docker;

/// <summary>Requests on some connections that stay open, one after the other on each, until it is stopped.</summary>
internal sealed class SteadyLoad
{
    private readonly HashSet<string> _replicas;
    private readonly Task[] _clients;
    private readonly List<string> _failures = [];
    private readonly System.Net.IPEndPoint _endpoint;
    private readonly string _request;
    private readonly TimeSpan _pause;
    private long _requests;
    private volatile bool _stopped;

    /// <param name="edge">Whom to ask.</param>
    /// <param name="replicas">Those that may answer; none for all.</param>
    /// <param name="connections">So many at once.</param>
    internal SteadyLoad(DockerEdge edge, string[] replicas, int connections = 8)
        : this(edge.Native.Endpoint, edge.Path, replicas, connections, TimeSpan.Zero)
    {
    }

    /// <param name="endpoint">Whom to ask.</param>
    /// <param name="path">For what.</param>
    /// <param name="replicas">Those that may answer; none for all.</param>
    /// <param name="connections">So many at once.</param>
    /// <param name="pause">Between two requests of a connection.</param>
    /// <param name="posts">Whether they are POST, which may not be repeated, and not GET.</param>
    internal SteadyLoad(System.Net.IPEndPoint endpoint, string path, string[] replicas, int connections, TimeSpan pause, bool posts = false)
    {
        (_endpoint, _pause) = (endpoint, pause);
        _request = posts ? $"POST {path} HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello" : $"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n";
        _replicas = [.. replicas];
        _clients = [.. Enumerable.Range(0, connections).Select(_ => Task.Run(AskUntilStoppedAsync))];
    }

    internal long Requests => Interlocked.Read(ref _requests);

    internal int Failures
    {
        get
        {
            lock (_failures)
            {
                return _failures.Count;
            }
        }
    }

    /// <summary>Returns when so many more requests were made.</summary>
    internal Task MoreAsync(int requests)
    {
        long until = Requests + requests;
        return Quiet.UntilAsync(() => Requests >= until, $"{requests} more requests");
    }

    /// <summary>Ends it; returns what failed, a line each.</summary>
    internal async Task<string[]> StopAsync()
    {
        _stopped = true;
        await Task.WhenAll(_clients);
        return [.. _failures];
    }

    private async Task AskUntilStoppedAsync()
    {
        while (!_stopped)
        {
            try
            {
                using Wire client = await Wire.ConnectAsync(_endpoint, TimeSpan.FromMinutes(10));
                await AskAsync(client);
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or OperationCanceledException)
            {
                Failed(e.Message);
            }
        }
    }

    private async Task AskAsync(Wire client)
    {
        using PeriodicTimer? pace = _pause > TimeSpan.Zero ? new PeriodicTimer(_pause) : null;
        while (!_stopped)
        {
            await client.SendAsync(_request);
            Message answer = await client.ReadMessageAsync();
            string? replica = answer.Field("X-Edge-Replica");
            if (answer.Status != 200 || replica is null || (_replicas.Count > 0 && !_replicas.Contains(replica)))
            {
                Failed($"{answer.StartLine} of {replica}: {answer.Text}");
            }

            Interlocked.Increment(ref _requests);
            if (answer.Field("Connection") == "close")
            {
                // It was told, as by a balancer that has been taken over from: the next request goes over another connection.
                return;
            }

            await (pace?.WaitForNextTickAsync() ?? ValueTask.FromResult(true));
        }
    }

    private void Failed(string why)
    {
        lock (_failures)
        {
            _failures.Add($"{DateTime.UtcNow:HH:mm:ss.fff} {why}");
        }
    }
}
