using System.Net;
using System.Net.Sockets;
using System.Text;
using Edge.Config;
using Edge.Io;

namespace Edge.Fleet;

/// <summary>
/// One health check of one replica, each over a connection of its own: a check over a kept connection would not notice that new ones are refused.
/// Only the status of the answer counts, so the check uses a bare socket: an HTTP client makes thirty kilobytes of garbage a check, most of what the
/// collector of an idle balancer had to do.
/// </summary>
internal sealed class HealthCheck
{
    /// <summary>The path if none is configured: the built-in replica answers it, and any other server answers it with some status.</summary>
    internal const string DefaultPath = "/heartbeat";

    // "HTTP/1.1 200": the part of the first line that counts.
    private const int StatusLineBytes = 12;

    // Without a configured path only an answer of 5xx is a failure; a configured path is expected to give a good answer.
    private static readonly StatusRange[] s_anyBut5xx = [new(100, 499)];
    private static readonly StatusRange[] s_good = [new(200, 399)];

    private readonly IPEndPoint _address;
    private readonly Lazy<TlsClientContext>? _trust;
    private readonly byte[] _request;
    private readonly byte[] _answer = new byte[StatusLineBytes];

    /// <param name="replica">Its address, and its own path and Host if its driver knows them.</param>
    /// <param name="options">The options for all replicas.</param>
    /// <param name="trust">Whom to believe, if TLS is spoken to the replica.</param>
    internal HealthCheck(ObservedReplica replica, HealthOptions options, Lazy<TlsClientContext>? trust = null)
    {
        TlsName = replica.TlsName;
        _trust = trust;
        _address = replica.Address;
        IsPathOfReplica = replica.HealthPath is not null;
        IsHostOfReplica = replica.HealthHost is not null;
        IsPathConfigured = IsPathOfReplica || options.Path.Length > 0;
        string path = replica.HealthPath ?? (options.Path.Length > 0 ? options.Path : DefaultPath);
        Host = replica.HealthHost ?? (options.Host.Length > 0 ? options.Host : _address.ToString());
        Accepted = options.Accepted() ?? (IsPathConfigured ? s_good : s_anyBut5xx);
        Url = $"{(TlsName is null ? "http" : "https")}://{_address}{path}";
        _request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {Host}\r\nUser-Agent: edge-health\r\nConnection: close\r\n\r\n");
    }

    /// <summary>What the check asks for, for the log.</summary>
    internal string Url { get; }

    /// <summary>The name that the replica's certificate has to have; null if HTTP is spoken to it without TLS.</summary>
    internal string? TlsName { get; }

    /// <summary>The Host field of the check.</summary>
    internal string Host { get; }

    /// <summary>The statuses that pass.</summary>
    internal IReadOnlyList<StatusRange> Accepted { get; }

    /// <summary>Whether the replica or the options say the path.</summary>
    internal bool IsPathConfigured { get; }

    /// <summary>Whether the replica itself says the path.</summary>
    internal bool IsPathOfReplica { get; }

    /// <summary>Whether the replica itself says the Host.</summary>
    internal bool IsHostOfReplica { get; }

    /// <summary>Whether the last check had a connection, so that only the answer was missing.</summary>
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
    /// <exception cref="SocketException">The replica cannot be reached, or broke the connection.</exception>
    /// <exception cref="InvalidDataException">The answer is not HTTP/1.x.</exception>
    /// <exception cref="IOException">TLS failed, or the replica cannot be believed.</exception>
    internal async Task<int> AskAsync(CancellationToken cancellation)
    {
        IsConnected = false;
        using var socket = new Socket(_address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_address, cancellation);
        IsConnected = true;
        if (TlsName is not null)
        {
            return await AskOverTlsAsync(socket, TlsName, cancellation);
        }

        try
        {
            await socket.SendAsync(_request, SocketFlags.None, cancellation);
        }
        catch (ObjectDisposedException) when (cancellation.IsCancellationRequested)
        {
            // A connect is cancelled by closing its socket, which may just have been connected.
            throw new OperationCanceledException(cancellation);
        }

        return await ReadAsync((to, end) => socket.ReceiveAsync(to, SocketFlags.None, end), cancellation);
    }

    private async Task<int> AskOverTlsAsync(Socket socket, string name, CancellationToken cancellation)
    {
        TlsClientContext trust = (_trust ?? throw new IOException("nothing says which certificates are believed")).Value;
        await using TlsClientStream stream = await TlsClientStream.ConnectAsync(new NetworkStream(socket), trust, name, cancellation);
        await stream.WriteAsync(_request, cancellation);
        return await ReadAsync(stream.ReadAsync, cancellation);
    }

    private async Task<int> ReadAsync(Receive receive, CancellationToken cancellation)
    {
        int length = 0;
        while (length < StatusLineBytes)
        {
            int got = await receive(_answer.AsMemory(length), cancellation);
            if (got == 0)
            {
                throw new InvalidDataException("it closed the connection before it answered");
            }

            length += got;
        }

        int status = Status(_answer) ?? throw new InvalidDataException("its answer is not HTTP/1.x");
        await AnswerEnd.ReadAsync(receive, _answer, cancellation);
        return status;
    }

    private static int? Status(ReadOnlySpan<byte> line) =>
        line.StartsWith("HTTP/1."u8) && line[8] == ' ' && int.TryParse(line[9..], out int status) && status >= 100 ? status : null;
}
