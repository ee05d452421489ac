using System.Runtime.InteropServices;
using Edge.Config;
using Edge.Http;
using Edge.Io;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>
/// One loop of the data plane with all that it owns: connections, pools, buffers, its cursor in the round of replicas and
/// its counters. It shares one reference with others, the table.
/// </summary>
internal sealed unsafe class ProxyLoop : EventLoop
{
    internal const int ReceiveBytes = Limits.ReceiveBytes;

    private const int HeadRoom = Limits.HeadBytes + Limits.HeadGrowthBytes;

    private readonly LoopBlock _block = new();
    private readonly ReplicaTableCell _tableCell;
    private readonly ClientCounts _clientCounts;
    private LoopSettings _settings;
    private uint _random;
    private readonly UpstreamPool?[] _pools = new UpstreamPool?[Limits.Replicas];
    private readonly byte* _memory;
    private readonly byte[] _scratch = GC.AllocateUninitializedArray<byte>(HeadRoom, pinned: true);
    private readonly HttpDate _date = new();
    private readonly int _loops;
    private readonly TaskCompletionSource _emptied = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ResourcePressure _crowding;
    private long _requests;

    internal ProxyLoop(int number, EdgeOptions options, int loops, ReplicaTableCell tableCell, ControlHandler control, ClientCounts clientCounts, Action<Replica> suspected, AccessLog? log = null)
        : base($"edge-loop-{number}", options.IoUring)
    {
        Number = number;
        Free = new FreeObjects(this);
        Control = control;
        _tableCell = tableCell;
        _settings = new LoopSettings(options, loops);
        Failures = new FailureReports(number, _settings.SuspectsStatus, suspected);
        Permits = new RetryPermits(this, new RetryBudget(_settings.RetryPercent, _settings.RetriesPerSecond));
        Queue = new RequestQueue(this, options.Overload, loops);
        Log = new LoopLog(this, log);
        Log.Reconfigure(_settings);
        _random = 0x9E3779B9u * (uint)(number + 1);
        _clientCounts = clientCounts;
        _loops = loops;
        ConnectionsInAnyCase = Math.Max(1, Descriptors.ForReplicas / loops);
        _memory = (byte*)NativeMemory.Alloc(HeadRoom + Limits.HeadBytes + ReceiveBytes);
    }

    internal int Number { get; }

    /// <summary>For the loop's thread to write.</summary>
    internal ref LoopCounters Counters => ref _block.Counters;

    /// <summary>Requests that are over, by what the client was told; as above.</summary>
    internal AnswerTable Answers => _block.Answers;

    /// <summary>The same of the balancer's own paths.</summary>
    internal AnswerTable ControlAnswers => _block.ControlAnswers;

    internal ControlHandler Control { get; }

    internal Timeouts Timeouts => _settings.Timeouts;

    internal ClientLimits ClientLimits => _settings.ClientLimits;

    internal Retries Retries => _settings.Retries;

    internal RetryPermits Permits { get; }

    internal RequestQueue Queue { get; }

    internal FailureReports Failures { get; }

    internal LoopLog Log { get; }

    /// <summary>Whether requests may get what they can be found by; what they get say the other two.</summary>
    internal bool MakesIdentities => StartsTraces || RequestIds != RequestIdRule.Pass;

    internal RandomBits RandomBits = RandomBits.Create();

    internal RequestIdRule RequestIds => _settings.RequestIds;

    internal bool StartsTraces => _settings.StartsTraces;

    /// <summary>Where somebody wants to know what clients see now; else null.</summary>
    internal DrillObserver? View;

    /// <summary>Whether responses carry the name of their replica.</summary>
    internal bool NameReplica => _settings.NameReplica;

    /// <summary>Whether a replica gets to finish an unsafe request whose client has left.</summary>
    internal bool FinishesAbandoned => _settings.FinishesAbandoned;

    /// <summary>Whether CONNECT is answered as a method that nobody here knows.</summary>
    internal bool ConnectIsUnknown => _settings.ConnectIsUnknown;

    /// <summary>The table of this turn.</summary>
    internal ReplicaTable Table { get; private set; } = ReplicaTable.Empty;

    /// <summary>Connections to replicas for which it has descriptors whatever clients take.</summary>
    internal int ConnectionsInAnyCase { get; }

    /// <summary>Where this loop stands in the round; see <see cref="ReplicaTable.Pick"/>.</summary>
    internal uint Cursor;

    internal Head RequestHead { get; } = new();

    internal Head ResponseHead { get; } = new();

    internal PipePool Pipes { get; } = new();

    internal FreeObjects Free { get; }

    /// <summary>
    /// Where everything is read to: room for a head that began earlier and for one read, and before it room for a new head
    /// in front of a body. Shared by all connections of the loop, so that an idle one holds no buffer.
    /// </summary>
    internal byte* ReadArea => _memory + HeadRoom;

