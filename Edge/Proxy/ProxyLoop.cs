using System.Net;
using Edge.Config;
using Edge.Contract;
using Edge.Io;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>
/// One loop of the data plane: it accepts connections, and does to all of them what the rest of the process asks for. It composes what they need: the
/// <see cref="Context"/> that all share, the services, the pools to the replicas, the clients. It shares one reference with other loops: the table.
/// </summary>
internal sealed class ProxyLoop : EventLoop
{
    private readonly RoutingTableCell _tableCell;
    private readonly UpstreamPools _pools;
    private readonly LoopClients _clients;

    /// <param name="number">The number of the loop, from 0 on.</param>
    /// <param name="options">The options at the start.</param>
    /// <param name="loops">How many loops there are.</param>
    /// <param name="tableCell">Has the table of this turn.</param>
    /// <param name="control">Answers requests for the balancer's own paths.</param>
    /// <param name="clientCounts">The connections that each client has, on all loops.</param>
    /// <param name="handshakeCounts">The TLS handshakes that each client has under way, on all loops.</param>
    /// <param name="rates">How many requests each client sends, on all loops.</param>
    /// <param name="ejectionDue">Told, on the loop's thread, which replica fails so many requests one after the other that it is due to be ejected.</param>
    /// <param name="wake">Told, on the loop's thread, that a request has come for a service that is asleep.</param>
    /// <param name="log">Gets the access log; null for none.</param>
    /// <param name="protocol">How replicas are spoken to; null for HTTP/1.1.</param>
    internal ProxyLoop(
        int number, EdgeOptions options, int loops, RoutingTableCell tableCell, ControlHandler control,
        ClientCounts clientCounts, ClientCounts handshakeCounts, ClientRates rates, Action<Replica> ejectionDue, Action<Service> wake, AccessLog? log = null,
        UpstreamProtocol? protocol = null)
        : base($"edge-loop-{number}", options.IoUring)
    {
        _tableCell = tableCell;
        Context = new LoopContext(this, number, new LoopSettings(options, loops));
        Accounting = new LoopAccounting(Context, log);
        _pools = new UpstreamPools(Context, protocol ?? new Http1Protocol(connectionsInAnyCase: Math.Max(1, Descriptors.ForReplicas / loops)));
        Services = new LoopServices(Context, tableCell.Current, loops, new FailureReports(number, ejectionDue), _pools, rates, wake);
        NewHandlers = client => new RequestHandlers(Context, Accounting, Services, control, client);
        _clients = new LoopClients(Context, clientCounts, handshakeCounts, NewHandlers);
    }

    /// <summary>What the objects of this loop share.</summary>
    internal LoopContext Context { get; }

    /// <summary>What the accounting of this loop's requests shares.</summary>
    internal LoopAccounting Accounting { get; }

    /// <summary>What this loop has of each service.</summary>
    internal LoopServices Services { get; }

    /// <summary>Makes what answers the requests of one client stream.</summary>
    internal Func<ClientStream, RequestHandlers> NewHandlers { get; }

    internal LoopListeners Listeners { get; } = new();

    /// <summary>Adds the loop's counts, those of all services among them, to a sum; from any thread.</summary>
    internal void AddTo(ref LoopCounters sum)
    {
        Context.AddTo(ref sum);
        Services.Counts.AddTo(ref sum.Requests);
    }

    /// <summary>Figures for the status page; from any thread.</summary>
    internal LoopReport Report()
    {
        LoopCounters now = default;
        AddTo(ref now);
        RequestQueue[] queues = [.. Services.All.Select(s => s.Queue)];
        return new(
            Context.Number, now.Turn.Count, now.Clients, Context.Requests, now.AllocatedBytes,
            now.Requests.Waiting, queues.Sum(q => q.Waited), queues.Sum(q => q.WaitedMilliseconds), now.Requests.TurnedAway, now.ClientsRefused)
        { IoUring = SendBatch.IsOpen };
    }

    /// <summary>Listens; before the loop runs. Returns the address with the port that was taken.</summary>
    /// <param name="endpoint">Where.</param>
    /// <param name="role">What is served there.</param>
    /// <param name="isTls">Whether clients speak TLS there.</param>
    internal IPEndPoint Listen(IPEndPoint endpoint, ListenerRole role, bool isTls = false) =>
        Add(new Listener(this, endpoint, (fd, peer) => Accept(fd, peer, role, isTls)) { DescriptorsBelow = DescriptorsBelow(role) }, role, isTls);

