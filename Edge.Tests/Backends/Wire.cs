using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Edge.Tests.Backends;

/// <summary>One end of a connection, byte by byte, as tests need it: what goes over the wire is what the test says.</summary>
internal sealed partial class Wire(Socket socket, CancellationToken stop, TimeSpan? patience = null, SslStream? tls = null) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly CancellationTokenSource _deadline = Bounded(patience, stop);
    private int _start;
    private int _end;

    internal Socket Socket => socket;

    /// <summary>The TLS on top of the socket; null for none.</summary>
    internal SslStream? Tls => tls;

    internal static async Task<Wire> ConnectAsync(IPEndPoint to, TimeSpan? patience = null)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(to, TestContext.Current.CancellationToken);
        return new Wire(socket, TestContext.Current.CancellationToken, patience);
    }

    /// <summary>The same over TLS. Every certificate of the server is accepted.</summary>
    internal static async Task<Wire> ConnectTlsAsync(IPEndPoint to, SslClientAuthenticationOptions options, TimeSpan? patience = null)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(to, TestContext.Current.CancellationToken);
        return await ShakeHandsAsync(socket, options, patience);
    }

    internal static async Task<Wire> ShakeHandsAsync(Socket socket, SslClientAuthenticationOptions options, TimeSpan? patience = null)
    {
        options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: false));
        try
        {
            await tls.AuthenticateAsClientAsync(options, TestContext.Current.CancellationToken).WaitAsync(patience ?? s_patience);
        }
        catch
        {
            await tls.DisposeAsync();
            socket.Dispose();
            throw;
        }

        return new Wire(socket, TestContext.Current.CancellationToken, patience, tls);
    }

    internal async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        if (tls is not null)
        {
            await tls.WriteAsync(bytes, _deadline.Token);
            return;
        }

        while (!bytes.IsEmpty)
        {
            int sent = await socket.SendAsync(bytes, SocketFlags.None, _deadline.Token);
            bytes = bytes[sent..];
        }
    }

    internal Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>
    /// Returns when the kernel of the other side has all that was sent (SIOCOUTQ, tcp(7)). A reset that is sent before may overtake it where the sender
    /// changes its processor in between: each processor delivers to loopback by itself.
    /// </summary>
    internal Task AcknowledgedAsync() => Quiet.UntilAsync(
        () =>
        {
            Assert.Equal(0, ioctl((int)socket.Handle, SIOCOUTQ, out int unacknowledged));
            return unacknowledged == 0;
        },
        "what was sent is acknowledged");

    /// <summary>Reads some bytes; 0 at the end.</summary>
    internal async Task<int> ReadSomeAsync(Memory<byte> to)
    {
        if (_start == _end)
        {
            return await ReceiveAsync(to);
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

    /// <summary>Ends this direction; the other one stays open.</summary>
    internal void Finish()
    {
        if (tls is not null)
        {
            tls.ShutdownAsync().GetAwaiter().GetResult();
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Says the end (close_notify), if it is open and speaks TLS.</summary>
    internal Task SayEndAsync() => tls is { CanWrite: true } && socket.Connected ? tls.ShutdownAsync() : Task.CompletedTask;

    /// <summary>Closes with a reset.</summary>
    internal void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    public void Dispose()
    {
        socket.Dispose();
        tls?.Dispose();
        _deadline.Dispose();
    }

    // A reset is a socket's fault, and the end without close_notify an end, with TLS as without.
    private async ValueTask<int> ReceiveAsync(Memory<byte> to)
    {
        if (tls is null)
        {
            return await socket.ReceiveAsync(to, SocketFlags.None, _deadline.Token);
        }

        try
        {
            return await tls.ReadAsync(to, _deadline.Token);
        }
        catch (IOException e) when (e.InnerException is SocketException reset)
        {
            throw reset;
        }
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
            _end = await ReceiveAsync(_buffer);
            if (_end == 0)
            {
                throw new EndOfStreamException("ended in the middle of a line");
            }
        }

        return [_buffer[_start++]];
    }

    private const nuint SIOCOUTQ = 0x5411;

    [LibraryImport("libc")]
    private static partial int ioctl(int fd, nuint request, out int argument);
}
