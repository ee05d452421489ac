using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Edge.Tests.Backends;

/// <summary>A server whose every connection is handled by a script: the wire shape under test.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<Wire, Task> _script;
    private readonly TimeSpan? _patience;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _connections;

    /// <param name="script">Handles each connection; ends when the peer does.</param>
    /// <param name="patience">How long a connection may last; null for the usual time.</param>
    internal Backend(Func<Wire, Task> script, TimeSpan? patience = null)
    {
        _script = script;
        _patience = patience;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    internal IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Connections accepted so far.</summary>
    internal int Connections => Volatile.Read(ref _connections);

    /// <summary>What scripts threw that is not the peer's going away; asserted empty at disposal.</summary>
    internal List<Exception> Faults { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        Assert.Empty(Faults);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var handlers = new List<Task>();
        while (!_stop.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                break;
            }

            Interlocked.Increment(ref _connections);
            handlers.Add(HandleAsync(socket));
        }

        await Task.WhenAll(handlers);
    }

    private async Task HandleAsync(Socket socket)
    {
        socket.NoDelay = true;
        using var wire = new Wire(socket, _stop.Token, _patience);
        try
        {
            await _script(wire);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or EndOfStreamException)
        {
            // The balancer or the test's end closed the connection: every script has to live with that.
        }
        catch (Exception e)
        {
            lock (Faults)
            {
                Faults.Add(e);
            }
        }
    }
}

/// <summary>One end of a connection, byte by byte, as tests need it: what goes over the wire is what the test says.</summary>
internal sealed class Wire(Socket socket, CancellationToken stop, TimeSpan? patience = null) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly CancellationTokenSource _deadline = Bounded(patience, stop);
    private int _start;
    private int _end;

    internal Socket Socket => socket;

    internal static async Task<Wire> ConnectAsync(IPEndPoint to, TimeSpan? patience = null)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(to, TestContext.Current.CancellationToken);
        return new Wire(socket, TestContext.Current.CancellationToken, patience);
    }

    internal async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int sent = await socket.SendAsync(bytes, SocketFlags.None, _deadline.Token);
            bytes = bytes[sent..];
        }
    }

    internal Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Reads some bytes; 0 at the end.</summary>
    internal async Task<int> ReadSomeAsync(Memory<byte> to)
    {
        if (_start == _end)
        {
            return await socket.ReceiveAsync(to, SocketFlags.None, _deadline.Token);
        }

        int length = Math.Min(to.Length, _end - _start);
        _buffer.AsSpan(_start, length).CopyTo(to.Span);
        _start += length;
        return length;
    }

    internal async Task<byte[]> ReadExactlyAsync(int length)
    {
        byte[] bytes = new byte[length];
        for (int at = 0; at < length;)
        {
            int got = await ReadSomeAsync(bytes.AsMemory(at));
            at += got > 0 ? got : throw new EndOfStreamException($"ended after {at} of {length} bytes");
        }

        return bytes;
    }

    /// <summary>Everything up to the end of the connection.</summary>
    internal async Task<string> ReadToEndAsync()
    {
        var all = new MemoryStream();
        byte[] some = new byte[16 * 1024];
        for (int got; (got = await ReadSomeAsync(some)) > 0;)
        {
            all.Write(some, 0, got);
        }

        return Encoding.Latin1.GetString(all.ToArray());
    }

    internal async Task<string> ReadLineAsync()
    {
        var line = new StringBuilder();
        while (true)
        {
            byte[] one = await ReadExactlyAsyncBuffered();
            line.Append((char)one[0]);
            if (one[0] == '\n')
            {
                return line.ToString();
            }
        }
    }

    /// <summary>A head up to and with its empty line.</summary>
    internal async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        while (true)
        {
            string line = await ReadLineAsync();
            head.Append(line);
            if (line == "\r\n")
            {
                return head.ToString();
            }
        }
    }

    /// <summary>One message with a body by Content-Length or chunked (decoded), or none.</summary>
    internal async Task<Message> ReadMessageAsync(bool bodiless = false)
    {
        string head = await ReadHeadAsync();
        var message = new Message(head, []);
        if (bodiless)
        {
            return message;
        }

        if (message.Field("Content-Length") is { } length)
        {
            return message with { Body = await ReadExactlyAsync(int.Parse(length)) };
        }

        return message.Field("Transfer-Encoding") is null ? message : await ReadChunksAsync(message);
    }

    internal void Finish() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes with a reset.</summary>
    internal void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    public void Dispose()
    {
        socket.Dispose();
        _deadline.Dispose();
    }

    private static CancellationTokenSource Bounded(TimeSpan? patience, CancellationToken stop)
    {
        var bounded = CancellationTokenSource.CreateLinkedTokenSource(stop);
        bounded.CancelAfter(patience ?? s_patience);
        return bounded;
    }

    private async Task<Message> ReadChunksAsync(Message message)
    {
        var body = new MemoryStream();
        while (true)
        {
            int size = Convert.ToInt32((await ReadLineAsync()).Trim().Split(';')[0], 16);
            if (size == 0)
            {
                return message with { Body = body.ToArray(), Trailers = await ReadHeadAsync() };
            }

            body.Write(await ReadExactlyAsync(size));
            Assert.Equal("\r\n", await ReadLineAsync());
        }
    }

    private async Task<byte[]> ReadExactlyAsyncBuffered()
    {
        if (_start == _end)
        {
            _start = 0;
            _end = await socket.ReceiveAsync(_buffer, SocketFlags.None, _deadline.Token);
            if (_end == 0)
            {
                throw new EndOfStreamException("ended in the middle of a line");
            }
        }

        return [_buffer[_start++]];
    }
}

/// <summary>A message as it stood on the wire.</summary>
internal sealed record Message(string Head, byte[] Body)
{
    internal string Trailers { get; init; } = "";

    internal string StartLine => Head[..Head.IndexOf("\r\n", StringComparison.Ordinal)];

    internal int Status => int.Parse(StartLine.Split(' ')[1]);

    internal string Text => Encoding.Latin1.GetString(Body);

    /// <summary>The field's value; null where it is absent. Fails where it is repeated.</summary>
    internal string? Field(string name) => Fields(name).SingleOrDefault();

    internal string[] Fields(string name) =>
        [.. Head.Split("\r\n").Skip(1).Where(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)).Select(l => l[(name.Length + 1)..].Trim())];
}