    /// <summary>Where heads are written.</summary>
    internal Span<byte> Scratch => _scratch;

    /// <summary>The Via line of a message that came in HTTP/1.0 or 1.1, or empty.</summary>
    internal ReadOnlySpan<byte> ViaLine(int minorVersion) => _settings.ViaLine(minorVersion);

    /// <summary>The same for a request, or empty where they have none.</summary>
    internal ReadOnlySpan<byte> ViaToReplicas(int minorVersion) => _settings.ViaToReplicas ? _settings.ViaLine(minorVersion) : default;

    internal bool RemovesUnderscores => _settings.RemovesUnderscores;

    internal byte[] DefaultHost => Listeners.DefaultHost;

    /// <summary>The process is about to end: every response is its connection's last.</summary>
    internal bool Draining { get; private set; }

    /// <summary>Another process has the addresses now: the service goes on, but not here.</summary>
    internal bool HandedOver { get; private set; }

    /// <summary>Whether there is little room left for other clients.</summary>
    /// <param name="descriptor">Any that is open.</param>
    internal bool IsCrowded(int descriptor) => _crowding.Looks(Now, Counters.Clients, _settings.ConnectionsAtMost, descriptor);

    /// <summary>Requests that were answered, whoever answered.</summary>
    internal long Requests
    {
        get => _requests;
        set => Volatile.Write(ref _requests, value);
    }

    /// <summary>Now, in the form of RFC 9110 §5.6.7.</summary>
    internal ReadOnlySpan<byte> Date => _date.At(Now);

    /// <summary>Figures for the status page; from any thread.</summary>
    internal LoopReport Report()
    {
        LoopCounters now = default;
        AddTo(ref now);
        return new(
            Number, now.Turn.Count, now.Clients, Volatile.Read(ref _requests), now.AllocatedBytes,
            now.Waiting, Queue.Waited, Queue.WaitedMilliseconds, now.TurnedAway, now.ClientsRefused)
        { IoUring = SendBatch.IsOpen };
    }

    /// <summary>Adds what the loop has counted to a sum; from any thread.</summary>
    internal void AddTo(ref LoopCounters sum) => Telemetry.Counters.AddTo(ref _block.Counters, ref sum);

    /// <summary>Listens; before the loop runs. Returns the address with the port that was taken.</summary>
    internal System.Net.IPEndPoint Listen(System.Net.IPEndPoint endpoint, ListenerRole role) =>
        Listeners.Add(new Listener(this, endpoint, (fd, peer) => Accept(fd, peer, role)) { DescriptorsBelow = DescriptorsBelow(role) }, role);

    /// <summary>As the other, at a socket that another process has opened.</summary>
    internal System.Net.IPEndPoint Listen(int descriptor, ListenerRole role) =>
        Listeners.Add(new Listener(this, descriptor, (fd, peer) => Accept(fd, peer, role)) { DescriptorsBelow = DescriptorsBelow(role) }, role);

    // Whoever looks after the balancer has to get in above all when clients have taken what is theirs.
    private static int DescriptorsBelow(ListenerRole role) => role == ListenerRole.Control ? int.MaxValue : Descriptors.ForClients;

    internal LoopListeners Listeners { get; } = new();

    /// <summary>Whether the X-Forwarded-* fields of a client with this address are believed.</summary>
    internal bool IsTrusted(PeerAddress client) => _settings.TrustedProxies.Contains(client);

    /// <summary>
    /// Whether a connection from this address has to begin with a header of the PROXY protocol. It never does where only the
    /// balancer's own paths are served.
    /// </summary>
    internal bool ExpectsProxyHeader(PeerAddress peer, ListenerRole role) =>
        role != ListenerRole.Control && _settings.ProxyProtocolFrom.Contains(peer);

    /// <summary>Counts a connection to its client; false where that has as many as it may.</summary>
    internal bool TryCount(PeerAddress client) => _clientCounts.TryEnter(client);

    /// <summary>Has other settings hold. On the loop's thread, between two events; a deadline that runs already stays.</summary>
    internal void Reconfigure(LoopSettings settings)
    {
        _settings = settings;
        Permits.Budget.Reconfigure(settings.RetryPercent, settings.RetriesPerSecond);
        Failures.CountsStatus = settings.SuspectsStatus;
        Queue.Reconfigure(settings.Overload);
        Log.Reconfigure(settings);
    }

    /// <summary>The next replica for a request, whether it has room or not; null where there is none.</summary>
    /// <param name="failed">One that has failed it just now.</param>
    internal Replica? Pick(Replica? failed)
    {
        if (!_settings.PicksLessLoaded)
        {
            return failed is null ? Table.Pick(ref Cursor) : Table.PickOther(ref Cursor, failed);
        }

        Failures.Places.Expire(Now);
        return Table.PickLessLoaded(ref Cursor, ref _random, Number, failed);
    }

