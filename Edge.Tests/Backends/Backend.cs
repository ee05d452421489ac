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
