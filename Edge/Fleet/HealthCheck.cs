using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Edge.Fleet;

/// <summary>
/// One question to one replica, over a connection of its own each time: a check over a kept one would not notice that
/// new ones are refused. Of the answer only the status counts, so it is asked on a bare socket: an HTTP client's
/// garbage, thirty kilobytes a check, was most of what the collector of an idle balancer had to do.
/// </summary>
internal sealed class HealthCheck
{
    // "HTTP/1.1 200": the first line as far as it counts.
    private const int StatusLineBytes = 12;

    private readonly IPEndPoint _address;
    private readonly byte[] _request;
    private readonly byte[] _answer = new byte[StatusLineBytes];

    /// <param name="address">Of the replica.</param>
    /// <param name="path">What is asked for, with its leading slash.</param>
    internal HealthCheck(IPEndPoint address, string path)
    {
        _address = address;
        Url = $"http://{address}{path}";
        _request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: edge-health\r\nConnection: close\r\n\r\n");
    }

    /// <summary>What is asked for, as a reader of the log writes it.</summary>
    internal string Url { get; }

    /// <summary>Asks, and returns the status of the answer. One call at a time.</summary>
    /// <exception cref="SocketException">It can't be reached, or broke off.</exception>
    /// <exception cref="InvalidDataException">It answered, but not in HTTP/1.x.</exception>
    internal async Task<int> AskAsync(CancellationToken cancellation)
    {
        using var socket = new Socket(_address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_address, cancellation);
        await socket.SendAsync(_request, SocketFlags.None, cancellation);
        int length = 0;
        while (length < StatusLineBytes)
        {
            int got = await socket.ReceiveAsync(_answer.AsMemory(length), SocketFlags.None, cancellation);
            if (got == 0)
            {
                throw new InvalidDataException("it closed the connection before it answered");
            }

            length += got;
        }

        int status = Status(_answer) ?? throw new InvalidDataException("its answer is not HTTP/1.x");
        await AnswerEnd.ReadAsync(socket, _answer, cancellation);
        return status;
    }

    private static int? Status(ReadOnlySpan<byte> line) =>
        line.StartsWith("HTTP/1."u8) && line[8] == ' ' && int.TryParse(line[9..], out int status) && status >= 100 ? status : null;
}