    internal UpstreamPool PoolOf(Replica replica)
    {
        UpstreamPool? pool = _pools[replica.Slot];
        if (pool is null)
        {
            _pools[replica.Slot] = pool = new UpstreamPool(this, replica);
        }

        return pool.Replica == replica
            ? pool : throw new InvalidOperationException($"Slot {replica.Slot} was given to {replica} before {pool.Replica} had been let go of.");
    }

    /// <summary>Closes what is idle of a replica, and tells when nothing is in flight on it. On the loop's thread.</summary>
    internal void Release(Replica replica, TaskCompletionSource<DrainReport> released)
    {
        if (Holds(replica) is { } pool)
        {
            pool.Release(released);
        }
        else
        {
            released.TrySetResult(default);
        }
    }

    /// <summary>Sends what waits for a replica elsewhere, where that is safe and there is another. On the loop's thread.</summary>
    internal void Relieve(Replica replica)
    {
        if (Table.Period > 0)
        {
            Holds(replica)?.Relieve();
        }
    }

    /// <summary>Ends what is still in flight on a replica. On the loop's thread.</summary>
    internal void CutReplica(Replica replica, bool isLost) => Holds(replica)?.CutActive(isLost);

    /// <summary>Has an idle connection to a replica closed with the turn, for its descriptor, and then those that wait look again; false where there is none.</summary>
    internal bool TryCloseIdle()
    {
        if (Counters.PooledConnections == 0 || !_pools.Any(pool => pool is not null && pool.TryCloseIdle()))
        {
            return false;
        }

        Defer(Queue);
        return true;
    }

    private UpstreamPool? Holds(Replica replica) => _pools[replica.Slot] is { } pool && pool.Replica == replica ? pool : null;

    internal void Forget(UpstreamPool pool) => _pools[pool.Replica.Slot] = null;

    /// <summary>Where a client waits for an answer of the balancer's own; null where it is gone, or does not wait any more.</summary>
    internal ControlExchange? FindLocal(int slot, uint generation) => (Find(slot, generation) as ClientConnection)?.Local;

    /// <summary>Takes no more connections and ends those there are after their response. On the loop's thread.</summary>
    /// <returns>Ends when the last client has gone.</returns>
    internal Task Drain()
    {
        Listeners.Close();
        Draining = true;
        if (!HandedOver)
        {
            EndIdle();
        }

        if (Counters.Clients == 0)
        {
            _emptied.TrySetResult();
        }

        return _emptied.Task;
    }

    /// <summary>
    /// Another process accepts at the same sockets, and this one no more. Those that are connected stay: one that is closed
    /// while it is idle may have a request on its way, so each is told with its next response. On the loop's thread.
    /// </summary>
    internal void HandOver()
    {
        Listeners.LetGo();
        HandedOver = Draining = true;
    }

    /// <summary>Ends connections without a request. On the loop's thread.</summary>
    internal void EndIdle()
    {
        foreach (ClientConnection client in RegisteredOf<ClientConnection>())
        {
            client.OnDraining();
            client.Local?.OnDraining();
        }
    }

    /// <summary>Ends every connection now, with an answer where one is waited for. On the loop's thread.</summary>
    internal void CutAll()
    {
        foreach (ClientConnection client in RegisteredOf<ClientConnection>())
        {
            client.OnProcessEnds();
        }
    }

    internal void Recycle(ClientConnection connection)
    {
        if (connection.IsCounted)
        {
            _clientCounts.Leave(connection.Peer);
        }

        Free.Recycle(connection);
        if (--Counters.Clients == 0 && Draining)
        {
            _emptied.TrySetResult();
        }
    }

    protected override void OnTurn()
    {
        // Read once: all requests of a turn see one table, and a message that comes after a swap finds the new one.
        ReplicaTable table = _tableCell.Current;
        if (!ReferenceEquals(table, Table))
        {
            if (_requests == 0)
            {
                Cursor = table.StaggeredStart(Number, _loops);
            }

            Table = table;
            Queue.Reopen();
        }
    }

    protected override void OnTurnEnded(long waited, long worked)
    {
        Counters.Idle += waited;
        Counters.Busy += worked;
        Counters.Turn.Add(worked);
        Counters.AllocatedBytes = GC.GetAllocatedBytesForCurrentThread();
        Counters.Waiting = Queue.Count;
        Counters.TurnedAway = Queue.TurnedAway;
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

        Pipes.Clear();
        NativeMemory.Free(_memory);
    }

    private void Accept(int fd, PeerAddress peer, ListenerRole role)
    {
        ClientConnection client = Free.NewClient();
        client.Open(fd, peer, role, hasRoom: Counters.Clients++ < _settings.ConnectionsAtMost);
        if (Draining)
        {
            client.OnDraining();
        }
    }
}