    /// <summary>Listens at a socket that another process has opened. Returns the address.</summary>
    internal IPEndPoint Listen(int descriptor, ListenerRole role, bool isTls = false) =>
        Add(new Listener(this, descriptor, (fd, peer) => Accept(fd, peer, role, isTls)) { DescriptorsBelow = DescriptorsBelow(role) }, role, isTls);

    // The operator has to be able to connect above all when clients have taken all of their descriptors.
    private static int DescriptorsBelow(ListenerRole role) => role == ListenerRole.Control ? int.MaxValue : Descriptors.ForClients;

    private IPEndPoint Add(Listener listener, ListenerRole role, bool isTls)
    {
        IPEndPoint taken = Listeners.Add(listener, role, isTls);
        Context.ListenAt(Listeners.DefaultHost, Listeners.DefaultTlsHost, Listeners.TlsPort);
        return taken;
    }

    /// <summary>Puts other settings into effect. On the loop's thread, between two events. A deadline that runs already stays.</summary>
    internal void Reconfigure(LoopSettings settings)
    {
        Context.Settings = settings;
        Accounting.Log.Reconfigure();
    }

    /// <summary>Closes the idle connections to a replica, and tells when nothing is in flight on it. On the loop's thread.</summary>
    internal void Release(Replica replica, TaskCompletionSource<DrainReport> released)
    {
        // The table without the replica was published before, but this turn may have begun earlier: the rest of the turn would still send requests to
        // the replica, and its slot may soon belong to another one.
        TakeTable();
        _pools.Release(replica, released);
    }

    /// <summary>Moves requests that wait for a replica to another one, if that is safe and there is one. On the loop's thread.</summary>
    internal void Relieve(Replica replica)
    {
        TakeTable();
        _pools.Relieve(replica);
    }

    /// <summary>Ends what is still in flight on a replica. On the loop's thread.</summary>
    internal void CutReplica(Replica replica, bool isLost) => _pools.CutActive(replica, isLost);

    /// <summary>Accepts no more connections, and ends the existing ones after their response. On the loop's thread.</summary>
    /// <returns>Completes when the last client has gone.</returns>
    internal Task Drain()
    {
        Listeners.Close();
        Context.BeginDrain(handsOver: false);
        if (!Context.HandedOver)
        {
            EndIdle();
        }

        return _clients.EmptiedAsync();
    }

    /// <summary>
    /// Another process accepts at the same sockets, and this one accepts no more. Connections stay: an idle one may have a request on its way, so
    /// each is told with its next response. On the loop's thread.
    /// </summary>
    internal void HandOver()
    {
        Listeners.LetGo();
        Context.BeginDrain(handsOver: true);
    }

    /// <summary>Ends connections without a request. On the loop's thread.</summary>
    internal void EndIdle()
    {
        foreach (ClientConnection client in RegisteredOf<ClientConnection>())
        {
            client.OnDraining();
            client.Control?.OnDraining();
        }
    }

    /// <summary>Ends every connection now, with an answer if a client waits for one. On the loop's thread.</summary>
    internal void CutAll()
    {
        foreach (ClientConnection client in RegisteredOf<ClientConnection>())
        {
            client.OnProcessEnds();
        }
    }

    // Read once a turn, so that a request sees only one table.
    protected override void OnTurn()
    {
        if (Services.IsMeasuring)
        {
            Services.Measure(Context.Instant);
        }

        TakeTable();
    }

    private void TakeTable() => Services.Take(_tableCell.Current);

    protected override void OnTurnEnded(long waited, long worked)
    {
        ref LoopCounters counters = ref Context.Counters;
        counters.Idle += waited;
        counters.Busy += worked;
        counters.Turn.Add(worked);
        counters.AllocatedBytes = GC.GetAllocatedBytesForCurrentThread();
    }

    protected override void OnStopped()
    {
        foreach (Pollable pollable in RegisteredOf<Pollable>())
        {
            if (pollable is Connection connection)
            {
                connection.Close();
            }
        }

        Context.Release();
    }

    private void Accept(int fd, PeerAddress peer, ListenerRole role, bool isTls)
    {
        ClientConnection client = _clients.New(out bool hasRoom);
        client.Open(fd, peer, role, hasRoom, isTls);
        if (Context.Draining)
        {
            client.OnDraining();
        }
    }
}
