using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Edge.Tests.Chaos;

/// <summary>What can be wrong with a replica.</summary>
internal enum Fault
{
    None,

    /// <summary>The port is closed, and so are all connections. At the end the replica listens again, at the same port.</summary>
    Restart,
    ResetAtAccept,

    /// <summary>After the head of a request: its body is never read, so it is not executed.</summary>
    ResetAfterHead,
    CloseInBody,
    Garbage,

    /// <summary>Answers nothing; at the end it dies, and all its connections with it.</summary>
    HangThenDie,

    /// <summary>Answers nothing; at the end, everything.</summary>
    HangThenAnswer,
    Slow,

    /// <summary>Closes each connection a moment after its answer, without a word: the race of every pool.</summary>
    CloseIdle,
    Unavailable,
}

/// <summary>
/// An HTTP/1.1 server that keeps a record of what it executes and has the faults that it is told to have. Each answer is made
/// of the token of its own request. A request counts as executed when all of it, with its body, has arrived.
/// </summary>
internal sealed class ChaosReplica : IAsyncDisposable
{
    private readonly Ledger _ledger;
    private readonly Random _random;
    private readonly ConcurrentDictionary<HttpPeer, Task> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private TcpListener _listener;
    private Task _accepting;
    private volatile TaskCompletionSource _faultOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Fault _fault;

    internal ChaosReplica(string name, Ledger ledger, int seed)
    {
        Name = name;
        _ledger = ledger;
        _random = new Random(seed);
        _listener = Open();
        Address = (IPEndPoint)_listener.LocalEndpoint;
        _accepting = AcceptAsync(_listener);
    }

    internal string Name { get; }

    internal IPEndPoint Address { get; }

    internal async Task BeginAsync(Fault fault)
    {
        _faultOver = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _fault = fault;
        if (fault == Fault.Restart)
        {
            _listener.Stop();
            await _accepting;
            CloseAll();
        }
    }

    internal void End()
    {
        Fault fault = _fault;
        _fault = Fault.None;
        if (fault == Fault.Restart)
        {
            Listen();
        }
        else if (fault == Fault.HangThenDie)
        {
            CloseAll();
        }

        _faultOver.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        CloseAll();
        _faultOver.TrySetResult();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        _stop.Dispose();
    }

    // Below the ports that the kernel gives to clients: while a restart lasts, none of them may get this one.
    private static TcpListener Open()
    {
        while (true)
        {
            var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(20_000, 32_000));
            try
            {
                listener.Start(1024);
                return listener;
            }
            catch (SocketException)
            {
                listener.Dispose();
            }
        }
    }

    private void Listen()
    {
        _listener = new TcpListener(Address);
        _listener.Start(1024);
        _accepting = AcceptAsync(_listener);
    }

    // As a process that ends: what was not read yet makes a reset of the close.
    private void CloseAll()
    {
        foreach (HttpPeer peer in _connections.Keys)
        {
            peer.Dispose();
        }
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        while (true)
        {
            try
            {
                Socket socket = await listener.AcceptSocketAsync(_stop.Token);
                socket.NoDelay = true;
                var peer = new HttpPeer(socket);
                if (_fault == Fault.ResetAtAccept)
                {
                    peer.Reset();
                    continue;
                }

                // It enters itself before it begins, so that it can't have left before.
                var begin = new TaskCompletionSource();
                _connections[peer] = HandleAsync(peer, begin.Task);
                begin.SetResult();
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task HandleAsync(HttpPeer peer, Task begin)
    {
        await begin;
        try
        {
            while (await AnswerAsync(peer))
            {
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The balancer, a fault or the end of the test closed the connection.
        }
        catch (Exception e)
        {
            _ledger.Fault($"{Name}: {e}");
        }
        finally
        {
            peer.Dispose();
            _connections.TryRemove(peer, out _);
        }
    }

    // False where the connection is over.
    private async Task<bool> AnswerAsync(HttpPeer peer)
    {
        if (!await NextAsync(peer) || await peer.ReadHeadAsync(_stop.Token) is not { } head)
        {
            return false;
        }

        if (_fault == Fault.ResetAfterHead)
        {
            peer.Reset();
            return false;
        }

        int length = int.Parse(HttpPeer.Field(head, "Content-Length") ?? "0", CultureInfo.InvariantCulture);
        byte[] body = await peer.ReadBodyAsync(length, _stop.Token);
        if (body.Length < length)
        {
            return false;
        }

        string token = HttpPeer.Field(head, "X-Token") ?? "heartbeat";
        Execution? execution = null;
        if (token != "heartbeat")
        {
            execution = _ledger.Executed(token, Name);
            if (length > 0 && !body.AsSpan().SequenceEqual(Payload(token, length)))
            {
                _ledger.Fault($"{Name}: the body of {token} is not what was sent");
            }
        }

        int size = int.Parse(HttpPeer.Field(head, "X-Size") ?? "2", CultureInfo.InvariantCulture);
        bool close = "close".Equals(HttpPeer.Field(head, "Connection"), StringComparison.OrdinalIgnoreCase);
        return await AnswerAsync(peer, token, size, execution) && !close;
    }

    private async Task<bool> AnswerAsync(HttpPeer peer, string token, int size, Execution? execution)
    {
        int status = 200;
        switch (_fault)
        {
            case Fault.HangThenDie or Fault.HangThenAnswer:
                await _faultOver.Task;
                break;
            case Fault.Garbage:
                await peer.SendAsync("\u0001\u0002 this is no HTTP\r\n\r\n"u8.ToArray(), _stop.Token);
                return false;
            case Fault.CloseInBody:
                execution?.Answer = AnswerState.BrokenAfterHead;
                byte[] part = Answer(200, token, size);
                await peer.SendAsync(part.AsMemory(..^((size + 1) / 2)), _stop.Token);
                return false;
            case Fault.Slow:
                await Schedule.PassAsync(TimeSpan.FromMilliseconds(Draw(50, 300)), _stop.Token);
                break;
            case Fault.Unavailable:
                status = 503;
                break;
        }

        // Closed in the middle of this, it may have got out in part; on loopback all of it is with the reader at its end.
        execution?.Answer = AnswerState.BrokenAfterHead;
        await peer.SendAsync(Answer(status, token, size), _stop.Token);
        execution?.Answer = AnswerState.Whole;
        return true;
    }

    private async Task<bool> NextAsync(HttpPeer peer)
    {
        if (_fault != Fault.CloseIdle)
        {
            return await peer.WaitAsync(_stop.Token);
        }

        using var moment = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        moment.CancelAfter(Draw(1, 20));
        return await peer.WaitAsync(moment.Token);
    }

    private byte[] Answer(int status, string token, int size) =>
    [
        .. Encoding.Latin1.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status} {(status == 200 ? "OK" : "Unavailable")}\r\nContent-Length: {size}\r\nX-Token: {token}\r\nX-Replica: {Name}\r\n\r\n")),
        .. Payload(token, size),
    ];

    /// <summary>The body that belongs to a token, of either direction: the token again and again.</summary>
    internal static byte[] Payload(string token, int size)
    {
        byte[] payload = new byte[size];
        for (int i = 0; i < size; i++)
        {
            payload[i] = (byte)(i % (token.Length + 1) is var at && at < token.Length ? token[at] : ' ');
        }

        return payload;
    }

    private int Draw(int from, int to)
    {
        lock (_random)
        {
            return _random.Next(from, to);
        }
    }
}
