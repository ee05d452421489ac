using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Edge.Tests.Chaos;

/// <summary>One end of an HTTP/1.1 connection, for either side; it reads by the buffer, since it shares two cores with what it tests.</summary>
internal sealed class HttpPeer(Socket socket) : IDisposable
{
    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;

    internal Socket Socket => socket;

    /// <summary>Whether the other side has closed an idle connection, or sent bytes that were not asked for.</summary>
    internal bool IsSpent => _start != _end || socket.Poll(0, SelectMode.SelectRead);

    internal static async Task<HttpPeer> ConnectAsync(IPEndPoint to, CancellationToken stop)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(to, stop);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return new HttpPeer(socket);
    }

    internal async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, stop)..];
        }
    }

    /// <summary>Waits for the first byte of a message; false where the connection ends instead.</summary>
    internal async Task<bool> WaitAsync(CancellationToken stop) => _start != _end || await FillAsync(stop);

    /// <summary>A head with its empty line; null where the connection ended before it was whole.</summary>
    internal async Task<string?> ReadHeadAsync(CancellationToken stop)
    {
        while (true)
        {
            int length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8);
            if (length >= 0)
            {
                string head = Encoding.Latin1.GetString(_buffer, _start, length + 4);
                _start += length + 4;
                return head;
            }

            if (!await FillAsync(stop))
            {
                return null;
            }
        }
    }

    /// <summary>So many bytes; fewer where the connection ended.</summary>
    internal async Task<byte[]> ReadBodyAsync(int length, CancellationToken stop)
    {
        byte[] body = new byte[length];
        int have = Math.Min(length, _end - _start);
        _buffer.AsSpan(_start, have).CopyTo(body);
        _start += have;
        while (have < length)
        {
            int got = await socket.ReceiveAsync(body.AsMemory(have), SocketFlags.None, stop);
            if (got == 0)
            {
                return body[..have];
            }

            have += got;
        }

        return body;
    }

    internal void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    public void Dispose() => socket.Dispose();

    /// <summary>The value of a field of a head; null where it is absent.</summary>
    internal static string? Field(string head, string name)
    {
        int at = head.IndexOf("\r\n" + name + ":", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }

        at += name.Length + 3;
        return head[at..head.IndexOf("\r\n", at, StringComparison.Ordinal)].Trim();
    }

    private async Task<bool> FillAsync(CancellationToken stop)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int got = await socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, stop);
        _end += got;
        return got > 0;
    }
}
