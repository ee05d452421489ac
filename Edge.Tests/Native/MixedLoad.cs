using System.Diagnostics;
using System.Net;
using Edge.Tests.Backends;

namespace Edge.Tests.Native;

/// <summary>
/// Clients of three sorts until they are stopped: with a connection a request, with one that stays as long as it may, and with
/// one that is idle most of the time. No request is repeated: every answer but 200 is a failure.
/// </summary>
internal sealed class MixedLoad
{
    private const string Get = "GET /home HTTP/1.1\r\nHost: h\r\n\r\n";
    private const string Last = "GET /home HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

    // Not one that the balancer may repeat.
    private const string Post = "POST /home HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";

    private readonly IPEndPoint _to;
    private readonly Task[] _clients;
    private readonly List<string> _failures = [];
    private readonly string _request;
    private long _short;
    private long _kept;
    private long _reconnects;
    private long _slowest;
    private volatile bool _stopped;

    /// <param name="to">Whom to ask.</param>
    /// <param name="posts">Whether kept connections send what may not be repeated; the built-in replica has nothing that takes it.</param>
    internal MixedLoad(IPEndPoint to, bool posts)
    {
        _to = to;
        _request = posts ? Post : Get;
        _clients =
        [
            .. Enumerable.Range(0, 8).Select(_ => Task.Run(() => RunAsync(ShortAsync))),
            .. Enumerable.Range(0, 8).Select(_ => Task.Run(() => RunAsync(wire => KeepAsync(wire, think: false)))),
            .. Enumerable.Range(0, 16).Select(_ => Task.Run(() => RunAsync(wire => KeepAsync(wire, think: true)))),
        ];
    }

    internal long Requests => Interlocked.Read(ref _short) + Interlocked.Read(ref _kept);

    public override string ToString() =>
        $"{_short} requests with a connection each, {_kept} on kept connections that were told to close {_reconnects} times; the slowest took "
            + $"{_slowest} ms; {_failures.Count} failed";

    /// <summary>Returns when so many more requests were answered.</summary>
    internal Task MoreAsync(int requests)
    {
        long until = Requests + requests;
        return Quiet.UntilAsync(() => Requests >= until || _failures.Count > 0, $"{requests} more requests");
    }

    /// <summary>Ends it; returns what failed, a line each.</summary>
    internal async Task<string[]> StopAsync()
    {
        _stopped = true;
        await Task.WhenAll(_clients);
        return [.. _failures];
    }

    private async Task RunAsync(Func<Wire, Task> client)
    {
        while (!_stopped)
        {
            try
            {
                using Wire wire = await Wire.ConnectAsync(_to, TimeSpan.FromMinutes(2));
                await client(wire);
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or OperationCanceledException)
            {
                Failed(e.Message);
            }
        }
    }

    private async Task ShortAsync(Wire wire)
    {
        await AskAsync(wire, Last);
        Interlocked.Increment(ref _short);
    }

    private async Task KeepAsync(Wire wire, bool think)
    {
        while (!_stopped)
        {
            Message answer = await AskAsync(wire, _request);
            Interlocked.Increment(ref _kept);
            if (answer.Field("Connection") == "close")
            {
                Interlocked.Increment(ref _reconnects);
                return;
            }

            if (think)
            {
                await Task.Delay(Random.Shared.Next(1, 50), TestContext.Current.CancellationToken);
            }
        }
    }

    private async Task<Message> AskAsync(Wire wire, string request)
    {
        long began = Stopwatch.GetTimestamp();
        await wire.SendAsync(request);
        Message answer = await wire.ReadMessageAsync();
        long took = (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        if (answer.Status != 200)
        {
            Failed(answer.Head + answer.Text);
        }

        lock (_failures)
        {
            _slowest = Math.Max(_slowest, took);
        }

        return answer;
    }

    private void Failed(string why)
    {
        lock (_failures)
        {
            _failures.Add($"{DateTime.UtcNow:HH:mm:ss.fff} {why}");
        }
    }
}
