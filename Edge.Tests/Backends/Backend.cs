using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Edge.Tests.Tls;

namespace Edge.Tests.Backends;

/// <summary>A server whose every connection is handled by a script: the wire shape under test.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<Wire, Task> _script;
    private readonly TimeSpan? _patience;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _connections;

    /// <param name="script">Handles each connection; ends when the peer does.</param>
    /// <param name="patience">How long a connection may last; null for the usual time.</param>
    /// <param name="tls">Has it speak TLS; null for what all tests do.</param>
    internal Backend(Func<Wire, Task> script, TimeSpan? patience = null, SslServerAuthenticationOptions? tls = null)
    {
        _tls = tls ?? TestReplicas.Tls;
        _script = script;
        _patience = patience;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    internal IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Whether it speaks TLS.</summary>
    internal bool IsTls => _tls is not null && !IsPlain;

    /// <summary>Speaks no TLS, whatever all tests do.</summary>
    internal bool IsPlain { get; init; }

    /// <summary>Gives what it sends another shape on the wire.</summary>
    internal Func<Stream, Stream> Reshape { get; init; } = stream => stream;

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

    private async Task<SslStream?> ShakeHandsAsync(Socket socket)
    {
        if (!IsTls)
        {
            return null;
        }

        var tls = new SslStream(Reshape(new NetworkStream(socket, ownsSocket: false)));
        await tls.AuthenticateAsServerAsync(_tls!, _stop.Token);
        return tls;
    }

    private async Task HandleAsync(Socket socket)
    {
        socket.NoDelay = true;
        try
        {
            using var wire = new Wire(socket, _stop.Token, _patience, await ShakeHandsAsync(socket));
            await _script(wire);
            await wire.SayEndAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or EndOfStreamException
            || (_tls is not null && e is IOException or AuthenticationException or ObjectDisposedException))
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
