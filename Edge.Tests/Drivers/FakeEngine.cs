using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace Edge.Tests.Drivers;

/// <summary>
/// The HTTP of a Docker engine, without the engine: answers as a test says, one connection a request as the client asks
/// for, on a Unix socket or on loopback. For what a real engine of one version can't be made to do.
/// </summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly string? _path;
    private readonly CancellationTokenSource _over = new();
    private readonly Task _accepting;

    /// <param name="overTcp">Whether it listens on loopback, and not at a Unix socket.</param>
    /// <param name="path">Of its Unix socket; null for a new one.</param>
    internal FakeEngine(bool overTcp = false, string? path = null)
    {
        if (overTcp)
        {
            _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            Endpoint = new Uri($"tcp://{_listener.LocalEndPoint}");
        }
        else
        {
            _path = path ?? Path.Combine(Path.GetTempPath(), $"edge-{Guid.NewGuid():n}.sock");
            _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            _listener.Bind(new UnixDomainSocketEndPoint(_path));
            Endpoint = new Uri($"unix://{_path}");
        }

        _listener.Listen();
        _accepting = AcceptAsync();
    }

    internal Uri Endpoint { get; }

    internal string ApiVersion { get; set; } = "1.41";

    internal string? MinApiVersion { get; set; } = "1.12";

    /// <summary>Whether it takes requests and answers none of them from now on.</summary>
    internal bool IsSilent { get; set; }

    /// <summary>What it was asked for, as <c>GET /v1.41/containers/json</c>, without queries.</summary>
    internal ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>The same with the query, as <c>t=5</c>, and the body.</summary>
    internal ConcurrentQueue<(string Line, string Query, string Body)> Calls { get; } = new();

    /// <summary>Awaited before a request is answered.</summary>
    internal Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Answers everything but /version and /events; a status of 0 is no answer at all.</summary>
    internal Func<string, (int Status, string Body)> OnRequest { get; set; } = _ => (200, "[]");

    /// <summary>What /events sends, chunk by chunk; completing it ends the stream as an engine that ends does.</summary>
    internal Channel<string> Events { get; } = Channel.CreateUnbounded<string>();

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Dispose();
        await _accepting;
        if (_path is not null)
        {
            File.Delete(_path);
        }
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await _listener.AcceptAsync(_over.Token)));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            string request = await ReadRequestAsync(stream);
            string line = request[..request.IndexOf(" HTTP/", StringComparison.Ordinal)];
            int query = line.IndexOf('?', StringComparison.Ordinal);
            string asked = query < 0 ? "" : line[(query + 1)..];
            line = query < 0 ? line : line[..query];
            Requests.Enqueue(line);
            Calls.Enqueue((line, asked, request[(request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]));
            await Before(line).WaitAsync(_over.Token);
            if (IsSilent)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _over.Token);
            }

            if (line.EndsWith("/events", StringComparison.Ordinal))
            {
                await SendEventsAsync(stream);
                return;
            }

            string minimum = MinApiVersion is null ? "" : $",\"MinAPIVersion\":\"{MinApiVersion}\"";
            (int status, string body) = line == "GET /version" ? (200, $"{{\"Version\":\"99\",\"ApiVersion\":\"{ApiVersion}\"{minimum}}}") : OnRequest(line);
            if (status == 0)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _over.Token);
            }

            await stream.WriteAsync(Encoding.UTF8.GetBytes(
                $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: "
                    + $"close\r\n\r\n{body}"));
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The client left, or the test is over.
            return;
        }
    }

    private async Task SendEventsAsync(NetworkStream stream)
    {
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray(), _over.Token);
        await foreach (string chunk in Events.Reader.ReadAllAsync(_over.Token))
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes($"{Encoding.UTF8.GetByteCount(chunk):x}\r\n{chunk}\r\n"), _over.Token);
        }

        await stream.WriteAsync("0\r\n\r\n"u8.ToArray(), _over.Token);
    }

    // To its end, with the body: a client that is answered earlier would find the connection closed while it still writes.
    private async Task<string> ReadRequestAsync(NetworkStream stream)
    {
        string request = "";
        byte[] some = new byte[4096];
        while (!IsWhole(request))
        {
            int got = await stream.ReadAsync(some, _over.Token);
            if (got == 0)
            {
                throw new IOException("the client left");
            }

            request += Encoding.Latin1.GetString(some, 0, got);
        }

        return request;
    }

    private static bool IsWhole(string request)
    {
        int head = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (head < 0)
        {
            return false;
        }

        if (request[..head].Contains("\r\nTransfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase))
        {
            return request.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal);
        }

        const string Length = "\r\nContent-Length: ";
        int length = request.IndexOf(Length, 0, head, StringComparison.OrdinalIgnoreCase);
        return length < 0 || request.Length - head - 4 >= int.Parse(request[(length + Length.Length)..].Split('\r')[0], CultureInfo.InvariantCulture);
    }
}
