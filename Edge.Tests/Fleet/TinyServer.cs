using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Edge.Tests.Fleet;

/// <summary>An HTTP server on loopback that answers each connection once, with what the test says.</summary>
internal sealed class TinyServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<string, string?> _answer;
    private readonly Task _running;

    /// <param name="answer">From the head of a request and its body to a whole response; null for no answer at all.</param>
    internal TinyServer(Func<string, string?> answer)
    {
        _answer = answer;
        _listener.Start();
        Address = (IPEndPoint)_listener.LocalEndpoint;
        _running = RunAsync();
    }

    internal IPEndPoint Address { get; }

    internal Uri Url => new($"http://{Address}/");

    internal ConcurrentQueue<string> Requests { get; } = new();

    internal static string Response(int status, string body = "") =>
        $"HTTP/1.1 {status} X\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _listener.Stop();
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
                await ServeAsync(client);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over, and with it the server.
            return;
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            await AnswerAsync(client);
        }
        catch (IOException)
        {
            // The client has gone, as a health check does that is called off; the next one is served.
            return;
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        NetworkStream stream = client.GetStream();
        byte[] buffer = new byte[64 * 1024];
        int read = 0;
        string request;
        do
        {
            int got = await stream.ReadAsync(buffer.AsMemory(read), _end.Token);
            read += got;
            request = Encoding.UTF8.GetString(buffer, 0, read);
            if (got == 0)
            {
                return;
            }
        }
        while (!IsWhole(request));

        Requests.Enqueue(request);
        string? response = _answer(request);
        if (response is null)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _end.Token);
        }

        await stream.WriteAsync(Encoding.UTF8.GetBytes(response!), _end.Token);
    }

    private static bool IsWhole(string request)
    {
        int end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        string? length = request.Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return end >= 0 && request.Length >= end + 4 + (length is null ? 0 : int.Parse(length[15..]));
    }
}
