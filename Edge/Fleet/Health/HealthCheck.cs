using System.Net;
using System.Net.Sockets;
using System.Text;
using Edge.Config;

namespace Edge.Fleet;

/// <summary>
/// One question to one replica, over a connection of its own each time: a check over a kept one would not notice that
/// new ones are refused. Of the answer only the status counts, so it is asked on a bare socket: an HTTP client's
/// garbage, thirty kilobytes a check, was most of what the collector of an idle balancer had to do.
/// </summary>
internal sealed class HealthCheck
{
    /// <summary>What is asked for where no path is configured: the built-in replica answers it, and any other server answers it somehow.</summary>
    internal const string DefaultPath = "/heartbeat";

    // "HTTP/1.1 200": the first line as far as it counts.
    private const int StatusLineBytes = 12;

    // Without a path only an answer of 5xx says that something is wrong; with one, its answer is expected to be a good one.
    private static readonly StatusRange[] s_anyBut5xx = [new(100, 499)];
    private static readonly StatusRange[] s_good = [new(200, 399)];

    private readonly IPEndPoint _address;
    private readonly byte[] _request;
    private readonly byte[] _answer = new byte[StatusLineBytes];

    /// <param name="replica">Its address, and its own path and Host where its driver knows of such.</param>
    /// <param name="options">What holds for all replicas.</param>
    internal HealthCheck(ObservedReplica replica, HealthOptions options)
    {
        _address = replica.Address;
        IsPathOfReplica = replica.HealthPath is not null;
        IsHostOfReplica = replica.HealthHost is not null;
        IsPathConfigured = IsPathOfReplica || options.Path.Length > 0;
        string path = replica.HealthPath ?? (options.Path.Length > 0 ? options.Path : DefaultPath);
        Host = replica.HealthHost ?? (options.Host.Length > 0 ? options.Host : _address.ToString());
        Accepted = options.Accepted() ?? (IsPathConfigured ? s_good : s_anyBut5xx);
        Url = $"http://{_address}{path}";
        _request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {Host}\r\nUser-Agent: edge-health\r\nConnection: close\r\n\r\n");
    }

    /// <summary>What is asked for, as a reader of the log writes it.</summary>
    internal string Url { get; }

    /// <summary>The Host field that is sent.</summary>
    internal string Host { get; }

    /// <summary>The statuses that pass.</summary>
    internal IReadOnlyList<StatusRange> Accepted { get; }

    /// <summary>Whether the replica or the options say what to ask for.</summary>
    internal bool IsPathConfigured { get; }

    /// <summary>Whether the replica itself says it.</summary>
    internal bool IsPathOfReplica { get; }

    /// <summary>Whether the replica itself says which Host to send.</summary>
    internal bool IsHostOfReplica { get; }

    /// <summary>Whether the last question had a connection, and so was only missing its answer.</summary>
    internal bool IsConnected { get; private set; }

    /// <summary>Whether an answer with this status passes.</summary>
    internal bool Accepts(int status)
    {
        foreach (StatusRange range in Accepted)
        {
            if (range.Has(status))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Asks, and returns the status of the answer. One call at a time.</summary>
    /// <exception cref="SocketException">It can't be reached, or broke off.</exception>
    /// <exception cref="InvalidDataException">It answered, but not in HTTP/1.x.</exception>
    internal async Task<int> AskAsync(CancellationToken cancellation)
    {
        IsConnected = false;
        using var socket = new Socket(_address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_address, cancellation);
        IsConnected = true;
        try
        {
            await socket.SendAsync(_request, SocketFlags.None, cancellation);
        }
        catch (ObjectDisposedException) when (cancellation.IsCancellationRequested)
        {
            // A connect is called off by closing its socket, which may have been connected just then.
            throw new OperationCanceledException(cancellation);
        }

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
